"""Leaderboard and Vote as pages: bad addresses are said, and an empty server says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

from streamlit.testing.v1 import AppTest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run, list_runs
from model_lib.storage.notes import RunNotes, read_notes, write_notes
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run
from tests.support.patience import run_until_computed
from tests.sweeps.fake_runs import end, learn


def _open(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120).switch_page(f"pages/{page}.py")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_without_runs_the_board_says_what_to_do_and_a_bad_rule_is_named(runs_folder: Path) -> None:
    app = _open("rank_runs", most_parameters="many")
    assert "`many`" in app.warning[0].value and "Train a network" in app.info[0].value


def test_a_run_without_validation_is_not_ranked_but_listed(runs_folder: Path) -> None:
    finished_run(runs_folder, answers(300))
    without = create_run(PRESETS["mlp"], TrainingConfig(validation="none"), runs_folder)
    end(without)
    app = _open("rank_runs", all="yes")
    assert any("no validation images" in each.value for each in app.markdown)
    assert any("ended before its first whole epoch" in each.value for each in app.markdown)


def test_two_runs_vote(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(300, seed)) for seed in (1, 2)]
    app = _open("vote_together", runs=",".join(run.id for run in runs))
    assert app.metric[0].label == "Accuracy of the vote"


def _ranked(root: Path, accuracy: float) -> Run:
    """Makes a run that ended with an accuracy on 1,200 validation images."""
    run = create_run(PRESETS["mlp"], TrainingConfig(epochs=1, training_images=6_000, validation="last"), root)
    learn(run, [accuracy])
    end(run, accuracy)
    return run


def _headings(app: AppTest) -> list[str]:
    return [each.value for each in app.markdown if each.value.startswith("#")]


def _enter(app: AppTest, run: Run, nickname: str) -> AppTest:
    app.selectbox(key="board-run").set_value(run.id)
    app.text_input(key="board-nickname").set_value(nickname)
    app.button(key="board-save").click().run()
    return run_until_computed(app)


def test_a_nickname_is_entered_changed_and_the_change_undone(runs_folder: Path) -> None:
    run = _ranked(runs_folder, 0.9)
    app = _open("rank_runs")
    assert any("No run is on the board" in each.value for each in app.info)
    _enter(app, run, "  Ada   L ")
    assert read_notes(run.folder).nickname == "Ada L"
    assert _headings(app) == ["## 1", "### Ada L", "### 90.00 %"]
    _enter(app, run, "Grace")
    assert "### Grace" in _headings(app)
    app.button(key="board-undo").click().run()
    assert "### Ada L" in _headings(run_until_computed(app))
    assert read_notes(run.folder).nickname == "Ada L"
    assert "board-undo" not in [each.key for each in app.button]


def test_the_network_of_the_sidebar_is_the_one_that_is_entered_at_first(runs_folder: Path) -> None:
    for run in (_ranked(runs_folder, 0.9), _ranked(runs_folder, 0.8)):
        assert run_until_computed(_open("rank_runs", run=run.id)).selectbox(key="board-run").value == run.id
    # Of two runs of the same second the end of the id decides which is newer.
    assert run_until_computed(_open("rank_runs")).selectbox(key="board-run").value == list_runs(runs_folder)[0].id


def test_the_run_that_stands_in_the_form_at_the_click_is_entered(runs_folder: Path) -> None:
    runs = [_ranked(runs_folder, accuracy) for accuracy in (0.9, 0.8)]
    for run, nickname in zip(runs, ("Ada", "Grace"), strict=True):
        app = _open("rank_runs")  # a choice, a name and a click, before the page has run once more
        _enter(app, run, nickname)
    assert [read_notes(run.folder).nickname for run in runs] == ["Ada", "Grace"]


def test_the_form_says_as_what_the_chosen_run_is_on_the_board(runs_folder: Path) -> None:
    run, other = _ranked(runs_folder, 0.9), _ranked(runs_folder, 0.8)
    write_notes(run.folder, RunNotes(nickname="Ada *L*"))
    app = run_until_computed(_open("rank_runs", run=run.id))
    assert any(each.value == "It is on the board as `Ada *L*`." for each in app.caption)
    run_until_computed(app.selectbox(key="board-run").set_value(other.id).run())
    assert not any("on the board as" in each.value for each in app.caption)


def test_an_empty_nickname_takes_a_run_off_the_board_and_undo_puts_it_back(runs_folder: Path) -> None:
    run = _ranked(runs_folder, 0.9)
    app = _enter(_open("rank_runs"), run, "Ada")
    _enter(app, run, "")
    assert "is off the board" in app.success[0].value
    assert not _headings(app)
    app.button(key="board-undo").click().run()
    assert "### Ada" in _headings(run_until_computed(app))


def test_markup_in_a_nickname_is_shown_as_text(runs_folder: Path) -> None:
    run = _ranked(runs_folder, 0.9)
    app = _enter(_open("rank_runs"), run, "<b>x</b> **y** [z](u)")
    assert "### `<b>x</b> **y** [z](u)`" in _headings(app)


def test_a_nickname_for_a_run_that_was_deleted_meanwhile_makes_no_folder_anew(runs_folder: Path) -> None:
    run, _other = _ranked(runs_folder, 0.9), _ranked(runs_folder, 0.8)
    app = _open("rank_runs")
    shutil.rmtree(run.folder)
    app.selectbox(key="board-run").set_value(run.id)
    app.text_input(key="board-nickname").set_value("Ada")
    app.button(key="board-save").click().run()
    run_until_computed(app)
    assert not run.folder.exists()


def test_rules_keep_runs_out_and_the_test_accuracy_changes_no_place(runs_folder: Path) -> None:
    worse, better = _ranked(runs_folder, 0.80), _ranked(runs_folder, 0.95)
    app = run_until_computed(_open("rank_runs", all="yes"))
    places = [each for each in _headings(app) if each.startswith("## ") or "%" in each]
    assert places == ["## 1", "### 95.00 %", "## 2", "### 80.00 %"]
    write_notes(worse.folder, RunNotes(nickname="Ada"))
    app.toggle(key="board-test").set_value(True).run()
    assert places == [each for each in _headings(run_until_computed(app)) if each.startswith("## ") or "%" in each]
    assert sum("Test accuracy: **" in each.value for each in app.markdown) == 2
    few = _open("rank_runs", all="yes", most_parameters="1000")
    assert not _headings(few)
    assert better.folder.exists()
