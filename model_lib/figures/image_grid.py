"""A sheet of images as one clickable picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import plotly.graph_objects as go

from model_lib.figures.click_targets import add_click_targets
from model_lib.figures.image_sheet import Sheet

_WIDTH_PX = 470


def gallery(sheet: Sheet, places: Sequence[int], words: Sequence[str]) -> go.Figure:
    """Shows a sheet so that its images can be clicked.

    Args:
        sheet: the picture.
        places: (n,) what a click on each image gives back as `customdata`, e.g. its index in the test set.
        words: (n,) what pointing at each image says.
    """
    figure = go.Figure()
    figure.add_layout_image(
        source="data:image/png;base64," + base64.b64encode(sheet.png).decode(),
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=sheet.width_px,
        sizey=sheet.height_px,
        sizing="stretch",
        layer="below",
    )
    add_click_targets(figure, sheet.centres[:, 0].tolist(), sheet.centres[:, 1].tolist(), list(places), list(words))
    figure.update_layout(
        height=round(_WIDTH_PX * sheet.height_px / sheet.width_px),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        plot_bgcolor="white",
    )
    figure.update_xaxes(
        visible=False, range=[0, sheet.width_px], fixedrange=True, constrain="domain", constraintoward="left"
    )
    figure.update_yaxes(
        visible=False,
        range=[sheet.height_px, 0],
        fixedrange=True,
        constrain="domain",
        constraintoward="top",
        scaleanchor="x",
    )
    return figure
