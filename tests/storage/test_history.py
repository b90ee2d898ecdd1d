"""The course of a training as numbers and curves: nothing lost, nothing twice, never too heavy."""

from __future__ import annotations

import csv
import io
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from model_lib.figures.curves import training_curve
from model_lib.storage.events import EpochEnd, Started, Steps, append_event
from model_lib.storage.history import MAX_POINTS, History


def _start(folder: Path, epoch: int = 0, step: int = 0) -> None:
    append_event(folder, Started(steps_per_epoch=100, epochs=4, images=3200, parameters=1, epoch=epoch, step=step))


def _steps(folder: Path, epoch: int, step: int, losses: list[float], seconds: float) -> None:
    accuracies = (0.5,) * len(losses)
    append_event(folder, Steps(epoch=epoch, step=step, loss=tuple(losses), accuracy=accuracies, seconds=seconds))


def test_a_curve_of_few_steps_shows_every_one(tmp_path: Path) -> None:
    _start(tmp_path)
    _steps(tmp_path, 0, 0, [3.0, 2.0], 1.0)
    _steps(tmp_path, 0, 2, [1.0], 2.0)
    steps, losses = History(tmp_path).update().curve("loss")
    assert steps.tolist() == [1, 2, 3]
    assert losses.tolist() == [3.0, 2.0, 1.0]


def test_a_long_curve_is_light_and_keeps_its_mean(tmp_path: Path) -> None:
    _start(tmp_path)
    losses = np.random.default_rng(1).random(12_345).round(4).tolist()
    _steps(tmp_path, 0, 0, losses, 1.0)
    steps, means = History(tmp_path).update().curve("loss")
    assert len(steps) <= MAX_POINTS
    assert steps[-1] == 12_345
    widths = np.diff(np.concatenate([[0], steps]))
    assert (means * widths).sum() / 12_345 == pytest.approx(np.mean(losses))


def test_each_event_is_read_once_however_often_the_page_looks(tmp_path: Path) -> None:
    _start(tmp_path)
    history = History(tmp_path)
    for step in range(5):
        _steps(tmp_path, 0, step, [1.0], step + 1.0)
        history.update()
        history.update()
    assert history.steps_done == 5


def test_what_a_resumed_training_does_again_replaces_what_was_lost(tmp_path: Path) -> None:
    _start(tmp_path)
    _steps(tmp_path, 0, 0, [9.0] * 100, 1.0)
    append_event(tmp_path, EpochEnd(epoch=1, loss=9.0, accuracy=0.1, seconds=1.0))
    _steps(tmp_path, 1, 0, [8.0] * 30, 1.3)  # lost with the worker
    history = History(tmp_path).update()
    assert history.steps_done == 130
    _start(tmp_path, epoch=1)
    _steps(tmp_path, 1, 0, [7.0] * 10, 1.1)
    history.update()
    assert history.steps_done == 110
    assert history.curve("loss")[1][-10:].tolist() == [7.0] * 10
    assert len(history.epochs) == 1


def test_the_time_left_follows_the_mean_speed(tmp_path: Path) -> None:
    _start(tmp_path)
    _steps(tmp_path, 0, 0, [1.0] * 100, 5.0)
    assert History(tmp_path).update().seconds_left == pytest.approx(15.0)


def test_a_run_without_reports_has_empty_curves(tmp_path: Path) -> None:
    history = History(tmp_path).update()
    assert history.curve("loss")[0].size == 0
    assert history.seconds_left is None
    assert training_curve(history, "loss", "steps", end=5.0).data[0].x.size == 0


def test_the_csv_has_a_line_for_each_epoch(tmp_path: Path) -> None:
    _start(tmp_path)
    append_event(tmp_path, EpochEnd(epoch=1, loss=0.5, accuracy=0.8, validation_loss=0.4, seconds=2.0))
    append_event(tmp_path, EpochEnd(epoch=2, loss=0.3, accuracy=0.9, validation_loss=0.2, seconds=4.0))
    rows = list(csv.DictReader(io.StringIO(History(tmp_path).update().as_csv())))
    assert [(row["epoch"], row["loss"], row["validation_loss"]) for row in rows] == [
        ("1", "0.5", "0.4"),
        ("2", "0.3", "0.2"),
    ]


