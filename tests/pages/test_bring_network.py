"""Bring a network: an ordinary file is read and becomes the chosen run, a hostile one gives a message."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.runs import list_runs
from tests.own_networks.files import hostile_files, keras_file
from tests.support.app_server import PROJECT
from tests.support.patience import run_until_computed
from ui.own_networks import upload


def _open() -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120).run()
    return app.switch_page("pages/bring_network.py").run()


def _bring(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader[0].upload("mine.keras", content, "application/octet-stream").run()
    return run_until_computed(app)


def test_a_hostile_file_gives_a_message_and_no_run(runs_folder: Path) -> None:
    content = hostile_files(str(runs_folder / "canary"))["CVE-2024-3660 Lambda bytecode"]
    app = _bring(_open(), content)
    assert "Lambda layer" in app.error[0].value
    assert not list_runs(runs_folder) and not (runs_folder / "canary").exists()


def test_an_ordinary_file_becomes_the_chosen_run_and_one_click_deletes_it(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "shared_worker", lambda: _Worker())
    app = _bring(_open(), keras_file())
    next(button for button in app.button if button.label == "Use this network").click().run()
    run_until_computed(app)
    (run,) = list_runs(runs_folder)
    assert app.query_params["run"] in (run.id, [run.id])
    next(button for button in app.button if button.label == "Delete").click().run()
    assert not list_runs(runs_folder)
    next(button for button in app.button if button.label == "Undo").click().run()
    assert list_runs(runs_folder) == [run]


class _Worker:
    obstacle = None

    def compute(self, computation: object, report: object) -> None:
        """Writes no network.keras: that takes TensorFlow."""
