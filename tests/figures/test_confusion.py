"""The confusion matrix and the mistakes by writer as figures."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.evaluation.confusion import confusion_counts
from model_lib.evaluation.writers import WriterMetrics
from model_lib.figures.confusion import confusion_matrix, mistakes_by_writer
from model_lib.figures.style import MISTAKE
from tests.support.fake_evaluations import answers


def test_a_single_mistake_is_tinted_beside_a_thousand_right_answers() -> None:
    counts = np.diag([1000] * 10)
    counts[4, 9] = 1
    mistakes = confusion_matrix(counts, DIGIT_NAMES).data[1]
    assert mistakes.z[4][9] >= 0.2 * mistakes.zmax
    assert np.nansum(mistakes.z) == mistakes.z[4][9]


def test_a_perfect_matrix_is_drawn_too() -> None:
    figure = confusion_matrix(np.diag([1000] * 10), DIGIT_NAMES, "per cent", (4, 4))
    assert set(figure.data[2].text) == {"100.0"}
    assert np.nansum(figure.data[1].z) == 0


def test_every_filled_cell_can_be_clicked() -> None:
    counts = confusion_counts(answers(mistakes=400))
    targets = confusion_matrix(counts, DIGIT_NAMES).data[-1]
    assert {tuple(cell) for cell in targets.customdata} == {tuple(cell) for cell in np.argwhere(counts).tolist()}
    for (label, prediction), x, y in zip(targets.customdata, targets.x, targets.y, strict=True):
        assert (y, x) == (DIGIT_NAMES[label], DIGIT_NAMES[prediction])


def test_a_bar_is_as_high_as_the_share_of_mistakes_and_knows_its_writer() -> None:
    (bars,) = mistakes_by_writer([WriterMetrics(7, 200, 50), WriterMetrics(3, 100, 1)]).data
    assert list(bars.x) == ["person 7", "person 3"]
    assert list(bars.y) == pytest.approx([25, 1])
    assert list(bars.customdata) == [7, 3]
    assert list(bars.text) == ["50", "1"]
    assert bars.marker.color == MISTAKE
    assert bars.hovertext[0] == "person 7: accuracy 75.00 %, 50 of 200 images wrong"
