"""What all figures have in common: colours that colour-blind eyes tell apart, sizes that a projector shows."""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

# Okabe and Ito's palette (2008). Red is kept for mistakes, blue for the truth and for indices.
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
PURPLE: Final = "#CC79A7"
RED: Final = "#D55E00"
GREY: Final = "#7F7F7F"

# One scale for amounts, one for signed numbers with zero in the middle.
SEQUENTIAL: Final = "Viridis"
DIVERGING: Final = "RdBu"
INK: Final = "gray"

# Large and dark enough for the back of a classroom.
LETTERS: Final = {"size": 14, "color": "#1B1F24"}


def plain_layout(figure: go.Figure, title: str, height_px: int = 340) -> go.Figure:
    """Gives a figure its title and the margins and letters that all figures have.

    Returns:
        The same figure.
    """
    figure.update_xaxes(tickfont=LETTERS)
    figure.update_yaxes(tickfont=LETTERS)
    return figure.update_layout(
        title={"text": title, "font": {"size": 18}},
        height=height_px,
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        font={"size": 14},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
