"""Leaderboard and Vote as pages: bad addresses are said, and an empty server says what to do."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run


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
    app = _open("rank_runs", all="yes")
    assert any("no validation images" in each.value for each in app.markdown)


def test_two_runs_vote(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(300, seed)) for seed in (1, 2)]
    app = _open("vote_together", runs=",".join(run.id for run in runs))
    assert app.metric[0].label == "Accuracy of the vote"
