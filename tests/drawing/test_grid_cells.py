"""Cells painted one by one become strokes, and strokes become cells again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from model_lib.drawing.grid_cells import Cell, cells_to_strokes, drawing_to_cells
from model_lib.drawing.strokes import Drawing, draw_strokes
from model_lib.predictions import load_pretrained, predict

_SIDE_PX = 280


def _cells(*lines: str) -> list[Cell]:
    """Returns the cells drawn with #, in the middle of the grid."""
    return [(4 + row, 9 + column) for row, line in enumerate(lines) for column, sign in enumerate(line) if sign == "#"]


def _drawing(cells: list[Cell]) -> Drawing:
    return Drawing(tuple(cells_to_strokes(cells, _SIDE_PX)), _SIDE_PX)


@pytest.mark.parametrize("density", [0.02, 0.2, 0.5, 1.0])
def test_the_strokes_of_any_cells_cross_those_cells_and_no_others(density: float) -> None:
    painted = np.argwhere(np.random.default_rng(1).random((28, 28)) < density).tolist()
    cells = [(row, column) for row, column in painted]
    assert set(drawing_to_cells(_drawing(cells))) == set(cells)


def test_cells_that_touch_are_joined_and_cells_that_do_not_stay_apart() -> None:
    cells = np.random.default_rng(2).random((28, 28)) < 0.3
    strokes = cells_to_strokes([(row, column) for row, column in np.argwhere(cells).tolist()], _SIDE_PX)
    # A pen as thin as a fifth of a cell joins what the strokes link, and nothing else.
    ink = draw_strokes(strokes, 1.0, np.zeros(2), _SIDE_PX, 2.0) > 0.1
    parts = ndimage.label(ink, np.ones((3, 3)))[1]
    assert parts == ndimage.label(cells, np.ones((3, 3)))[1]


def test_a_line_painted_from_its_end_is_one_stroke_in_that_order() -> None:
    line = [(5, 20 - step) for step in range(10)] + [(6 + step, 10 - step) for step in range(8)]
    (stroke,) = cells_to_strokes([*line, line[3]], _SIDE_PX)
    np.testing.assert_allclose(stroke, [((column + 0.5) * 10, (row + 0.5) * 10) for row, column in line])


def test_no_cells_are_no_strokes_and_one_cell_is_a_dot() -> None:
    assert cells_to_strokes([], _SIDE_PX) == []
    (dot,) = cells_to_strokes([(3, 4)], _SIDE_PX)
    assert len(dot) == 2 and 0 < np.ptp(dot[:, 0]) < 0.1


@pytest.mark.parametrize(
    ("digit", "lines"),
    [
        (1, ["#"] * 16),
        (7, ["##########", *(" " * (9 - step) + "#" for step in range(1, 10))]),
        (0, ["  ####  ", " #    # ", *["#      #"] * 10, " #    # ", "  ####  "]),
        (4, [*["#     #"] * 7, "#########", *["      #"] * 7]),
    ],
)
def test_a_digit_of_lines_one_cell_wide_is_read(digit: int, lines: list[str]) -> None:
    image = _drawing(_cells(*lines)).image
    assert image is not None
    assert predict(load_pretrained(), image[np.newaxis])[0].argmax() == digit
