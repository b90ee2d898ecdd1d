"""The grid that is painted with the keyboard, on the Draw page. The grid itself is a browser's, and stood in for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from model_lib.datasets.user_digits import UserDigitSet, digits_root
from model_lib.drawing.canvas_json import read_canvas
from tests.pages.test_draw import INVITATION, Canvas, open_draw, own_image, strokes_of, text_of
from tests.support.answer_panel import names_of
from ui.draw import canvas, pixel_grid

KEYBOARD = "Keyboard"
ONE = [[row, 14] for row in range(5, 22)]
SEVEN = [[5, column] for column in range(8, 19)] + [[5 + step, 18 - step // 2] for step in range(1, 17)]


class Grid:
    """Stands in for the grid of the browser: shows cells of a new revision, and sends what a test paints."""

    def __init__(self) -> None:
        self.shown: list[Any] = []
        self.sent: Any = None
        self._revision: int | None = None

    def __call__(self, cells: list[Any], revision: int) -> Any:
        st.session_state[pixel_grid._KEY] = "as a real one leaves its state there"
        if revision != self._revision:
            self.shown, self._revision = [list(cell) for cell in cells], revision
        return self.sent

    def paint(self, cells: list[list[int]]) -> None:
        self.shown = cells
        self.sent = {"cells": cells, "revision": self._revision}


class MountedCanvas(Canvas):
    """A canvas that shows what it is told to also when it comes into the page anew."""

    def __call__(self, key: str, start: Any, pen_width_px: int) -> Any:
        if key not in st.session_state:
            self.content = {"objects": start["objects"]}
        return super().__call__(key, start, pen_width_px)


@pytest.fixture
def grid(monkeypatch: pytest.MonkeyPatch) -> Grid:
    """The grid, in which a test paints."""
    stand_in = Grid()
    monkeypatch.setattr(pixel_grid, "painted_cells", stand_in)
    return stand_in


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Canvas:
    """The canvas, whose content a test sets."""
    stand_in = MountedCanvas()
    monkeypatch.setattr(canvas, "canvas_content", stand_in)
    return stand_in


@pytest.fixture
def app(grid: Grid, drawn: Canvas) -> AppTest:
    """The Draw page with the grid in place of the canvas."""
    return _draw_with(open_draw(), KEYBOARD)


def _draw_with(app: AppTest, device: str) -> AppTest:
    for key in ("canvas", "pixel_grid"):
        if key in app.session_state:
            del app.session_state[key]  # as Streamlit forgets a component that is not in the page
    next(group for group in app.button_group if group.key == "draw_with").set_value(device).run()
    assert not app.exception
    return app


def test_a_painted_digit_is_answered_and_becomes_the_image_of_all_pages(app: AppTest, grid: Grid) -> None:
    assert INVITATION in text_of(app)
    for digit, cells in (("1", ONE), ("7", SEVEN)):
        grid.paint(cells)
        app.run()
        assert names_of(app) == [digit]
        expected = read_canvas(pixel_grid._canvas_json([(row, column) for row, column in cells]), 320).image
        np.testing.assert_array_equal(own_image(app), expected)
    app.switch_page("pages/look_inside.py").run(timeout=120)
    assert app.query_params["image"] in ("drawing", ["drawing"])


def test_clear_empties_the_grid_also_where_it_sends_the_old_cells_again(app: AppTest, grid: Grid) -> None:
    grid.paint(ONE)
    app.run()
    app.button(key="clear_canvas").click().run()
    app.run()
    assert grid.shown == []
    assert INVITATION in text_of(app)
    grid.paint(SEVEN)
    assert names_of(app.run()) == ["7"]


def test_a_drawing_goes_from_the_canvas_to_the_grid_and_back(app: AppTest, grid: Grid, drawn: Canvas) -> None:
    _draw_with(app, "By hand")
    drawn.content = strokes_of(4, scale=320 / 280)
    app.run()
    before = own_image(app)
    _draw_with(app, KEYBOARD)
    assert len(grid.shown) > 20
    assert names_of(app) == ["4"]
    np.testing.assert_array_equal(own_image(app), before)

    grid.paint(ONE)
    app.run()
    _draw_with(app, "By hand")
    assert len(drawn.content["objects"]) == 1
    assert names_of(app) == ["1"]


def test_a_painted_digit_is_kept_with_its_strokes_and_leaves_the_grid_empty(app: AppTest, grid: Grid) -> None:
    grid.paint(ONE)
    app.run()
    next(button for button in app.button if button.label == "1").click().run()
    assert grid.shown == []
    (folder,) = digits_root().iterdir()
    (digit,) = UserDigitSet(folder).digits()
    assert digit.label == 1
    assert digit.strokes is not None and len(digit.strokes) == 1


@pytest.mark.parametrize("cells", [None, 7, [[1]], [[1, "a"]], [[28, 0]], [[0, -1]], [[0, float("nan")]]])
def test_damaged_cells_change_nothing(app: AppTest, grid: Grid, cells: Any) -> None:
    grid.paint(ONE)
    app.run()
    grid.paint(cells)
    app.run()
    assert not app.exception
    assert names_of(app) == ["1"]
