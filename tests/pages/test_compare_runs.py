"""The page Side by side: which runs are chosen, by hand, by a click and by the address, and what is then shown."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.comparison.record import read_record
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run
from model_lib.storage.events import EpochEnd, Evaluated, Started, Steps, append_event
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import brought_network
from ui.compare import cost
from ui.compare.records import forget_recorded_runs
from ui.compare.side_by_side import USUAL_SMOOTHING, parse_view, view_to_params


def _run(root: Path, preset: str = "mlp", accuracy: float = 0.9, **settings: object) -> Run:
    """Makes a run of two epochs of three steps, without weights."""
    config = TrainingConfig.from_dict({"batch_size": 32, "epochs": 2, **settings})
    run = create_run(PRESETS[preset], config, root)
    append_event(run.folder, Started(steps_per_epoch=3, epochs=2, images=90, parameters=10, epoch=0, step=0))
    for epoch in range(2):
        values = (0.5, 0.6, 0.7)
        append_event(run.folder, Steps(epoch=epoch, step=0, loss=values, accuracy=values, seconds=3.0 + epoch))
        validated = {"validation_loss": 0.4, "validation_accuracy": accuracy} if config.validation != "none" else {}
        metrics = {"loss": 0.5, "accuracy": 0.5, "images_per_second": 1.0, "seconds": 3.0 + epoch}
        append_event(run.folder, EpochEnd(epoch=epoch + 1, **metrics, **validated))
    append_event(run.folder, Evaluated(test_loss=0.4, test_accuracy=accuracy - 0.1, seconds=4.0, epochs=2))
    run.set_state("finished")
    return run


def _open(*runs: Run, **address: str) -> AppTest:
    forget_recorded_runs()
    app = AppTest.from_file(PROJECT / "pages" / "compare_runs.py", default_timeout=120)
    app.query_params |= ({"runs": ",".join(run.id for run in runs)} if runs else {}) | address
    return _again(app)


def _again(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def _address(app: AppTest, name: str) -> str:
    value = app.query_params.get(name, "")
    return value[0] if isinstance(value, list) else value


def _traces(app: AppTest, place: int) -> dict[str, dict[str, object]]:
    figure = json.loads(app.get("plotly_chart")[place].proto.spec)
    return {trace["name"]: trace for trace in figure["data"] if "name" in trace}


def _numbers(values: object) -> list[float]:
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    assert isinstance(values, list)
    return values


def _words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info, *app.warning])


def test_a_chosen_run_that_another_visitor_deletes_meanwhile_leaves_the_prices_whole(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mnist, fashion = _run(runs_folder), _run(runs_folder, dataset="fashion_mnist")
    monkeypatch.setattr(cost, "recorded_runs", lambda: (read_record(fashion),))
    assert "Only runs on the same data can be compared: MNIST digits. Left out:" in _words(_open(mnist, of="all"))


def test_two_networks_that_were_brought_are_not_said_to_have_been_trained_alike(runs_folder: Path) -> None:
    app = _open(brought_network(runs_folder, "Anna"), brought_network(runs_folder, "Ben"))
    words = _words(app)
    assert "Nothing that is known of these networks differs. Brought as a file, so how it was trained is not" in words
    assert "random seed too" not in words
    app = _open(brought_network(runs_folder, "Carl"), _run(runs_folder), settings="all")
    (table,) = [each.value for each in app.table if "Batch size" in list(each.value.iloc[:, 0])]
    (row,) = [list(row)[1:] for row in table.itertuples(index=False) if row[0] == "Batch size"]
    assert row == ["not known", "32"]


def test_before_any_training_the_page_says_so_and_leads_to_train(runs_folder: Path) -> None:
    app = _open()
    assert "Nothing has been trained yet" in _words(app)
    assert [button.label for button in app.button] == ["Train a network"]


def test_one_click_compares_the_last_two(runs_folder: Path) -> None:
    old = _run(runs_folder, seed=1).folder
    old.rename(runs_folder / "20200101-000000-mlp-0000")
    last = {_run(runs_folder, seed=seed).id for seed in (2, 3)}
    app = _open()
    assert not app.get("plotly_chart")
    app.button(key="compare_last_two").click()
    _again(app)
    assert set(app.multiselect(key="compared_runs").value) == set(_address(app, "runs").split(",")) == last
    assert len(app.get("plotly_chart")) == 3


def test_both_runs_are_drawn_over_each_other_with_the_same_colour_on_all_charts(runs_folder: Path) -> None:
    runs = [_run(runs_folder), _run(runs_folder, "cnn_3x3", 0.95)]
    app = _open(*runs, smooth="0", over="seconds")
    loss, accuracy, cost = (_traces(app, place) for place in range(3))
    for run in runs:
        assert _numbers(loss[run.title]["x"]) == pytest.approx([1, 2, 3, 10 / 3, 11 / 3, 4])
        assert _numbers(loss[run.title]["y"]) == pytest.approx([0.5, 0.6, 0.7] * 2)
        assert _numbers(accuracy[f"{run.title}, validation"]["x"]) == pytest.approx([3, 4])
        colours = {loss[run.title]["line"]["color"], cost[run.title]["marker"]["color"]}
        assert len(colours) == 1
    assert loss[runs[0].title]["line"]["color"] != loss[runs[1].title]["line"]["color"]


def test_the_table_marks_what_differs_with_a_symbol_and_shows_nothing_else_until_asked(runs_folder: Path) -> None:
    app = _open(_run(runs_folder), _run(runs_folder, batch_size=64))
    (table,) = app.table
    assert table.value.iloc[:, 0].tolist() == ["≠ **Batch size**"]
    assert table.value.iloc[0, 1:].tolist() == ["**32**", "**64**"]
    app.segmented_control(key="side-settings").set_value("all")
    _again(app)
    (table,) = app.table
    rows = dict(zip(table.value.iloc[:, 0], table.value.iloc[:, 1], strict=True))
    assert rows["Optimizer"] == "Adam" and rows["≠ **Batch size**"] == "**32**"
    assert _address(app, "settings") == "all"


def test_another_random_seed_alone_is_said_to_be_all_that_differs(runs_folder: Path) -> None:
    app = _open(_run(runs_folder, seed=1), _run(runs_folder, seed=2))
    assert "Only the random seed differs" in _words(app) and "rows differ" not in _words(app)


def test_equal_settings_are_said_to_be_equal(runs_folder: Path) -> None:
    app = _open(_run(runs_folder), _run(runs_folder))
    assert not app.table
    assert "are the same, the random seed too" in _words(app)


def test_choosing_uses_validation_images_and_the_test_images_are_said_to_be_the_last_look(runs_folder: Path) -> None:
    with_images, without = _run(runs_folder, accuracy=0.9), _run(runs_folder, validation="none")
    app = _open(with_images, without)
    assert "cannot be ranked" in _words(app) and "last look" not in _words(app)
    assert without.title not in _traces(app, 2)
    assert _numbers(_traces(app, 2)[with_images.title]["y"]) == pytest.approx([90.0])
    app.segmented_control(key="side-judge").set_value("test")
    _again(app)
    assert "last look" in _words(app)
    assert _numbers(_traces(app, 2)[without.title]["y"]) == pytest.approx([80.0])


def test_all_runs_can_be_shown_beside_the_chosen_ones(runs_folder: Path) -> None:
    chosen, other = _run(runs_folder), _run(runs_folder, "cnn_3x3")
    app = _open(chosen, of="all", price="multiplications")
    traces = _traces(app, 2)
    assert traces["other runs"]["customdata"] == [other.id]
    assert _numbers(traces["other runs"]["x"]) == [888_192]
    assert traces[chosen.title]["customdata"] == [chosen.id]


def test_runs_on_other_data_are_left_out_of_the_chart_of_price_and_named(runs_folder: Path) -> None:
    app = _open(_run(runs_folder), _run(runs_folder, "cnn_3x3", dataset="fashion_mnist"))
    assert "Only runs on the same data can be compared: MNIST" in _words(app)
    assert len([name for name in _traces(app, 2) if "Pareto" not in name]) == 1


def test_a_deleted_run_and_nonsense_in_the_address_are_named_and_the_rest_is_shown(runs_folder: Path) -> None:
    run = _run(runs_folder)
    app = _open(runs=f"{run.id},../../etc,**bold**", over="miles", smooth="-1", price="euros")
    words = _words(app)
    for text in ("`../../etc`", "`**bold**`", "`over=miles`", "`smooth=-1`", "`price=euros`"):
        assert text in words
    assert app.multiselect(key="compared_runs").value == [run.id]
    assert len(app.get("plotly_chart")) == 3
    assert "miles" not in _words(_again(app))  # said once


def test_an_address_with_too_many_runs_shows_eight_and_says_so(runs_folder: Path) -> None:
    app = _open(*(_run(runs_folder, seed=seed) for seed in range(9)))
    assert "The address asks for 9 runs. The first 8 are shown." in _words(app)
    assert len(app.multiselect(key="compared_runs").value) == 8


def test_what_is_chosen_stands_in_the_address_and_comes_back_from_it(runs_folder: Path) -> None:
    run = _run(runs_folder)
    app = _open(run)
    for name, word in {"over": "steps", "lines": "validation", "range": "close", "judge": "test", "of": "all"}.items():
        app.segmented_control(key=f"side-{name}").set_value(word)
        _again(app)
        assert _address(app, name) == word
    app.slider(key="side-smooth").set_value(90)
    _again(app)
    address = {name: _address(app, name) for name in app.query_params}
    again = _open(**address)
    assert again.slider(key="side-smooth").value == 90
    assert again.segmented_control(key="side-over").value == "steps"


@pytest.mark.parametrize("parameters", [{}, {"over": "steps"}, {"smooth": "0", "price": "seconds", "of": "all"}])
def test_a_view_goes_through_the_address_unchanged(parameters: dict[str, str]) -> None:
    view = parse_view(parameters)
    assert view_to_params(view) == parameters and not view.problems
    assert parse_view({"smooth": str(USUAL_SMOOTHING)}) == parse_view({})
