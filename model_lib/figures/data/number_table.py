"""All numbers of an image as one table in HTML, which can be read aloud and scrolls where the window is narrow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_lib.figures.style import SELECTION, shade

# In letters' widths, which grow on a projector: the table scrolls in its place where the window is too narrow.
_TABLE = "border-collapse:collapse; font-size:0.875rem; line-height:1.6; text-align:center"
_CELL = "min-width:{width}rem; padding:0; border:1px solid {border}; font-weight:normal"
_HIGHEST = 255


def number_table(image: NDArray[np.uint8], pixel: tuple[int, int], is_scaled: bool, title: str) -> str:
    """Returns an image as a table of its numbers, each on its shade, with the numbers of its rows and columns.

    Args:
        image: (28, 28), 0 (black) to 255 (white).
        pixel: row and column of the cell with a frame.
        is_scaled: whether the numbers are from 0 to 1, with two decimals, or from 0 to 255.
        title: what the table is, for those who do not see it; plain text of this program.
    """
    height, width = image.shape
    cell = _CELL.format(width=1.9 if is_scaled else 1.6, border=shade(0.35)[0])
    head = "".join(f'<th scope="col" style="{cell}">{column}</th>' for column in range(width))
    rows = []
    for row in range(height):
        cells = "".join(_cell(image, (row, column), pixel, is_scaled, cell) for column in range(width))
        rows.append(f'<tr><th scope="row" style="{cell}">{row}</th>{cells}</tr>')
    return (
        f'<div role="region" aria-label="{title}" tabindex="0" style="overflow-x:auto">'
        f'<table style="{_TABLE}"><thead><tr><td style="{cell}"></td>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(image: NDArray[np.uint8], place: tuple[int, int], pixel: tuple[int, int], is_scaled: bool, cell: str) -> str:
    fraction = image[place] / _HIGHEST
    background, letters = shade(fraction)
    frame = f"; outline:3px solid {SELECTION}; outline-offset:-3px" if place == pixel else ""
    number = f"{fraction:.2f}" if is_scaled else str(image[place])
    return f'<td style="{cell}; background:{background}; color:{letters}{frame}">{number}</td>'
