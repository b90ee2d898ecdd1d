"""Axes of learning curves: the same from before the first point to the last one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from model_lib.figures.curves import Axis, Measure, training_curve
from model_lib.figures.text.table import figure_table
from model_lib.storage.events import Started, Steps, append_event
from model_lib.storage.history import History
from model_lib.storage.lineage import EarlierCurves


def _history(folder: Path, *losses: float) -> History:
    append_event(folder, Started(steps_per_epoch=100, epochs=4, images=3200, parameters=1, epoch=0, step=0))
    if losses:
        append_event(folder, Steps(epoch=0, step=0, loss=losses, accuracy=(0.5,) * len(losses), seconds=1.0))
    return History(folder).update()


@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_the_axes_stand_still_from_before_the_first_point(tmp_path: Path, measure: Measure) -> None:
    empty = training_curve(History(tmp_path / "none"), measure, "epochs", end=4)
    later = training_curve(_history(tmp_path, 2.4, 2.3, 0.1), measure, "epochs", end=4)
    for figure in (empty, later):
        assert figure.layout.xaxis.range == (0, 4)
        assert figure.layout.yaxis.range == ((0, 100) if measure == "accuracy" else (0, 3))
        assert figure.layout.yaxis.title.text in ("cross-entropy", "accuracy")
    assert math.log(10) < 3  # the loss of a network that has learnt nothing is in view
    assert [note.text for note in empty.layout.annotations] == ["Here it will grow"]
    assert not later.layout.annotations


def test_a_loss_above_the_usual_axis_is_still_seen(tmp_path: Path) -> None:
    figure = training_curve(_history(tmp_path, 9.0, 2.0), "loss", "epochs", end=4)
    assert figure.layout.yaxis.range == (0, 12)


@pytest.mark.parametrize(("measure", "ends"), [("loss", (0, 0.5)), ("accuracy", (90, 100))])
def test_the_visitor_can_choose_the_range_in_which_good_networks_differ(
    tmp_path: Path, measure: Measure, ends: tuple[float, float]
) -> None:
    figure = training_curve(_history(tmp_path, 2.0, 0.1), measure, "epochs", end=4, is_zoomed=True)
    assert figure.layout.yaxis.range == ends


_EARLIER = EarlierCurves(
    np.array([[1.0, 10.0, 2.0, 0.3], [2.0, 20.0, 1.0, 0.6]]),
    np.array([[2.0, 20.0, 1.1, 0.5]]),
    np.array([[1.0, 10.0], [2.0, 20.0]]),
)


@pytest.mark.parametrize(("over", "begin", "end"), [("epochs", 2.0, 4.0), ("steps", 20.0, 400.0)])
def test_curves_of_the_trainings_before_stand_in_front_with_a_mark_where_each_ends(
    tmp_path: Path, over: Axis, begin: float, end: float
) -> None:
    history = _history(tmp_path, 0.9, 0.8)
    figure = training_curve(history, "accuracy", over, end, earlier=_EARLIER)
    first, validated, own = figure.data
    assert [each.name for each in figure.data] == ["training, before", "validation, before", "training"]
    assert (list(first.x), list(first.y)) == ([begin / 2, begin], [30.0, 60.0])
    assert (list(validated.x), list(validated.y)) == ([begin], [50.0])
    assert first.line.dash == "dash" and first.opacity < 1
    step = 1.0 if over == "steps" else 0.01
    assert list(own.x) == pytest.approx([begin + step, begin + 2 * step])
    assert figure.layout.xaxis.range == (0, begin + end)
    assert figure.layout.xaxis.title.text == f"{over}, from the first training on"
    assert [mark.x0 for mark in figure.layout.shapes] == [begin / 2, begin]
    assert [note.text for note in figure.layout.annotations] == ["trained on from here"]
    table = figure_table(figure)
    assert table["training, before"][:2] == ["30.00 %", "60.00 %"]


def test_the_loss_of_the_trainings_before_is_in_view(tmp_path: Path) -> None:
    high = EarlierCurves(np.array([[1.0, 1.0, 7.0, 0.1]]), ends=np.array([[1.0, 1.0]]))
    assert training_curve(_history(tmp_path, 0.1), "loss", "epochs", 1, earlier=high).layout.yaxis.range == (0, 12)
