"""Removes the printed lines of ruled and squared paper from a picture's marks without cutting through the ink."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import ndimage

# Steepest line, as rise over the picture's length: rotation and perspective together.
_STEEPEST: Final = 0.38
# The Hough transform's cells, in pixels across and along the line.
_CELL_ACROSS, _CELL_ALONG = 2, 8
# Half of the thickest printed line with its blur, in pixels.
_HALF_WIDTH: Final = 11
# A line covers that much of its way through the picture, ...
_LEAST_COVERAGE: Final = 0.5
# ... and that much of its way within this fraction of the picture next to either border: a digit ends before.
_END_COVERAGE: Final = 0.5
_END: Final = 0.08
# At least that much of its length lies in the picture.
_LEAST_VISIBLE: Final = 0.35
_SMALLEST_SIDE: Final = 96
# Columns from one to the next that the running median looks at.
_STEP: Final = 4


def remove_printed_lines(marks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Subtracts straight thin lines that run from border to border.

    Optical densities add where ink crosses a printed line, so a line's own density, its running median, is subtracted
    and what crosses it stays.

    Args:
        marks: (height, width), additive where marks overlap, such as the optical density; about 0 on the empty page.

    Returns:
        The same without the lines. Pictures below 96 pixels on a side are returned as they are.
    """
    if min(marks.shape) < _SMALLEST_SIDE:
        return marks
    for is_transposed in (False, True):
        view = marks.T if is_transposed else marks
        for start, end in _find_lines(view):
            view = _subtract_line(view, start, end)
        marks = view.T if is_transposed else view
    return marks


def _find_lines(marks: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Finds the lines that lead from the left border to the right one.

    A Hough transform whose parameters are a line's rows at both borders: perspective keeps lines straight, but not
    parallel.

    Returns:
        The rows of each at the left and the right border, in pixels.
    """
    height, width = marks.shape
    reach = _HALF_WIDTH
    # A ridge is darker than what lies above it and than what lies below it.
    padded = np.pad(marks, ((reach, reach), (0, 0)), mode="edge")
    ridge = marks - np.maximum(padded[: -2 * reach], padded[2 * reach :])
    deviation = 1.4826 * float(np.median(np.abs(ridge - np.median(ridge))))
    rows, columns = height // _CELL_ACROSS, width // _CELL_ALONG
    is_ridge = ridge[: rows * _CELL_ACROSS, : columns * _CELL_ALONG] > max(0.02, 1.5 * deviation)
    pooled = is_ridge.reshape(rows, _CELL_ACROSS, columns * _CELL_ALONG).any(axis=1)
    cells = pooled.reshape(rows, columns, _CELL_ALONG).mean(axis=2, dtype=np.float32)
    most = int(_STEEPEST * columns * _CELL_ALONG / _CELL_ACROSS)
    rises = np.arange(-most, most + 1)
    # Lines that leave the picture above or below count as far as they are visible.
    middles = np.arange(-(most // 2), rows + most // 2)
    framed = np.pad(cells, ((most, most), (0, 0)))
    along = np.linspace(-0.5, 0.5, columns)
    hits = np.zeros((len(rises), len(middles)), np.float32)
    for column, place_along in zip(framed.T, along, strict=True):
        windows = sliding_window_view(column, len(middles))
        hits += windows[np.rint(rises * place_along).astype(int) + most - most // 2]
    # Where each line enters and leaves the picture, as fractions of its width.
    slope = np.where(rises == 0, 1e-6, rises)
    crossings = np.sort([(edge - middles[:, None]) / slope + 0.5 for edge in (-0.5, rows - 0.5)], axis=0)
    begin, end = np.clip(np.rint(crossings * columns), 0, columns).astype(int)
    coverage = np.where(end - begin >= _LEAST_VISIBLE * columns, hits.T / np.maximum(end - begin, 1), 0)
    scores = np.zeros_like(coverage)
    tail = np.arange(max(2, round(_END * columns)))
    place, number = np.nonzero(coverage >= _LEAST_COVERAGE)
    reaches_borders = np.ones(len(place), bool)
    for columns_of_end in (begin[place, number][:, None] + tail, end[place, number][:, None] - 1 - tail):
        shift = np.rint(rises[number][:, None] * along[columns_of_end]).astype(int)
        ridge_cells = framed[middles[place][:, None] + most + shift, columns_of_end]
        reaches_borders &= ridge_cells.mean(axis=1) >= _END_COVERAGE
    place, number = place[reaches_borders], number[reaches_borders]
    scores[place, number] = coverage[place, number]
    is_peak = (scores >= _LEAST_COVERAGE) & (scores == ndimage.maximum_filter(scores, size=(5, 9)))
    found: list[tuple[float, float]] = []
    peaks = np.argwhere(is_peak)
    for place, number in peaks[np.argsort(-scores[is_peak], kind="stable")]:
        middle = float(middles[place]) + 0.5
        first, last = (middle + half * float(rises[number]) for half in (-0.5, 0.5))
        line = (first * _CELL_ACROSS - 0.5, last * _CELL_ACROSS - 0.5)
        if all(abs(line[0] - other[0]) + abs(line[1] - other[1]) > 3 * reach for other in found):
            found.append(line)
    return found


def _subtract_line(marks: NDArray[np.float32], start: float, end: float) -> NDArray[np.float32]:
    """Subtracts one line, given by its rows at the left and the right border."""
    height, width = marks.shape
    reach = _HALF_WIDTH + 2
    middle = np.linspace(start, end, width)
    columns = np.arange(width)
    offsets = np.arange(-reach, reach + 1)
    band = ndimage.map_coordinates(
        marks, [middle + offsets[:, None], np.broadcast_to(columns, (len(offsets), width))], order=1, mode="nearest"
    )
    # The page beside the line is the zero of its profile.
    profile = np.median(band, axis=1)
    level = min(profile[0], profile[-1])
    few = (band - level)[:, ::_STEP]
    running = ndimage.median_filter(few, size=(1, max(3, few.shape[1] // 3)), mode="nearest")
    densest = float(np.median(running.max(axis=0)))
    line = np.clip(running.repeat(_STEP, axis=1)[:, :width], 0, 1.15 * densest)
    line[[0, -1]] = 0
    rows = np.floor(middle).astype(int) + offsets[:, None]
    density = ndimage.map_coordinates(
        line, [rows - middle + reach, np.broadcast_to(columns, rows.shape)], order=1, mode="constant"
    )
    result = marks.copy()
    is_inside = (rows >= 0) & (rows < height)
    result[rows[is_inside], np.broadcast_to(columns, rows.shape)[is_inside]] -= density[is_inside].astype(np.float32)
    return result
