"""Converts the painted cells of a 28 x 28 grid to strokes, and strokes to the cells that they cross."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.drawing.strokes import Drawing

Cell = tuple[int, int]

_BESIDE: Final = ((0, 1), (1, 0), (0, -1), (-1, 0))
_DIAGONAL: Final = ((1, 1), (1, -1), (-1, -1), (-1, 1))
# A canvas draws nothing for a line without length.
_DOT_LENGTH_PX: Final = 0.02


def cells_to_strokes(cells: Iterable[Cell], canvas_size: int) -> list[NDArray[np.float64]]:
    """Links neighbouring cells by lines between their centres, to be rasterised with MNIST's pen as a drawing is.

    Args:
        cells: row and column of each, 0 to 27, in the order painted, which the strokes follow.
        canvas_size: side of the square canvas, in pixels.

    Returns:
        (k, 2) arrays of x, y in canvas pixels, y down; a cell on its own is a line of no visible length.
    """
    links = _links(list(dict.fromkeys(cells)))
    paths = [[cell] for cell, linked in links.items() if not linked]
    for start, linked in links.items():
        while linked:
            path = [start]
            while links[path[-1]]:
                following = links[path[-1]].pop(0)
                links[following].remove(path[-1])
                path.append(following)
            paths.append(path)
    side_px = canvas_size / IMAGE_SIDE
    strokes = [(np.array(path, np.float64)[:, ::-1] + 0.5) * side_px for path in paths]
    dot = np.array([[0, 0], [_DOT_LENGTH_PX, 0]])
    return [stroke if len(stroke) > 1 else stroke + dot for stroke in strokes]


def _links(cells: Sequence[Cell]) -> dict[Cell, list[Cell]]:
    """Returns the linked neighbours of each cell, both in the order of `cells`."""
    place = {cell: number for number, cell in enumerate(cells)}
    links: dict[Cell, list[Cell]] = {}
    for row, column in cells:
        beside = [(row + down, column + right) for down, right in _BESIDE]
        corners = [
            (row + down, column + right)
            for down, right in _DIAGONAL
            if (row + down, column) not in place and (row, column + right) not in place
        ]
        links[row, column] = sorted((cell for cell in [*beside, *corners] if cell in place), key=place.__getitem__)
    return links


def drawing_to_cells(drawing: Drawing) -> list[Cell]:
    """Returns the cells that a drawing's strokes cross, in the order drawn; those of `cells_to_strokes` come back.

    Returns:
        Row and column of each, 0 to 27.
    """
    side_px = drawing.canvas_size / IMAGE_SIDE
    cells: list[Cell] = []
    for stroke in drawing.strokes:
        points = [stroke[:1]]
        for start, end in pairwise(stroke):
            # An odd number of steps: half way along a diagonal lies the corner of a cell that is not crossed.
            steps = 2 * int(np.hypot(*(end - start)) / side_px) + 3
            points.append(start + np.linspace(0, 1, steps + 1)[1:, np.newaxis] * (end - start))
        crossed = np.clip(np.concatenate(points) / side_px, 0, IMAGE_SIDE - 1).astype(int)
        cells += [(row, column) for column, row in crossed.tolist()]
    return list(dict.fromkeys(cells))
