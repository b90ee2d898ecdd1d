"""Why this answer: heat laid over the image."""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model_lib.figures.array_image import Scale, add_picture
from model_lib.figures.style import DIVERGING, INK, SEQUENTIAL
from model_lib.figures.tile_grid import BAR_PX, colour_bar, picture_layout

WIDTH_PX: Final = 300


def heat_figure(
    image: NDArray[np.float32], heat: NDArray[np.float32], title: str, unit: str, is_signed: bool = False
) -> go.Figure:
    """Draws heat over the image, which shines through.

    Args:
        image: (28, 28), 0 to 1.
        heat: (height, width), of any size: it is stretched over the image.
        title: the figure's.
        unit: what the heat is, under the colour bar.
        is_signed: whether zero is in the middle of the scale.
    """
    height, width = image.shape
    figure = go.Figure()
    add_picture(figure, image, Scale(INK))
    reach = float(np.abs(heat).max()) or 1.0
    step = (height / heat.shape[0], width / heat.shape[1])
    figure.add_heatmap(
        z=heat,
        x0=(step[1] - 1) / 2,
        dx=step[1],
        y0=(step[0] - 1) / 2,
        dy=step[0],
        zmin=-reach if is_signed else 0.0,
        zmax=reach,
        colorscale=DIVERGING if is_signed else SEQUENTIAL,
        opacity=0.7,
        colorbar=colour_bar(unit),
        hovertemplate="%{z:.4f}<extra></extra>",
    )
    picture_layout(figure, title, WIDTH_PX, (height, width), BAR_PX)
    return figure
