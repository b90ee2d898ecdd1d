"""Axes of learning curves: the same from before the first point to the last one."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from model_lib.figures.curves import Measure, training_curve
from model_lib.storage.events import Started, Steps, append_event
from model_lib.storage.history import History


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
