"""What tests of single pages share: a folder for runs, and a process as warm as the server's."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import streamlit as st

from ui.shell import router
from ui.shell.startup import keep_compiled_functions


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    """Brings the process into the state of a warm server, in which a run of a page takes half a second less."""
    import keras

    assert keras.backend.backend() == "tensorflow"
    keep_compiled_functions()
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for the runs; the app's own is left alone."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setenv("RUNS_FOLDER", str(folder))
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path / "digits"))
    # A page that is opened alone has not come through the router, and would be sent there for ever.
    monkeypatch.setattr(router, "begin_page", st.title)
    return folder