@pytest.mark.parametrize(("over", "last"), [("steps", 200.0), ("epochs", 2.0)])
def test_the_axis_counts_in_steps_or_epochs_and_validation_stands_at_the_epochs_end(
    tmp_path: Path, over: str, last: float
) -> None:
    _start(tmp_path)
    for epoch in (0, 1):
        _steps(tmp_path, epoch, 0, [1.0] * 100, epoch + 1.0)
        append_event(tmp_path, EpochEnd(epoch=epoch + 1, loss=1.0, accuracy=0.5, validation_accuracy=0.6, seconds=1.0))
    figure = training_curve(History(tmp_path).update(), "accuracy", over, end=2 * last)  # type: ignore[arg-type]
    training, validation = figure.data
    assert training.x[-1] == last
    assert list(validation.x) == [last / 2, last]
    assert list(validation.y) == [60.0, 60.0]
    assert figure.layout.xaxis.title.text == over
    # Both axes stand still from the first point on: the planned epochs, all images.
    assert figure.layout.xaxis.range == (0, 2 * last)
    assert figure.layout.yaxis.range == (0, 100)


def test_a_curve_watched_by_several_visitors_loses_no_step(tmp_path: Path) -> None:
    steps_an_event, events = 50, 400
    _start(tmp_path)
    for number in range(events):
        _steps(tmp_path, 0, number * steps_an_event, [float(number)] * steps_an_event, number + 1.0)
    lines = (tmp_path / "events.jsonl").read_bytes().splitlines(keepends=True)
    growing = tmp_path / "growing"
    growing.mkdir()
    history, errors, is_written = History(growing), [], threading.Event()

    def watch() -> None:
        while not is_written.is_set():
            try:
                history.update().curve("loss")
            except Exception as error:
                errors.append(error)

    visitors = [threading.Thread(target=watch) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    with (growing / "events.jsonl").open("ab", buffering=0) as file:
        for line in lines:
            file.write(line)
            time.sleep(0.001)
    is_written.set()
    for visitor in visitors:
        visitor.join()
    assert not errors
    assert history.update().steps_done == events * steps_an_event


def test_a_report_whose_reading_failed_is_read_again(tmp_path: Path) -> None:
    _start(tmp_path)
    history = History(tmp_path).update()
    _steps(tmp_path, 0, 0, [1.0, 2.0], 1.0)
    with memoryview(history._losses), pytest.raises(BufferError):
        history.update()
    assert history.update().curve("loss")[1].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "line",
    [
        '{"kind": "steps"}',
        '{"kind": "steps", "epoch": 0, "step": 1, "loss": [1.0], "seconds": 1.0}',
        '{"kind": "steps", "epoch": 0, "step": 1, "loss": [1.0], "accuracy": [0.1, 0.2], "seconds": 1.0}',
        '{"kind": "steps", "epoch": 0, "step": 1, "loss": ["x"], "accuracy": [0.1], "seconds": 1.0}',
        '{"kind": "started"}',
        '{"kind": "started", "steps_per_epoch": 0, "epochs": 1, "images": 1, "parameters": 1, "epoch": 0, "step": 0}',
        '{"kind": "epoch", "epoch": 1}',
        '{"kind": "epoch", "epoch": 1, "loss": 1, "accuracy": 1, "seconds": 1, "validation_loss": "low"}',
        '{"kind": "evaluated", "test_accuracy": null}',
    ],
)
def test_a_line_without_its_fields_is_passed_over_and_the_rest_drawn(tmp_path: Path, line: str) -> None:
    _start(tmp_path)
    _steps(tmp_path, 0, 0, [3.0], 1.0)
    with (tmp_path / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    _steps(tmp_path, 0, 1, [2.0], 2.0)
    history = History(tmp_path).update()
    assert history.curve("loss")[1].tolist() == [3.0, 2.0]
    assert history.curve("accuracy")[0].tolist() == [1, 2]
    assert history.total_steps == 400
    assert not history.epochs
    assert history.outcome is None
