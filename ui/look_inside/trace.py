"""The arithmetic of one output number, in words, numbers and colours, for each kind of layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from model_lib.figures.output_trace import bars_figure, contributions_figure, products_figure, table_figure
from model_lib.interpretability.layer_info import LayerView, place_of
from model_lib.interpretability.output_trace import (
    Arithmetic,
    Bent,
    LargestOfBlock,
    MeanOfMap,
    Normalised,
    PassedOn,
    UnitSum,
    WeightedSum,
)
from model_lib.interpretability.receptive_field import flat_position
from ui.shared.charts import show_chart

if TYPE_CHECKING:
    from model_lib.interpretability.layer_outputs import FeatureReader

_LARGEST = 10
_MOST_CHANNELS = 14


def show_arithmetic(arithmetic: Arithmetic, reader: FeatureReader, view: LayerView, position: tuple[int, ...]) -> None:
    """Shows how an output number comes about.

    Args:
        arithmetic: from `explain_output`.
        reader: the network's reader.
        view: the layer.
        position: the number's place in the layer's output.
    """
    match arithmetic:
        case WeightedSum():
            _weighted_sum(arithmetic)
        case LargestOfBlock():
            _largest(arithmetic)
        case UnitSum():
            _unit(arithmetic, reader, view, position[-1])
        case Normalised():
            _steps(
                arithmetic,
                ("Value", arithmetic.value),
                ("minus the mean", arithmetic.mean),
                ("variance", arithmetic.variance),
                ("times gamma", arithmetic.gamma),
                ("plus beta", arithmetic.beta),
            )
            st.latex(r"\gamma \cdot \frac{\text{value} - \text{mean}}{\sqrt{\text{variance} + \varepsilon}} + \beta")
        case Bent():
            _steps(arithmetic, ("Value before", arithmetic.value), name=arithmetic.activation)
        case MeanOfMap():
            _steps(arithmetic, ("Numbers in the map", arithmetic.values.size), ("Their sum", arithmetic.values.sum()))
            show_chart(table_figure(arithmetic.values, "The map", True), "mean", "The map whose mean is taken")
        case PassedOn():
            _passed_on(arithmetic, view)


def _steps(arithmetic: Arithmetic, *steps: tuple[str, float], name: str = "Result") -> None:
    """Shows the numbers of a sum in a row, the result, and what Keras computed."""
    with st.container(horizontal=True):
        for label, value in (*steps, (name, arithmetic.result), ("Keras computed", arithmetic.computed)):
            text = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
            st.metric(label, text, border=True, width="content")


def _after(activation: str) -> str:
    return "Result (no activation)" if activation == "linear" else f"After {activation}"


def _weighted_sum(weighted: WeightedSum) -> None:
    _, _, channels = weighted.patch.shape
    _steps(
        weighted,
        (f"Sum of {weighted.patch.size} products", weighted.before - weighted.bias),
        ("plus the bias", weighted.bias),
        ("makes", weighted.before),
        name=_after(weighted.activation),
    )
    channel = 0
    if channels > 1:
        sums = weighted.channel_sums
        strongest = np.argsort(-np.abs(sums), kind="stable")[:_MOST_CHANNELS]
        channel = st.selectbox(
            "Products with map", strongest.tolist(), format_func=lambda place: f"map {place}: adds {sums[place]:.3f}"
        )
    with st.container(horizontal=True):
        patch, kernel = weighted.patch[..., channel], weighted.kernel[..., channel]
        products = weighted.products[..., channel]
        figure = products_figure(patch, kernel, products, float(products.sum()))
        show_chart(figure, "products", "The patch, the filter and their products, number by number")
        if channels > 1:
            figure = bars_figure(
                sums[strongest], [f"map {place}" for place in strongest], "What each map adds", "sum of its products"
            )
            show_chart(figure, "channels", "The sums of the products by input map, the largest first")
    if weighted.is_padded:
        st.caption("The patch reaches beyond the border: there the layer puts zeros (padding).")


def _largest(largest: LargestOfBlock) -> None:
    row, column = largest.winner
    _steps(largest, ("Numbers", int(np.isfinite(largest.block).sum())), name="The largest")
    title = f"Winner: row {row}, column {column}"
    figure = table_figure(largest.block, title, bool(np.nanmin(largest.block) < 0.0), largest.winner)
    show_chart(figure, "block", "The block as numbers, the largest framed")


def _unit(unit: UnitSum, reader: FeatureReader, view: LayerView, place: int) -> None:
    _steps(
        unit,
        (f"Sum of {unit.products.size:,} products", unit.before - unit.bias),
        ("plus the bias", unit.bias),
        ("makes", unit.before),
        name=_after(unit.activation),
    )
    sources = _sources(reader, view)
    positive, negative = unit.largest(_LARGEST)
    with st.container(horizontal=True):
        for places, words in ((positive, "for it"), (negative, "against it")):
            if len(places):
                names = [f"{sources[at]}: {unit.inputs[at]:.2f} x {unit.weights[at]:.2f}" for at in places]
                title = f"Largest contributions {words}"
                figure = bars_figure(unit.products[places], names, title, "input x weight")
                show_chart(figure, f"contributions-{words}", title)
        if unit.products.size == 784 and sources[0].startswith("pixel"):
            figure = contributions_figure(unit.products.reshape(28, 28), "What each pixel adds")
            show_chart(figure, "pixels", "The contribution of each pixel of the image")
        if unit.activation == "softmax":
            names = [f"digit {digit}" for digit in range(len(unit.rivals))]
            figure = bars_figure(unit.rivals, names, "All ten sums: softmax shares out", "sum", place)
            show_chart(figure, "rivals", "The sums of all ten units before softmax")
    if unit.activation == "softmax":
        st.latex(
            rf"\frac{{e^{{{unit.before:.3f}}}}}{{\sum_j e^{{z_j}}}} = "
            rf"\frac{{{np.exp(unit.before):.4g}}}{{{np.exp(unit.rivals).sum():.4g}}} = {unit.result:.4f}"
        )


def _sources(reader: FeatureReader, view: LayerView) -> list[str]:
    """Returns what each input of a dense layer is called, traced back to a pixel or a feature map where possible."""
    before = [other for other in reader.views[: place_of(reader.views, view.name)] if other.kind != "Dropout"]
    if len(view.input_shape) == 3:
        return [f"map {channel}" for channel in range(view.input_shape[2])]
    if not before or before[-1].kind != "Flatten" or len(before[-1].input_shape) != 3:
        return [f"unit {place}" for place in range(view.input_shape[0])]
    shape = before[-1].input_shape
    is_image = len(before) == 1 or all(other.kind == "Rescaling" for other in before[:-1])
    names = []
    for place in range(view.input_shape[0]):
        row, column, channel = flat_position(shape, place)
        names.append(f"pixel {row}, {column}" if is_image else f"map {channel}, {row}, {column}")
    return names


def _passed_on(passed: PassedOn, view: LayerView) -> None:
    _steps(passed, ("Value before", passed.value))
    if view.kind == "Flatten" and len(passed.source) == 3:
        row, column, channel = passed.source
        st.markdown(f"It stood in row {row}, column {column} of map {channel}. Flatten lays the maps out in a row.")
    elif view.kind == "Flatten":
        st.markdown("The numbers stood in a row already, so Flatten changes nothing.")
    elif view.kind == "Dropout":
        st.markdown("Dropout switches values off only while the network learns. Now it lets everything pass.")
    else:
        st.markdown(f"Each number is multiplied by {passed.factor:g}.")
