"""The bars of mistakes by writer."""

from __future__ import annotations

import pytest

from model_lib.evaluation.writers import WriterMetrics
from model_lib.figures.style import RED
from model_lib.figures.writers import mistakes_by_writer


def test_a_bar_is_as_high_as_the_share_of_mistakes_and_knows_its_writer() -> None:
    (bars,) = mistakes_by_writer([WriterMetrics(7, 200, 50), WriterMetrics(3, 100, 1)]).data
    assert list(bars.x) == ["person 7", "person 3"]
    assert list(bars.y) == pytest.approx([0.25, 0.01])
    assert list(bars.customdata) == [7, 3]
    assert list(bars.text) == ["50", "1"]
    assert bars.marker.color == RED
    assert "50 of 200 images wrong" in bars.hovertext[0]
