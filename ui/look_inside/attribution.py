"""Why this answer: three methods side by side, over the image."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.figures.attribution import attribution_figure
from model_lib.layers.layer_info import LayerView, filter_layers
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choice_among
from ui.shared.charts import show_chart
from ui.shared.jobs import Report, wait_for
from ui.shared.loaders import ChosenImage, dataset_of

# Grad-CAM on maps of 2 x 2 says no more than which quarter of the image counts.
_FEWEST_PLACES = 4


def show_reasons(opened: InspectedNetwork, image: ChosenImage) -> None:
    """Shows Grad-CAM, saliency and occlusion for a class of the visitor's choice."""
    from model_lib.interpretability.attribution import grad_cam, predict_probabilities, saliency

    reader = opened.reader
    names = dataset_of(opened.run).class_names
    probabilities = predict_probabilities(reader, image.pixels[None])[0]
    best = int(probabilities.argmax())
    convolutions = filter_layers(reader.views)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        digit = st.selectbox(
            "Why, or why not",
            range(len(names)),
            best,
            format_func=lambda digit: f"{names[digit]} ({probabilities[digit]:.1%})",
            key=f"reason-{image.title}-{reader.cache_key}",
            width=220,
        )
        side_px = st.select_slider("Black square, pixels", [3, 5, 7, 9], 5, key="occlusion-side", width=220)
        layer = (
            choice_among(convolutions, "Grad-CAM at", _last_with_places(convolutions)).view.name
            if convolutions
            else None
        )
    st.markdown(f"**The network reads {names[best]}, {probabilities[best]:.1%} sure.**")
    with st.container(horizontal=True):
        if layer is not None:
            heat = grad_cam(reader, image.pixels, digit, layer)
            figure = attribution_figure(image.pixels, heat, "Grad-CAM", f"for {names[digit]}")
            show_chart(figure, "grad-cam", f"Which parts speak for {names[digit]}, by Grad-CAM")
        figure = attribution_figure(
            image.pixels, saliency(reader, image.pixels, digit), "Saliency", "slope of the score"
        )
        show_chart(figure, "saliency", f"How strongly the score of {names[digit]} hangs on each pixel")
        hidden = _occlusion(opened, image, digit, side_px)
        if hidden is not None:
            figure = attribution_figure(
                image.pixels, 100 * hidden, "Occlusion", "percentage points lost", is_signed=True
            )
            show_chart(figure, "occlusion", f"How far the probability of {names[digit]} falls when a part is hidden")
    if layer is not None and not heat.any():
        advice = " Choose an earlier convolution above." if len(convolutions) > 1 else ""
        st.info(f"Grad-CAM finds nothing at this layer that speaks for {names[digit]}.{advice}", icon=":material/info:")
    if layer is None:
        st.info(
            "This network has no convolutions, so that Grad-CAM, which adds up feature maps, has nothing to add up.",
            icon=":material/info:",
        )


def _last_with_places(convolutions: list[LayerView]) -> LayerView:
    """Returns the last convolution whose maps still tell one part of the image from another."""
    return next((view for view in reversed(convolutions) if min(view.shape[:2]) >= _FEWEST_PLACES), convolutions[0])


def _occlusion(opened: InspectedNetwork, image: ChosenImage, digit: int, side_px: int) -> NDArray[np.float32] | None:
    def hide(report: Report) -> NDArray[np.float32]:
        from model_lib.interpretability.attribution import occlusion

        return occlusion(opened.reader, image.pixels, digit, side_px)

    key = ("occlusion", opened.reader.cache_key, image.pixels.tobytes(), digit, side_px)
    return wait_for(key, hide, "Hiding each part of the image")
