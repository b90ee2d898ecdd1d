"""All runs: choosing, filters, names and notes, deletion with undo, and the ways on from a run."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run, list_runs
from model_lib.storage.bin import delete_run
from model_lib.storage.notes import RunNotes, read_notes, write_notes
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from ui.compare.records import forget_recorded_runs


def open_page(**address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    app.run()
    app.switch_page("pages/list_runs.py")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def choose(app: AppTest, *runs: Run) -> AppTest:
    app.multiselect(key="chosen_runs").set_value([run.id for run in runs]).run()
    assert not app.exception
    return app


def names(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["name"])


@pytest.fixture
def runs(runs_folder: Path) -> list[Run]:
    made = [create_run(PRESETS[name], TrainingConfig(), runs_folder) for name in ("mlp", "two_conv", "mlp")]
    for run in made:
        run.set_state("finished")
    return list_runs(runs_folder)


def test_without_a_run_the_page_says_how_the_first_one_is_trained() -> None:
    app = open_page()
    assert "No network has been trained here yet" in app.info[0].value
    assert app.button(key="train_first").label == "Train a network"


def test_all_runs_stand_in_the_table_the_newest_first(runs: list[Run]) -> None:
    app = open_page()
    assert names(app) == [run.title for run in runs]


def test_a_link_brings_filter_columns_and_chosen_runs_and_bad_ones_lose_nothing(runs: list[Run]) -> None:
    app = open_page(find="convolutions", columns="note,nonsense", runs=f"{runs[0].id},nowhere")
    assert len(names(app)) == 1
    assert list(app.dataframe[0].value.columns) == ["name", "note"]
    assert app.multiselect(key="chosen_runs").value == [runs[0].id]  # though the filter hides it
    app = open_page(least="many", state="dancing")
    press(app, "clear_filters")
    assert len(names(app)) == 3


def test_a_name_is_shown_as_text_on_all_pages(runs: list[Run]) -> None:
    write_notes(runs[0].folder, RunNotes(title="**a** <b>b</b> :red[c]"))
    app = choose(open_page(), runs[0])
    assert names(app)[0].startswith("**a** <b>b</b> :red[c] · ")
    assert any("`**a** <b>b</b> :red[c] · " in element.value for element in app.markdown)
    app.switch_page("pages/train.py")
    app.query_params["run"] = runs[0].id
    app.run()
    assert not app.exception


def test_name_nickname_and_note_are_written_into_the_run_and_seen_at_once(runs: list[Run]) -> None:
    app = choose(open_page(), runs[1])
    app.text_input(key=f"name-{runs[1].id}").set_value("Mine")
    app.text_input(key=f"nickname-{runs[1].id}").set_value("Ada")
    app.text_area(key=f"note-{runs[1].id}").set_value("dropout helps")
    next(button for button in app.button if button.label == "Save").click().run()
    assert read_notes(runs[1].folder) == RunNotes("Mine", "Ada", "dropout helps")
    assert f"Mine · {runs[1].id[-4:]}" in names(app)
    press(app, "star_runs")
    assert read_notes(runs[1].folder) == RunNotes("Mine", "Ada", "dropout helps", is_starred=True)
    assert "★" in list(app.dataframe[0].value["star"])


def test_saving_a_note_leaves_the_nickname_that_somebody_else_has_entered_meanwhile(runs: list[Run]) -> None:
    app = choose(open_page(), runs[1])
    for note in ("first", "second"):
        write_notes(runs[1].folder, replace(read_notes(runs[1].folder), nickname=f"Ben {note}"))
        app.text_area(key=f"note-{runs[1].id}").set_value(note)
        next(button for button in app.button if button.label == "Save").click().run()
        assert read_notes(runs[1].folder) == RunNotes(nickname=f"Ben {note}", note=note)


def test_a_star_that_cannot_be_written_is_told(runs: list[Run]) -> None:
    app = choose(open_page(), runs[1])
    shutil.rmtree(runs[1].folder)
    app.button(key="star_runs").click().run()
    assert not app.exception and "could not be written" in app.error[0].value


def test_all_runs_chosen_at_the_click_are_brought_back(runs: list[Run], runs_folder: Path) -> None:
    for run in runs[:2]:
        delete_run(run)
    app = open_page()
    app.session_state["bin"] = True
    app.run()
    app.multiselect(key="deleted_runs").set_value([run.id for run in runs[:1]]).run()
    app.multiselect(key="deleted_runs").set_value([run.id for run in runs[:2]])  # and a click before the page has run
    press(app, "restore_runs")
    assert {run.id for run in runs} == {run.id for run in list_runs(runs_folder)}


def test_runs_are_deleted_and_come_back_by_undo_and_from_the_bin(runs: list[Run], runs_folder: Path) -> None:
    app = press(choose(open_page(), *runs[:2]), "delete_runs")
    assert list_runs(runs_folder) == runs[2:]
    assert names(app) == [runs[2].title]
    press(app, "undo_deletion")
    assert list_runs(runs_folder) == runs
    assert set(app.multiselect(key="chosen_runs").value) == {run.id for run in runs[:2]}
    press(choose(app, runs[0]), "delete_runs")
    assert len(list_runs(runs_folder)) == 2


def test_a_run_in_the_queue_stays_and_the_page_says_that_it_must_be_stopped_first(
    runs: list[Run], runs_folder: Path
) -> None:
    queued = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    app = press(choose(open_page(), queued, runs[0]), "delete_runs")
    assert queued.exists
    assert not runs[0].exists
    assert "Stop it first" in app.error[0].value


def test_again_with_one_change_fills_the_form_also_where_it_showed_another_network(runs: list[Run]) -> None:
    app = choose(open_page(), runs[0])
    app.button(key="one-again").click().run()
    assert not app.exception
    assert app.title[0].value == "Train a network"
    assert app.selectbox(key="chosen_preset").value.endswith(runs[0].id)


def test_two_runs_are_compared_and_more_than_eight_are_not(runs: list[Run], runs_folder: Path) -> None:
    app = choose(open_page(), *runs[:2])
    assert app.query_params["runs"] == f"{runs[0].id},{runs[1].id}"
    app.button(key="compare-pages/judge_difference.py").click().run()
    assert app.title[0].value == "Is it chance?"
    more = [create_run(PRESETS["mlp"], TrainingConfig(), runs_folder) for _ in range(7)]
    forget_recorded_runs()  # they were read within the last second
    app = choose(open_page(), *runs[:2], *more)
    assert app.button(key="compare-pages/compare_runs.py").disabled
