"""The arithmetic of one output number, in words, numbers and colours, for each kind of layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from model_lib.figures.output_trace import bars_figure, contributions_figure, products_figure, table_figure
from model_lib.layers.layer_info import LayerView, place_of
from model_lib.layers.output_trace import (
    ActivationTrace,
    BatchNormTrace,
    ConvTrace,
    CopyTrace,
    DenseTrace,
    MaxPoolTrace,
    MeanTrace,
    OutputTrace,
)
from model_lib.layers.receptive_field import flat_position
from ui.shared.charts import show_chart

_LARGEST = 10
_MOST_CHANNELS = 14


def show_trace(trace: OutputTrace, views: Sequence[LayerView], view: LayerView, position: tuple[int, ...]) -> None:
    """Shows how an output number comes about.

    Args:
        trace: from `explain_output`.
        views: all layers of the network, in order.
        view: the layer.
        position: of the number in the layer's output.
    """
    match trace:
        case ConvTrace():
            _convolution(trace)
        case MaxPoolTrace():
            _max_pooling(trace)
        case DenseTrace():
            _dense(trace, views, view, position[-1])
        case BatchNormTrace():
            _steps(
                trace,
                ("Value", trace.value),
                ("minus the mean", trace.mean),
                ("variance", trace.variance),
                ("times gamma", trace.gamma),
                ("plus beta", trace.beta),
            )
            st.latex(r"\gamma \cdot \frac{\text{value} - \text{mean}}{\sqrt{\text{variance} + \varepsilon}} + \beta")
        case ActivationTrace():
            _steps(trace, ("Value before", trace.value), name=trace.activation)
        case MeanTrace():
            count = int(np.isfinite(trace.values).sum())
            _steps(trace, ("Numbers", count), ("Their sum", float(np.nansum(trace.values))), name="Their mean")
            show_chart(table_figure(trace.values, "The numbers", True), "mean", "The numbers whose mean is taken")
        case CopyTrace():
            _copy(trace, view)


def _steps(trace: OutputTrace, *steps: tuple[str, float], name: str = "Result") -> None:
    """Shows the numbers of a sum in a row, the result, and what ONNX Runtime computed."""
    with st.container(horizontal=True):
        for label, value in (*steps, (name, trace.result), ("ONNX Runtime computed", trace.runtime_value)):
            text = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
            st.metric(label, text, border=True, width="content")


def _after(activation: str) -> str:
    return "Result (no activation)" if activation == "linear" else f"After {activation}"


def _convolution(trace: ConvTrace) -> None:
    _, _, channels = trace.patch.shape
    _steps(
        trace,
        (f"Sum of {trace.patch.size} products", trace.pre_activation - trace.bias),
        ("plus the bias", trace.bias),
        ("makes", trace.pre_activation),
        name=_after(trace.activation),
    )
    channel = 0
    if channels > 1:
        sums = trace.channel_sums
        strongest = np.argsort(-np.abs(sums), kind="stable")[:_MOST_CHANNELS]
        channel = st.selectbox(
            "Products with map", strongest.tolist(), format_func=lambda index: f"map {index}: adds {sums[index]:.3f}"
        )
    with st.container(horizontal=True):
        patch, kernel = trace.patch[..., channel], trace.kernel[..., channel]
        products = trace.products[..., channel]
        figure = products_figure(patch, kernel, products, float(products.sum()))
        show_chart(figure, "products", "The patch, the filter and their products, number by number")
        if channels > 1:
            figure = bars_figure(
                sums[strongest], [f"map {index}" for index in strongest], "What each map adds", "sum of its products"
            )
            show_chart(figure, "channels", "The sums of the products by input map, the largest first")
    if trace.is_padded:
        st.caption("The patch reaches beyond the border: there the layer puts zeros (padding).")


def _max_pooling(trace: MaxPoolTrace) -> None:
    row, column = trace.winner
    _steps(trace, ("Numbers", int(np.isfinite(trace.block).sum())), name="The largest")
    title = f"Winner: row {row}, column {column}"
    figure = table_figure(trace.block, title, bool(np.nanmin(trace.block) < 0.0), trace.winner)
    show_chart(figure, "block", "The block as numbers, the largest framed")


def _dense(trace: DenseTrace, views: Sequence[LayerView], view: LayerView, unit: int) -> None:
    _steps(
        trace,
        (f"Sum of {trace.products.size:,} products", trace.pre_activation - trace.bias),
        ("plus the bias", trace.bias),
        ("makes", trace.pre_activation),
        name=_after(trace.activation),
    )
    sources = _sources(views, view)
    positive, negative = trace.largest(_LARGEST)
    with st.container(horizontal=True):
        for indices, words in ((positive, "for it"), (negative, "against it")):
            if len(indices):
                names = [f"{sources[at]}: {trace.inputs[at]:.2f} x {trace.weights[at]:.2f}" for at in indices]
                title = f"Largest contributions {words}"
                figure = bars_figure(trace.products[indices], names, title, "input x weight")
                show_chart(figure, f"contributions-{words}", title)
        if trace.products.size == 784 and sources[0].startswith("pixel"):
            figure = contributions_figure(trace.products.reshape(28, 28), "What each pixel adds")
            show_chart(figure, "pixels", "The contribution of each pixel of the image")
        if trace.activation == "softmax":
            names = [f"digit {digit}" for digit in range(len(trace.logits))]
            figure = bars_figure(trace.logits, names, "All ten sums (logits): softmax shares out", "sum", unit)
            show_chart(figure, "logits", "The sums of all ten units before softmax, the logits")
    if trace.activation == "softmax":
        st.latex(
            rf"\frac{{e^{{{trace.pre_activation:.3f}}}}}{{\sum_j e^{{z_j}}}} = "
            rf"\frac{{{np.exp(trace.pre_activation):.4g}}}{{{np.exp(trace.logits).sum():.4g}}} = {trace.result:.4f}"
        )


def _sources(views: Sequence[LayerView], view: LayerView) -> list[str]:
    """Returns what each input of a dense layer is called, traced back to a pixel or a feature map where possible."""
    before = [other for other in views[: place_of(views, view.name)] if other.kind != "Dropout"]
    if len(view.input_shape) == 3:
        return [f"map {channel}" for channel in range(view.input_shape[2])]
    if not before or before[-1].kind != "Flatten" or len(before[-1].input_shape) != 3:
        return [f"unit {index}" for index in range(view.input_shape[0])]
    shape = before[-1].input_shape
    is_image = len(before) == 1 or all(other.kind == "Rescaling" for other in before[:-1])
    names = []
    for index in range(view.input_shape[0]):
        row, column, channel = flat_position(shape, index)
        names.append(f"pixel {row}, {column}" if is_image else f"map {channel}, {row}, {column}")
    return names


def _copy(trace: CopyTrace, view: LayerView) -> None:
    _steps(trace, ("Value before", trace.value))
    if view.kind == "Flatten" and len(trace.source) == 3:
        row, column, channel = trace.source
        st.markdown(f"It stood in row {row}, column {column} of map {channel}. Flatten lays the maps out in a row.")
    elif view.kind == "Flatten":
        st.markdown("The numbers stood in a row already, so Flatten changes nothing.")
    elif view.kind == "Dropout":
        st.markdown("Dropout switches values off only while the network learns. Now it lets everything pass.")
    else:
        st.markdown(f"Each number is multiplied by {trace.factor:g}.")
