"""The canvas for visitors without a mouse: a grid of 28 x 28 cells that are painted with the keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.drawing.grid_cells import Cell, cells_to_strokes, drawing_to_cells
from model_lib.drawing.strokes import Drawing
from ui.draw.canvas import PEN_COLOUR, SIDE_PX, read_content, show_clear
from ui.draw.canvas_state import CanvasState
from ui.shared.visit import state_of

_FOLDER: Final = Path(__file__).parent
_KEY: Final = "pixel_grid"
HELP: Final = (
    "**Arrow keys** move, **Space** paints or erases, **Shift + arrow keys** paint a line. "
    "**Delete** clears the grid; pressed again, it brings the drawing back."
)
_component = st.components.v2.component(
    "pixel_grid",
    html=f'<div class="grid" role="grid" aria-label="Drawing, {IMAGE_SIDE} rows and {IMAGE_SIDE} columns"></div>\n',
    css=(_FOLDER / "pixel_grid.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "pixel_grid.js").read_text(encoding="utf-8"),
)


def painted_cells(cells: list[Cell], revision: int) -> Any:
    """Shows the grid and returns what it has sent. Kept apart from all else, so that tests can replace it.

    Args:
        cells: row and column of what is painted; shown only where the revision is new to the grid, which else has
            newer ones.
        revision: of the canvas, see `CanvasState`.

    Returns:
        {"cells": [[row, column], ...] in the order painted, "revision": the one that they were painted on}, or None.
    """
    data = {"cells": cells, "revision": revision, "side": IMAGE_SIDE}
    # Without a callback a component's state is not kept.
    return _component(data=data, key=_KEY, default={"painted": None}, on_painted_change=lambda: None).painted


def paint() -> Drawing:
    """Shows the grid with Clear. What is painted replaces what is on the canvas, and what was drawn there is shown.

    Returns:
        The painted cells as strokes, see `cells_to_strokes`.
    """
    state = state_of(CanvasState)
    if _KEY not in st.session_state:
        state.mount()  # what the grid sent when it was last in the page is outdated
    drawing = read_content()
    cells = _valid_cells(painted_cells(drawing_to_cells(drawing), state.revision), state.revision)
    # The grid sends only what was painted in it: until then a drawing stays as it was drawn.
    if cells is not None:
        state.replace(_canvas_json(cells))
        drawing = read_content()
    show_clear()
    return drawing


def _valid_cells(sent: Any, revision: int) -> list[Cell] | None:
    """Returns the cells that a browser has sent; None for those painted before the canvas was emptied, or damaged."""
    if not isinstance(sent, Mapping) or sent.get("revision") != revision:
        return None
    try:
        cells = [(int(row), int(column)) for row, column in sent["cells"]]
    except (KeyError, TypeError, ValueError):
        return None
    is_inside = all(0 <= row < IMAGE_SIDE and 0 <= column < IMAGE_SIDE for row, column in cells)
    return cells if is_inside else None


def _canvas_json(cells: list[Cell]) -> dict[str, Any]:
    """Returns the cells as the canvas sends its strokes, so that it can show them."""
    pen = {
        "stroke": PEN_COLOUR,
        "strokeWidth": SIDE_PX / IMAGE_SIDE,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }
    objects = []
    for stroke in cells_to_strokes(cells, SIDE_PX):
        first, *others = stroke.tolist()
        objects.append({"type": "Path", "path": [["M", *first], *(["L", *each] for each in others)], "fill": "", **pen})
    return {"objects": objects}
