"""Attribution maps: three methods side by side, over the image."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.compute.computations import GradCam, Occlusion, Saliency
from model_lib.figures.attribution import WIDTH_PX, attribution_figure
from model_lib.figures.layer_outputs import receptive_field_figure
from model_lib.figures.text.description import describe_map
from model_lib.layers.layer_info import LayerView, activated_block, filter_layers
from model_lib.number_format import probability_text
from ui.look_inside.network import InspectedNetwork
from ui.look_inside.selection import choice_among, current_choice
from ui.shared.charts import show_chart
from ui.shared.figure_code import FigureCode, code_of_image, code_of_picture
from ui.shared.jobs import compute
from ui.shared.loaders import ChosenImage, dataset_of, inference_network_of, network_reference

# Grad-CAM on maps of 2 x 2 says no more than which quarter of the image counts.
_FEWEST_PLACES = 4
_LAYER = "The convolution whose feature maps are added up. Later ones see more of the image, on a coarser grid."


def show_explanations(opened: InspectedNetwork, image: ChosenImage) -> None:
    """Shows Grad-CAM, saliency and occlusion for a class of the visitor's choice."""
    views, network = opened.layers.views, network_reference(opened.run)
    names = dataset_of(opened.run).class_names
    probabilities = inference_network_of(opened.run).predict(image.pixels[np.newaxis])[0]
    best = int(probabilities.argmax())
    convolutions = filter_layers(views)
    controls = st.container(horizontal=True, vertical_alignment="bottom")
    with controls:
        digit = st.selectbox(
            "Explain the score of",
            range(len(names)),
            best,
            format_func=lambda digit: f"{names[digit]} ({probability_text(float(probabilities[digit]))})",
            key=f"reason-{image.title}-{hash(network)}",
            width=220,
            help="The class whose score is explained: the prediction, or another one.",
        )
        side_px = st.select_slider(
            "Occlusion square, pixels",
            [3, 5, 7, 9],
            5,
            key="occlusion-side",
            width=220,
            help="Side of the black square that hides a part of the image. A small one shows finer detail.",
        )
    st.markdown(f"**Prediction: {names[best]}, {probability_text(float(probabilities[best]))} sure.**")
    pixels = image.pixels.tobytes()
    heat = None
    with st.container(horizontal=True, key="small_charts"):
        # What needs no computation stands first, also while the worker is being started.
        with st.container(width=WIDTH_PX):
            figure = receptive_field_figure(image.pixels, None, image.title, WIDTH_PX)
            show_chart(figure, "image", image.title, code=code_of_picture(opened.run, image))
        if convolutions:
            with st.container(width=WIDTH_PX):
                for layer in _layers_to_try(convolutions):
                    heat = compute(
                        GradCam(network, pixels, digit, layer.name), "Adding up the feature maps", "grad-cam"
                    )
                    if heat is None or heat.any():
                        break
                if heat is not None:
                    end = views[activated_block(views, layer.name).stop - 1].name
                    code = _code("grad_cam", opened, image, LAYER=end, CLASS=digit)
                    _show_grad_cam(heat, image, names[digit], code)
            with controls:
                choice_among(convolutions, "Grad-CAM at layer", layer, _LAYER)
        with st.container(width=WIDTH_PX):
            code = _code("saliency", opened, image, CLASS=digit)
            _show_saliency(Saliency(network, pixels, digit), image, names[digit], code)
        with st.container(width=WIDTH_PX):
            code = _code("occlusion", opened, image, CLASS=digit, SIDE=side_px)
            _show_occlusion(Occlusion(network, pixels, digit, side_px), image, names[digit], code)
    if heat is not None and not heat.any():
        advice = " Choose another convolution above." if len(convolutions) > 1 else ""
        st.info(
            f"No feature map of this layer raises the score of {names[digit]}: its Grad-CAM is zero.{advice}",
            icon=":material/info:",
        )
    if not convolutions:
        st.info(
            "This network has no convolutions, so there are no feature maps for Grad-CAM to add up.",
            icon=":material/info:",
        )


def _code(name: str, opened: InspectedNetwork, image: ChosenImage, **values: int | str) -> FigureCode:
    return code_of_image(f"further_inside/{name}", opened.run, image, **values)


def _layers_to_try(convolutions: list[LayerView]) -> list[LayerView]:
    """Returns the convolution that the visitor has chosen; before that all, in the order in which they are tried.

    The last one whose maps tell one part of the image from another comes first. Where none of its maps raises the
    score, the next ones are tried from the last on: early maps seldom have more than a trace of evidence.
    """
    backwards = convolutions[::-1]
    first = next((view for view in backwards if min(view.shape[:2]) >= _FEWEST_PLACES), convolutions[0])
    # Once one is chosen it is the choice each time.
    return list(dict.fromkeys(current_choice(convolutions, view).view for view in (first, *backwards)))


def _show_grad_cam(heat: NDArray[np.float32], image: ChosenImage, name: str, code: FigureCode) -> None:
    figure = attribution_figure(image.pixels, heat, "Grad-CAM", f"for {name}")
    show_chart(figure, "grad-cam", f"Grad-CAM of the score of {name}, {describe_map(heat)}", code=code)


def _show_saliency(saliency: Saliency, image: ChosenImage, name: str, code: FigureCode) -> None:
    gradients = compute(saliency, "Computing the gradient of the score", "saliency")
    if gradients is not None:
        figure = attribution_figure(image.pixels, gradients, "Saliency", "gradient of the score")
        show_chart(figure, "saliency", f"Gradient of the score of {name}, {describe_map(gradients)}", code=code)


def _show_occlusion(occlusion: Occlusion, image: ChosenImage, name: str, code: FigureCode) -> None:
    drops = compute(occlusion, "Hiding each part of the image", "occlusion")
    if drops is not None:
        figure = attribution_figure(image.pixels, 100 * drops, "Occlusion", "percentage points lost", is_signed=True)
        alt = f"Percentage points that {name} loses when a part is hidden, {describe_map(100 * drops)}"
        show_chart(figure, "occlusion", alt, code=code)
