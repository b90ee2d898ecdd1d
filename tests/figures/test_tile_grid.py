"""Grids of tiles: where each tile lies, what a click returns."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from model_lib.figures.array_image import ColourScale
from model_lib.figures.tile_grid import TileGrid, add_frame, split_grid, tile_grid_figure
from model_lib.layers.receptive_field import Box
from tests.figures.decode import greys, pixels_of

_TILES = np.random.default_rng(1).integers(0, 256, (5, 20, 20)).astype(np.float32)
_NAMES = ["a", "b", "c", "d", "e"]


def test_every_tile_lies_pixel_for_pixel_around_its_click_target() -> None:
    figure = tile_grid_figure(TileGrid(_TILES, _NAMES, "Five", columns=3), ColourScale("gray", 0.0, 255.0))
    pixels, targets = pixels_of(figure), figure.data[-1]
    for tile, x, y in zip(_TILES, targets.x, targets.y, strict=True):
        top, left = round(y - 9.5), round(x - 9.5)
        np.testing.assert_array_equal(pixels[top : top + 20, left : left + 20, 0], greys(tile / 255))


def test_a_click_returns_the_id_or_the_position() -> None:
    grid = TileGrid(_TILES, _NAMES, "Five", ids=[7, 5, 3, 1, 0])
    assert list(tile_grid_figure(grid, ColourScale("gray")).data[-1].customdata) == [7, 5, 3, 1, 0]
    grid = TileGrid(_TILES, _NAMES, "Five")
    assert list(tile_grid_figure(grid, ColourScale("gray")).data[-1].customdata) == [0, 1, 2, 3, 4]


def test_tiles_without_common_limits_are_scaled_each() -> None:
    tiles = np.stack([np.array([[0.0, 1.0]]), np.array([[0.0, 100.0]]), np.array([[5.0, 5.0]])])
    figure = tile_grid_figure(TileGrid(tiles, [""] * 3, "", columns=3), ColourScale("gray"))
    opaque = pixels_of(figure)
    shades = opaque[opaque[..., 3] > 0][:, 0]
    assert shades.tolist() == greys(np.array([0, 1, 0, 1, 0, 0])).tolist()


def test_the_chosen_tile_has_a_frame_around_its_cells() -> None:
    grid = TileGrid(_TILES, _NAMES, "Five", columns=3, chosen=4)
    (*_, shape) = tile_grid_figure(grid, ColourScale("gray")).layout.shapes
    row, column = grid.origin(4)
    assert (shape.x0, shape.y0, shape.x1, shape.y1) == (column - 0.5, row - 0.5, column + 19.5, row + 19.5)


@pytest.mark.parametrize(("count", "sizes"), [(5, [5]), (16, [16]), (17, [9, 8]), (64, [32, 32])])
def test_a_split_grid_holds_every_tile_once_in_order(count: int, sizes: list[int]) -> None:
    names = [str(number) for number in range(count)]
    parts = split_grid(TileGrid(np.zeros((count, 3, 3)), names, "Title", chosen=count - 1))
    assert [len(part.tiles) for part in parts] == sizes
    assert [name for part in parts for name in part.captions] == names
    assert [each for part in parts for each in part.ids] == list(range(count))
    assert parts[-1].ids[parts[-1].chosen] == count - 1
    assert parts[0].title == "Title"


def test_a_frame_surrounds_whole_cells() -> None:
    figure = go.Figure()
    add_frame(figure, Box(2, 3, 5, 7), "red")
    (*_, shape) = figure.layout.shapes
    assert (shape.x0, shape.y0, shape.x1, shape.y1) == (2.5, 1.5, 6.5, 4.5)
