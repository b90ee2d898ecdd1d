"""Variants of one image by augmentation, each with a network's prediction above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale
from model_lib.figures.style import INK
from model_lib.figures.tile_grid import TileGrid, tile_grid_figure

_COLUMNS: Final = 5


def variants_figure(variants: NDArray[np.uint8], predictions: Sequence[int] | None, original: int | None) -> go.Figure:
    """Draws the variants in rows of five; those predicted otherwise than the original have a cross.

    Args:
        variants: (n, 28, 28), 0 to 255.
        predictions: (n,) of a network; None for none.
        original: the network's prediction of the image itself.
    """
    captions = [""] * len(variants)
    hovers = [f"variant {number}" for number in range(1, len(variants) + 1)]
    if predictions is not None:
        captions = [str(each) if each == original else f"{each} ✗" for each in predictions]
        hovers = [f"{hover}, predicted as {each}" for hover, each in zip(hovers, predictions, strict=True)]
    grid = TileGrid(variants, captions, f"{len(variants)} variants", hovers, columns=_COLUMNS)
    return tile_grid_figure(grid, ColourScale(INK, 0.0, 255.0))


def describe_variants(variants: NDArray[np.uint8], predictions: Sequence[int] | None, original: int | None) -> str:
    """Says how many variants there are and what is predicted of them, e.g. "... predicted as 5: 18, 3: 2"."""
    words = f"{len(variants)} variants of the image"
    if predictions is None:
        return words
    counts = ", ".join(f"{each}: {count}" for each, count in Counter(predictions).most_common())
    return f"{words}, predicted as {counts}; the image itself as {original}"
