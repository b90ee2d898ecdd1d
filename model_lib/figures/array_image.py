"""Renders a 2-D array as one PNG trace; far cheaper in the browser than `go.Heatmap`.

A heatmap is drawn cell by cell, which takes the browser some 40 ms each.
"""

from __future__ import annotations

import base64
import functools
import io
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.colors
from numpy.typing import NDArray
from PIL import Image

from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import TEXT_FONT, colour_scale

_SHADES: Final = 256


@dataclass(frozen=True)
class ColourScale:
    """A colour map with its limits.

    Args:
        colours: name of a Plotly colour scale.
        lowest: value of its first colour; None scales each tile of a grid by itself.
        highest: value of its last colour.
        title: of the colour bar; empty for none.
    """

    colours: str
    lowest: float | None = None
    highest: float | None = None
    title: str = ""


def add_array_image(
    figure: FigureDraft,
    numbers: NDArray[Any],
    scale: ColourScale,
    colour_bar: dict[str, Any] | None = None,
) -> None:
    """Adds an array as an image trace; cell centres lie at (column, row).

    Args:
        figure: is modified.
        numbers: (height, width); NaN is transparent.
        scale: limits of None default to 0 and 1.
        colour_bar: Plotly's options of the colour bar, if the scale has a title.
    """
    low, high = _limits(scale)
    figure.add_image(source=array_data_url(numbers, scale), hoverinfo="skip")
    if scale.title:
        # An image trace has no colour bar: an empty marker trace carries it.
        marker = {
            "color": [low],
            "cmin": low,
            "cmax": high,
            "colorscale": colour_scale(scale.colours),
            "showscale": True,
        }
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker=marker | {"colorbar": {"title": {"text": scale.title, "font": TEXT_FONT}} | (colour_bar or {})},
            hoverinfo="skip",
            showlegend=False,
        )


def array_data_url(numbers: NDArray[Any], scale: ColourScale) -> str:
    """Returns an array (height, width) as a PNG in a data URL, a pixel for each number; NaN is transparent."""
    low, high = _limits(scale)
    fractions = (numbers.astype(np.float64) - low) / ((high - low) or 1.0)
    shades = np.nan_to_num(np.clip(fractions, 0.0, 1.0) * (_SHADES - 1)).round().astype(np.uint8)
    pixels = _colours(scale.colours)[shades]
    pixels[np.isnan(fractions), 3] = 0
    return _data_url(pixels)


def _limits(scale: ColourScale) -> tuple[float, float]:
    return 0.0 if scale.lowest is None else scale.lowest, 1.0 if scale.highest is None else scale.highest


@functools.cache
def _colours(name: str) -> NDArray[np.uint8]:
    """Returns the lookup table (256, 4) RGBA of a Plotly colour scale."""
    colours = plotly.colors.sample_colorscale(name, np.linspace(0.0, 1.0, _SHADES).tolist(), colortype="tuple")
    shades = np.full((_SHADES, 4), 255, np.uint8)
    shades[:, :3] = (np.array(colours) * 255).round()
    return shades


def _data_url(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
