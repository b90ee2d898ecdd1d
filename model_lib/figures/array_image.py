"""Numbers as a picture of squares: one small PNG in the figure, which a browser shows in no time.

A Plotly heatmap of the same size is drawn by the browser number by number, some 40 ms each.
"""

from __future__ import annotations

import base64
import functools
import io
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.colors
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image

_SHADES: Final = 256


@dataclass(frozen=True)
class Scale:
    """How numbers become colours.

    Args:
        colours: the name of a colour scale.
        lowest: the number of its first colour; None gives each tile of a sheet a scale of its own.
        highest: the number of its last colour.
        title: what the numbers are, beside the colour bar; empty for no bar.
    """

    colours: str
    lowest: float | None = None
    highest: float | None = None
    title: str = ""


def add_picture(
    figure: go.Figure,
    numbers: NDArray[Any],
    scale: Scale,
    colour_bar: dict[str, Any] | None = None,
) -> None:
    """Paints a grid of numbers, each a square whose middle is at its column (x) and row (y).

    Args:
        figure: gets the picture.
        numbers: (height, width); NaN stays see-through.
        scale: its limits are taken as 0 and 1 where they are None.
        colour_bar: how the bar looks, if the scale has a title.
    """
    low = 0.0 if scale.lowest is None else scale.lowest
    high = 1.0 if scale.highest is None else scale.highest
    shares = (numbers.astype(np.float64) - low) / ((high - low) or 1.0)
    shades = np.nan_to_num(np.clip(shares, 0.0, 1.0) * (_SHADES - 1)).round().astype(np.uint8)
    pixels = _colours(scale.colours)[shades]
    pixels[np.isnan(shares), 3] = 0
    figure.add_image(source=_as_address(pixels), hoverinfo="skip")
    if scale.title:
        # A picture has no colour bar; a marker that is not there lends it one.
        marker = {"color": [low], "cmin": low, "cmax": high, "colorscale": scale.colours, "showscale": True}
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker=marker | {"colorbar": {"title": {"text": scale.title}} | (colour_bar or {})},
            hoverinfo="skip",
            showlegend=False,
        )


@functools.cache
def _colours(name: str) -> NDArray[np.uint8]:
    """Returns the shades of a Plotly colour scale as (256, 4), red, green, blue and opacity."""
    words = plotly.colors.sample_colorscale(name, np.linspace(0.0, 1.0, _SHADES).tolist(), colortype="tuple")
    shades = np.full((_SHADES, 4), 255, np.uint8)
    shades[:, :3] = (np.array(words) * 255).round()
    return shades


def _as_address(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
