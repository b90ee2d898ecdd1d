"""Attribution maps as an overlay on the image."""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import ColourScale, add_array_image
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import DIVERGING, INK, SEQUENTIAL, colour_scale
from model_lib.figures.tile_grid import BAR_PX, colour_bar, image_layout

WIDTH_PX: Final = 300


def attribution_figure(
    image: NDArray[np.float32], attribution: NDArray[np.float32], title: str, unit: str, is_signed: bool = False
) -> go.Figure:
    """Draws an attribution map over the image, semi-transparent.

    Args:
        image: (28, 28), 0 to 1.
        attribution: (height, width) of any size; stretched over the image.
        title: of the figure.
        unit: title of the colour bar.
        is_signed: whether the colour scale diverges from zero.
    """
    height, width = image.shape
    figure = FigureDraft()
    add_array_image(figure, image, ColourScale(INK))
    reach = float(np.abs(attribution).max()) or 1.0
    step = (height / attribution.shape[0], width / attribution.shape[1])
    figure.add_heatmap(
        z=attribution,
        x0=(step[1] - 1) / 2,
        dx=step[1],
        y0=(step[0] - 1) / 2,
        dy=step[0],
        zmin=-reach if is_signed else 0.0,
        zmax=reach,
        colorscale=colour_scale(DIVERGING if is_signed else SEQUENTIAL),
        opacity=0.7,
        colorbar=colour_bar(unit),
        hovertemplate="%{z:.4f}<extra></extra>",
    )
    image_layout(figure, title, WIDTH_PX, (height, width), BAR_PX)
    return figure.build()
