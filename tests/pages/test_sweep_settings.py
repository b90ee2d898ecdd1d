"""Sweep: what is said before the start, what a started one shows, and what it says at the end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.runs import create_run, list_runs
from model_lib.storage.sweep_link import SweepLink
from model_lib.sweeps.sweep import create_sweep, list_sweeps
from tests.support.app_server import PROJECT
from tests.sweeps.fake_runs import end, finished_sweep, learn, plan_of
from ui.sweep import form, view


class _NoDriver:
    """Notes that it was woken, and starts nothing."""

    woken = 0

    def wake(self) -> None:
        _NoDriver.woken += 1


@pytest.fixture(autouse=True)
def _no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    _NoDriver.woken = 0
    for module in (form, view):
        monkeypatch.setattr(module, "shared_driver", _NoDriver)


def open_page(**address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    return settled(app.run().switch_page("pages/sweep_settings.py").run())


def settled(app: AppTest) -> AppTest:
    """Lets the page run again until the statistics are there."""
    assert not app.exception
    while any("Comparing" in each.proto.text or "Drawing" in each.proto.text for each in app.get("progress")):
        time.sleep(0.1)
        app.run()
        assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    return settled(app)


def text_of(app: AppTest) -> str:
    return " ".join(
        str(each.value) for kind in (app.markdown, app.error, app.caption, app.info, app.header) for each in kind
    )


def test_the_number_of_runs_and_the_time_are_said_before_the_start(runs_folder: Path) -> None:
    app = open_page()
    assert "**9 runs**: 3 values x 3 seeds" in text_of(app)
    assert "has not been trained here yet" in text_of(app) and "400 validation images" in text_of(app)
    run = create_run(*plan_of({"batch_size": (16, 64)}).at(0, 1), runs_folder)
    learn(run, [0.9])
    end(run)
    form.speed_of.__globals__["_speed"].clear()
    assert "by the speed of 1 earlier run of this network" in text_of(open_page())


def test_the_plan_follows_the_form_and_start_writes_it(runs_folder: Path) -> None:
    app = open_page()
    app.selectbox(key="sweep_factor_0").set_value("batch_size").run()
    app.text_input(key="sweep_values_batch_size").set_value("16; 64").run()
    app.selectbox(key="sweep_factor_1").set_value("optimizer").run()
    app.multiselect(key="sweep_values_optimizer").set_value(["adam", "sgd"]).run()
    app.number_input(key="sweep_seeds").set_value(2).run()
    assert "**8 runs**: 4 points x 2 seeds" in text_of(app) and "take 3 or more" in text_of(app)
    press(app, "Start the sweep")
    (sweep,) = list_sweeps(runs_folder)
    assert dict(sweep.plan.values) == {"batch_size": (16, 64), "optimizer": ("adam", "sgd")}
    assert sweep.state == "running" and _NoDriver.woken == 1
    assert app.query_params["sweep"] in (sweep.id, [sweep.id])
    assert app.header[0].value == "Batch size x Optimizer · Dense network"
    assert any("0 of 8 runs" in each.proto.text for each in app.get("progress"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.1, 1000", '"Learning rate" must be a number from 1e-07 to 100. Received: 1000'),
        ("0.001, a", '"Learning rate" needs numbers with commas between them. Received: `a`'),
        ("0.1, **x**", "needs numbers with commas between them. Received: `**x**`"),
        ("0.1", "two values or more"),
        ("", "at least one value"),
    ],
)
def test_invalid_values_are_named_and_nothing_can_be_started(text: str, said: str) -> None:
    app = open_page()
    app.text_input(key="sweep_values_learning_rate").set_value(text).run()
    assert not app.exception
    assert said in app.error[0].value
    assert next(button for button in app.button if button.label == "Start the sweep").disabled
    app.text_input(key="sweep_values_learning_rate").set_value("0.1, 0.01").run()
    assert not app.error


def test_too_many_runs_are_refused() -> None:
    app = open_page()
    app.number_input(key="sweep_seeds").set_value(20).run()
    app.text_input(key="sweep_values_learning_rate").set_value("1, 0.1, 0.01, 0.001").run()
    assert "at most 60 runs. Received: 4 points x 20 seeds = 80" in app.error[0].value


def test_random_search_says_how_many_points_it_draws() -> None:
    app = open_page()
    control = next(each for each in app.get("button_group") if each.label == "Which points")
    settled(control.set_value("random").run())
    assert "**30 runs**: 10 points x 3 seeds" in text_of(app)


def test_a_sweep_under_way_says_how_far_it_is_and_is_paused_and_stopped(runs_folder: Path) -> None:
    plan = plan_of({"dropout": (0.0, 0.5)}, seeds=3)
    sweep = create_sweep(plan, runs_folder)
    for place, (point, seed) in enumerate(plan.order()):
        if place == 3:
            break
        run = create_run(*plan.at(point, seed), runs_folder, link=SweepLink(sweep.id, point, seed))
        learn(run, [0.8])
        if place == 0:
            end(run)
    app = open_page(sweep=sweep.id)
    assert any("1 of 6 runs, 2 learn now, about" in each.proto.text for each in app.get("progress"))
    assert len(app.get("plotly_chart")) == 1
    press(app, "Pause")
    assert sweep.state == "paused"
    press(app, "Go on")
    assert sweep.state == "running"
    press(app, "Stop")
    assert sweep.state == "stopping" and _NoDriver.woken == 3


def test_at_the_end_it_says_what_the_setting_did_and_leads_on(runs_folder: Path) -> None:
    plan = plan_of({"dropout": (0.0, 0.5)}, seeds=3)
    accuracies = {(0, 1): 0.90, (0, 2): 0.91, (0, 3): 0.92, (1, 1): 0.60, (1, 2): 0.60, (1, 3): 0.63}
    sweep = finished_sweep(runs_folder, plan, accuracies)
    app = open_page(sweep=sweep.id)
    assert "It is told apart from 0.5: the setting did that." in text_of(app)
    assert "Chosen by the validation images: Dropout 0 (91.00 %, mean of 3 seeds)" in text_of(app)
    assert "not of one trained network" in text_of(app)
    assert len(app.get("plotly_chart")) == 2 and not app.get("progress")
    assert list(app.dataframe[0].value["test, mean"]) == ["90.00 %", "60.00 %"]
    best = next(run for run in list_runs(runs_folder) if run.spec.title.endswith("Dropout 0, seed 3"))
    press(app, "Draw with the best run")
    assert app.title[0].value.startswith("Draw") and app.query_params["run"] in (best.id, [best.id])
    app = press(open_page(sweep=sweep.id), "Compare these runs")
    (named,) = [app.query_params["runs"]] if isinstance(app.query_params["runs"], str) else app.query_params["runs"]
    assert len(named.split(",")) == 2


def test_earlier_sweeps_are_listed_and_one_is_opened(runs_folder: Path) -> None:
    sweep = finished_sweep(runs_folder, plan_of({"dropout": (0.0, 0.5)}, seeds=1), {(0, 1): 0.9, (1, 1): 0.8})
    app = open_page()
    button = next(each for each in app.button if each.key == f"open-{sweep.id}")
    assert "2 runs" in button.label and "finished" in button.label
    settled(button.click().run())
    assert app.header[0].value == "Dropout · Dense network"
    press(app, "New sweep")
    assert any(each.label == "Start the sweep" for each in app.button)


@pytest.mark.parametrize("name", ["../..", "20260101-000000-abcd", "**x**"])
def test_an_address_of_no_sweep_shows_the_form(name: str) -> None:
    assert any(each.label == "Start the sweep" for each in open_page(sweep=name).button)


def test_a_damaged_sweep_is_said_to_be_one(runs_folder: Path) -> None:
    sweep = create_sweep(plan_of({"dropout": (0.0, 0.5)}), runs_folder)
    (sweep.folder / "sweep.json").write_text('{"format": 99}')
    assert "newer version" in open_page(sweep=sweep.id).error[0].value
    assert any("cannot be read" in each.label for each in open_page().button)
