"""The figures of a sweep: what their traces hold, against the accuracies that the runs were given."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_lib.figures.comparison.sweep_parallel import parallel_coordinates
from model_lib.figures.comparison.sweep_points import describe_sweep, sweep_figure
from model_lib.figures.text.table import figure_table
from model_lib.runs import create_run
from model_lib.storage.sweep_link import SweepLink
from model_lib.sweeps.results import ResultReader, SweepResults
from model_lib.sweeps.sweep import create_sweep
from tests.sweeps.fake_runs import end, finished_sweep, learn, plan_of


def test_one_setting_has_a_line_for_each_seed_and_the_mean(tmp_path: Path) -> None:
    plan = plan_of({"dropout": (0.0, 0.5)}, seeds=2)
    accuracies = {(0, 1): 0.9, (0, 2): 0.8, (1, 1): 0.7, (1, 2): 0.5}
    results = ResultReader(tmp_path).results_of(finished_sweep(tmp_path, plan, accuracies))
    figure = sweep_figure(results)
    assert [trace.name for trace in figure.data] == ["seed 1", "seed 2", "mean of the seeds"]
    assert list(figure.data[0].y) == pytest.approx([90, 70])
    assert list(figure.data[1].y) == pytest.approx([80, 50])
    assert list(figure.data[2].y) == pytest.approx([85, 60])
    assert figure.layout.xaxis.title.text and figure.layout.yaxis.title.text
    assert describe_sweep(results) == "mean validation accuracy: Dropout 0 85.00 %; Dropout 0.5 60.00 %"
    assert figure_table(figure)["mean of the seeds"] == ["85.00 %", "60.00 %"]


def test_a_run_that_learns_is_open_and_does_not_count_in_the_mean(tmp_path: Path) -> None:
    plan = plan_of({"dropout": (0.0, 0.5)}, seeds=1)
    sweep = create_sweep(plan, tmp_path)
    for point, accuracy in enumerate((0.9, 0.3)):
        run = create_run(*plan.at(point, 1), tmp_path, link=SweepLink(sweep.id, point, 1))
        learn(run, [accuracy])
        if point == 0:
            end(run)
    points, mean = sweep_figure(ResultReader(tmp_path).results_of(sweep)).data
    assert list(points.marker.symbol) == ["circle", "circle-open"]
    assert list(mean.y) == pytest.approx([90])


def test_two_settings_are_a_map_of_means_with_empty_cells_where_nothing_has_ended(tmp_path: Path) -> None:
    plan = plan_of({"batch_size": (16, 64), "dropout": (0.0, 0.5)}, seeds=2)
    accuracies = {(0, 1): 0.9, (0, 2): 0.8, (1, 1): 0.7, (2, 1): 0.6}
    figure = sweep_figure(ResultReader(tmp_path).results_of(finished_sweep(tmp_path, plan, accuracies)))
    (cells,) = figure.data
    assert list(cells.x) == ["16", "64"] and list(cells.y) == ["0", "0.5"]
    assert [list(row) for row in cells.z] == [[pytest.approx(85), pytest.approx(60)], [pytest.approx(70), None]]


@pytest.mark.parametrize(
    "values", [{"learning_rate": (0.0001, 0.1), "optimizer": ("adam", "sgd")}, {"batch_size": (2, 99)}]
)
def test_drawn_points_stand_at_their_values(tmp_path: Path, values: dict[str, tuple[float | int | str, ...]]) -> None:
    plan = plan_of(values, seeds=1, way="random", draws=5)
    accuracies = {(point, 1): 0.5 + 0.05 * point for point in range(5)}
    figure = sweep_figure(ResultReader(tmp_path).results_of(finished_sweep(tmp_path, plan, accuracies)))
    assert sorted(figure.data[0].x) == sorted(point[0] for point in plan.points)
    assert figure.layout.xaxis.type == "log"


def test_a_sweep_without_runs_says_where_it_will_grow() -> None:
    for values in ({"dropout": (0.0, 0.5)}, {"dropout": (0.0, 0.5), "batch_size": (16, 32)}):
        results = SweepResults(plan_of(values), ())
        assert sweep_figure(results).layout.annotations[0].text == "Here it will grow"
        assert "nothing yet" in describe_sweep(results)


def test_parallel_coordinates_have_a_line_for_each_run_from_the_lowest_to_the_highest_of_each_axis(
    tmp_path: Path,
) -> None:
    plan = plan_of({"learning_rate": (0.001, 0.01, 0.1), "optimizer": ("adam", "sgd")}, seeds=1)
    accuracies = {(point, 1): 0.4 + 0.1 * point for point in range(6)}
    figure = parallel_coordinates(ResultReader(tmp_path).results_of(finished_sweep(tmp_path, plan, accuracies)))
    assert len(figure.data) == 6
    lines = {line.hovertext: list(line.y) for line in figure.data}
    # Learning rate 0.01 is in the middle of its logarithmic axis; point 3 of 0 to 5 is at 3/5 of both accuracies.
    (third,) = [line for text, line in lines.items() if text.startswith("Learning rate 0.01, Optimizer SGD")]
    assert third == pytest.approx([0.5, 1.0, 0.6, 0.6])
    assert {"0.001", "0.01", "0.1", "Adam", "SGD with momentum", "40.00 %", "90.00 %"} <= {
        note.text for note in figure.layout.annotations
    }
    assert figure.data[-1].name == "best point"
