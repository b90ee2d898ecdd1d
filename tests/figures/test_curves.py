"""Axes of learning curves before there is data."""

from __future__ import annotations

import math

import pytest

from model_lib.figures.curves import empty_curve


@pytest.mark.parametrize(("measure", "top"), [("loss", math.log(10)), ("accuracy", 1.0)])
def test_empty_axes_have_the_range_in_which_a_curve_begins(measure: str, top: float) -> None:
    figure = empty_curve(measure)
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] == pytest.approx(top, abs=1e-3)
    assert figure.layout.xaxis.title.text == "epochs"
    assert figure.layout.yaxis.title.text in ("cross-entropy", "share of images read right")
    assert not figure.data
