"""Shared style: what each colour means, on a white and on a dark page alike, and sizes legible on a projector."""

from __future__ import annotations

from functools import cache
from typing import Final

import plotly.colors

from model_lib.figures.draft import FigureDraft

# A visitor switches the theme without a new run of the page, so that one figure serves both. Text has no colour here:
# `ui/shell/theme.css` gives it the page's. Each colour stands out from both pages (3:1, WCAG 2.2, 1.4.11), and from the
# others in four kinds of colour vision. They were searched for by their distances in CAM02-UCS, which
# tests/figures/test_palette.py computes. No meaning hangs on a colour alone.
LABEL: Final = "#0C9CCC"
PREDICTION: Final = "#840CFC"
MISTAKE: Final = "#CC0018"  # cross, hatched bar, underlined caption, off the diagonal
SELECTION: Final = "#CC8400"  # frame, ring
COMPARISON: Final = "#187854"  # dotted line, second bar
REST: Final = "#909090"
# Plain data with nothing to tell apart have the label's blue.
DATA: Final = LABEL

TRANSPARENT: Final = "rgba(0, 0, 0, 0)"
# A tint of either page, for what is empty.
FAINT: Final = "rgba(128, 128, 128, 0.15)"

# Of the ten classes, each with a symbol of its own: Paul Tol's "muted" scheme (2021) with its two reds replaced. Some
# are too light for a white page, others too dark for a dark one, so that they are drawn with an edge of `REST`.
CLASSES: Final = (
    "#332288",
    "#88CCEE",
    "#117733",
    "#DDCC77",
    "#44AA99",
    "#999933",
    "#AA4499",
    "#6F4E37",
    "#A6A6A6",
    "#000000",
)
CLASS_SYMBOLS: Final = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "star",
    "triangle-down",
    "pentagon",
    "hourglass",
    "triangle-right",
    "bowtie",
)
MISTAKE_SYMBOL: Final = "x"

# Of the runs that are compared, each with a symbol of its own: their places are kept for the visit, see
# `colour_places` in ui/compare/selection.py. Searched for as the meanings above: from all of sRGB in steps of 12 those
# that stand out from both pages (3:1) and from `MISTAKE`, among them by exchange the eight whose smallest distance in
# CAM02-UCS, over four kinds of colour vision and to `REST` too, is largest; then in steps of 4 around them. It is 15.4.
RUNS: Final = ("#5054C0", "#FF5014", "#18A854", "#B880BC", "#606C60", "#A44420", "#8074FF", "#78547C")
RUN_SYMBOLS: Final = CLASS_SYMBOLS[: len(RUNS)]

# Captions within pictures, which no theme reaches: they lie on a card of their own, dark like the images.
CARD: Final = "#222932"
ON_CARD_TEXT: Final = "#F2F4F7"
ON_CARD_LABEL: Final = "#5FC3EA"
ON_CARD_MISTAKE: Final = "#FF6B6B"

# Colour scales for non-negative values, for signed values about zero, and for images.
SEQUENTIAL: Final = "Viridis"
DIVERGING: Final = "RdBu"
INK: Final = "gray"

# The only sizes of letters, in pixels: `ui/shell/theme.css` enlarges these for a projector.
TEXT_FONT: Final = {"size": 14}  # ticks, axis titles, legends, captions
EMPHASIS_FONT: Final = {"size": 16}  # numbers that are the answer
TITLE_FONT: Final = {"size": 18}
LANDMARK_FONT: Final = {"size": 30}  # names of groups of points, over them


def edged(colour: str, width_px: int) -> list[dict[str, object]]:
    """Returns a line with a white and a black edge, the lowest first: it stands out from every colour of an image."""
    widths = (("black", width_px + 4), ("white", width_px + 2), (colour, width_px))
    return [{"color": each, "width": width} for each, width in widths]


# A thin black line with a white edge, the lower one first: it stands out from a bar on a light and on a dark page.
CUT: Final = ({"color": "white", "width": 3}, {"color": "black", "width": 1})


def translucent(colour: str, opacity: float) -> str:
    """Returns one of these colours as seen through.

    Args:
        colour: as #RRGGBB.
        opacity: 0 (invisible) to 1.
    """
    red, green, blue = plotly.colors.hex_to_rgb(colour)
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def shade(fraction: float) -> tuple[str, str]:
    """Returns the grey of a pixel, 0 (black) to 1 (white), and what letters on it are drawn in: 4.5:1 or more."""
    level = round(255 * fraction)
    return "#" + 3 * f"{level:02X}", "black" if level > 117 else "white"


@cache
def colour_scale(name: str) -> list[list[float | str]]:
    """Returns the colours of a scale by their places, 0 to 1. Plotly.js has others under the same names."""
    scale: list[list[float | str]] = plotly.colors.get_colorscale(name)
    return scale


def plain_layout(figure: FigureDraft, title: str, height_px: int = 340) -> None:
    """Sets title, margins and fonts."""
    axis = {"tickfont": TEXT_FONT, "title": {"font": TEXT_FONT}}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    figure.update_layout(
        title={"text": title, "font": TITLE_FONT},
        height=height_px,
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        font=TEXT_FONT,
        legend={
            "font": TEXT_FONT,
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 1,
            "xanchor": "right",
        },
    )
