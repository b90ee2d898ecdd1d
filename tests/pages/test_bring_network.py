"""Bring a network: an ordinary file is read and becomes the chosen run, a hostile one gives a message."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.own_networks import keeping
from model_lib.own_networks.run_zip import BroughtRun
from model_lib.own_networks.zip_members import NoPlaceError
from model_lib.runs import list_runs
from tests.own_networks.files import hostile_files, keras_file
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run
from tests.support.patience import run_until_computed
from ui.own_networks import owner, run_zip, upload


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


def _click(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    return run_until_computed(app)


@pytest.fixture
def same_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each opened page is of one browser, as its cookie says, also after it was reloaded."""
    monkeypatch.setattr(upload, "shared_worker", lambda: _Worker())
    monkeypatch.setattr(owner, "visitor", lambda: "x" * 64)


@pytest.mark.usefixtures("same_browser")
def test_a_network_that_was_deleted_is_kept_again_when_its_file_is_brought_again_after_a_reload(
    runs_folder: Path,
) -> None:
    content = keras_file()
    app = _click(_bring(_open(), content), "Use this network")
    (first,) = list_runs(runs_folder)
    _click(app, "Delete")
    reloaded = _click(_bring(_open(), content), "Use this network")
    (second,) = list_runs(runs_folder)
    assert second != first
    assert reloaded.query_params["run"] in (second.id, [second.id])


@pytest.mark.usefixtures("same_browser")
def test_a_refusal_stands_above_the_form_which_keeps_the_name_and_works_once_there_is_room(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_OF_ONE", 1)
    content = keras_file()
    app = _bring(_click(_bring(_open(), content), "Use this network"), content)
    next(field for field in app.text_input if field.label == "Name").set_value("Second")
    _click(app, "Use this network")
    assert "You can keep 1 network" in app.error[0].value
    assert next(field for field in app.text_input if field.label == "Name").value == "Second"
    _click(app, "Delete")
    _click(app, "Use this network")
    assert not app.error
    assert ["Second" in run.title for run in list_runs(runs_folder)] == [True]


def _bring_zip(app: AppTest, content: bytes) -> AppTest:
    uploader = next(each for each in app.file_uploader if each.key == "run_zip_file")
    return run_until_computed(uploader.upload("run.zip", content, "application/zip").run())


def test_a_runs_zip_is_brought_once_and_again_after_its_run_was_deleted(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(content: bytes, *arguments: object, **options: object) -> BroughtRun:
        return BroughtRun(finished_run(runs_folder, answers(300)), ())

    monkeypatch.setattr(run_zip, "read_run_zip", read)
    app = _bring_zip(_open(), b"PK")
    (first,) = list_runs(runs_folder)
    assert "Brought" in _bring_zip(app, b"PK").success[0].value
    assert list_runs(runs_folder) == [first]
    shutil.rmtree(first.folder)
    run_until_computed(app.run())
    assert not app.success and "has been deleted" in app.info[0].value
    assert not list_runs(runs_folder), "nobody has brought it again"
    app = _bring_zip(app, b"PK")
    (second,) = list_runs(runs_folder)
    assert second != first and "Brought" in app.success[0].value


def test_a_full_disk_leaves_a_button_that_brings_the_same_zip(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_full = True

    def read(content: bytes, *arguments: object, **options: object) -> BroughtRun:
        if is_full:
            raise NoPlaceError("The run could not be written: No space left on device.")
        return BroughtRun(finished_run(runs_folder, answers(300)), ())

    monkeypatch.setattr(run_zip, "read_run_zip", read)
    app = _bring_zip(_open(), b"PK")
    assert app.error[0].value == "The run could not be written: No space left on device."
    is_full = False
    _click(app, "Try again")
    assert not app.error and len(list_runs(runs_folder)) == 1


class _Worker:
    obstacle = None

    def compute(self, computation: object, report: object) -> None:
        """Writes no network.keras: that takes TensorFlow."""
