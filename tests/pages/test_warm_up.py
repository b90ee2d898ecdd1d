"""What is made ready in the background stays ready while pages come and go."""

from __future__ import annotations

import keras
import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT
from ui.shell.startup import keep_compiled_functions


def test_a_run_of_a_page_does_not_make_keras_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "clear_session", keras.utils.clear_session)  # as Keras comes
    before = keras.backend.get_uid("kept")
    AppTest.from_file(PROJECT / "app.py", default_timeout=60).run()
    assert keras.backend.get_uid("kept") == before, "Streamlit is expected to clear Keras's memory after a run"

    keep_compiled_functions()
    AppTest.from_file(PROJECT / "app.py", default_timeout=60).run()
    assert keras.backend.get_uid("kept") == before + 1
