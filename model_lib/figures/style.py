"""Shared style: a palette safe for colour-blind readers, sizes legible on a projector."""

from __future__ import annotations

from functools import cache
from typing import Final

import plotly.colors

from model_lib.figures.draft import FigureDraft

# Okabe and Ito's palette (2008). Red is reserved for mistakes, blue for labels and indices.
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
RED: Final = "#D55E00"
GREY: Final = "#7F7F7F"

# Colour scales for non-negative values, for signed values about zero, and for images.
SEQUENTIAL: Final = "Viridis"
DIVERGING: Final = "RdBu"
INK: Final = "gray"

# Legible from the back of a classroom.
TICK_FONT: Final = {"size": 14, "color": "#1B1F24"}


@cache
def colour_scale(name: str) -> list[list[float | str]]:
    """Returns the colours of a scale by their places, 0 to 1. Plotly.js has others under the same names."""
    scale: list[list[float | str]] = plotly.colors.get_colorscale(name)
    return scale


def plain_layout(figure: FigureDraft, title: str, height_px: int = 340) -> None:
    """Sets title, margins and fonts."""
    figure.update_xaxes(tickfont=TICK_FONT)
    figure.update_yaxes(tickfont=TICK_FONT)
    figure.update_layout(
        title={"text": title, "font": {"size": 18}},
        height=height_px,
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        font={"size": 14},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
