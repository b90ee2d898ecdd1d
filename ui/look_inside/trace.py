"""The arithmetic of one output number, in words, numbers and colours, for each kind of layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from model_lib.figures.output_trace import bars_figure, contributions_figure, products_figure, table_figure
from model_lib.figures.text.description import describe_bars, describe_map
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
# By how a label begins.
_HELP = {
    "Sum of": "Each input number times its weight, added up.",
    "bias": "A number that was learnt in training and is added to the sum.",
    "sum + bias": "What the activation function is applied to (pre-activation).",
    "After": "The activation function of sum + bias: the output of the layer at this place.",
    "Result": "The output of the layer at this place.",
    "check by ONNX Runtime": "The same value as another program computed it: the two agree up to rounding.",
    "Value": "The output of the layer before, which this layer changes.",
    "mean": "Of this channel in training (moving average); it is subtracted.",
    "variance": "Of this channel in training (moving average); the value is divided by its square root.",
    "gamma": "A weight of the layer: the normalised value is multiplied by it.",
    "beta": "A weight of the layer: it is added at the end.",
    "Numbers": "How many numbers of the layer before are read for this one.",
    "The largest": "Max pooling keeps only this one: the output of the layer at this place.",
    "Their sum": "All of them added up.",
    "Their mean": "Their sum divided by how many they are: the output of the layer at this place.",
}


def show_trace(trace: OutputTrace, views: Sequence[LayerView], view: LayerView, position: tuple[int, ...]) -> int:
    """Shows how an output number comes about.

    Args:
        trace: from `explain_output`.
        views: all layers of the network, in order.
        view: the layer.
        position: of the number in the layer's output.

    Returns:
        The input map whose products are shown, of a convolution; 0 for any other layer.
    """
    channel = 0
    match trace:
        case ConvTrace():
            channel = _convolution(trace)
        case MaxPoolTrace():
            _max_pooling(trace)
        case DenseTrace():
            _dense(trace, views, view, position[-1])
        case BatchNormTrace():
            _steps(
                trace,
                ("Value", trace.value),
                ("mean", trace.mean),
                ("variance", trace.variance),
                ("gamma", trace.gamma),
                ("beta", trace.beta),
            )
            st.latex(r"\gamma \cdot \frac{\text{value} - \text{mean}}{\sqrt{\text{variance} + \varepsilon}} + \beta")
        case ActivationTrace():
            _steps(trace, ("Value before", trace.value), name=_after(trace.activation))
        case MeanTrace():
            count = int(np.isfinite(trace.values).sum())
            _steps(trace, ("Numbers", count), ("Their sum", float(np.nansum(trace.values))), name="Their mean")
            alt = f"The numbers whose mean is taken, {describe_map(np.nan_to_num(trace.values))}"
            show_chart(table_figure(trace.values, "The numbers", True), "mean", alt)
        case CopyTrace():
            _copy(trace, view)
    return channel


def _steps(trace: OutputTrace, *steps: tuple[str, float], name: str = "Result") -> None:
    """Shows the numbers of a sum in a row, the result, and ONNX Runtime's value."""
    with st.container(horizontal=True):
        for label, value in (*steps, (name, trace.result), ("check by ONNX Runtime", trace.runtime_value)):
            text = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
            st.metric(label, text, border=True, width="content", help=_help_of(label))


def _help_of(label: str) -> str:
    return next(words for start, words in _HELP.items() if label.startswith(start))


def _after(activation: str) -> str:
    return "Result (no activation)" if activation == "linear" else f"After {activation}"


def _convolution(trace: ConvTrace) -> int:
    _, _, channels = trace.patch.shape
    _steps(
        trace,
        (f"Sum of {trace.patch.size} products", trace.pre_activation - trace.bias),
        ("bias", trace.bias),
        ("sum + bias", trace.pre_activation),
        name=_after(trace.activation),
    )
    channel = 0
    if channels > 1:
        sums = trace.channel_sums
        strongest = np.argsort(-np.abs(sums), kind="stable")[:_MOST_CHANNELS]
        channel = st.selectbox(
            "Products with map",
            strongest.tolist(),
            format_func=lambda index: f"map {index}: sum {sums[index]:.3f}",
            help="The filter has weights for each feature map before it. Chosen is the one whose products are shown.",
        )
    with st.container(horizontal=True):
        patch, kernel = trace.patch[..., channel], trace.kernel[..., channel]
        products = trace.products[..., channel]
        figure = products_figure(patch, kernel, products, float(products.sum()))
        show_chart(figure, "products", f"The patch, the filter and their products, {describe_map(products)}")
        if channels > 1:
            names = [f"map {index}" for index in strongest]
            figure = bars_figure(sums[strongest], names, "Sum of products by input map", "sum of products")
            alt = f"Sums of products by input map: {describe_bars(sums[strongest], names)}"
            show_chart(figure, "channels", alt)
    if trace.is_padded:
        st.caption("The patch reaches beyond the border: there the layer puts zeros (padding).")
    return int(channel)


def _max_pooling(trace: MaxPoolTrace) -> None:
    row, column = trace.winner
    _steps(trace, ("Numbers", int(np.isfinite(trace.block).sum())), name="The largest")
    title = f"Largest: row {row}, column {column}"
    figure = table_figure(trace.block, title, bool(np.nanmin(trace.block) < 0.0), trace.winner)
    show_chart(figure, "block", f"The block as numbers, the largest framed: {trace.block[trace.winner]:.3g}")


def _dense(trace: DenseTrace, views: Sequence[LayerView], view: LayerView, unit: int) -> None:
    _steps(
        trace,
        (f"Sum of {trace.products.size:,} products", trace.pre_activation - trace.bias),
        ("bias", trace.bias),
        ("sum + bias", trace.pre_activation),
        name=_after(trace.activation),
    )
    sources = _sources(views, view)
    positive, negative = trace.largest(_LARGEST)
    with st.container(horizontal=True):
        for indices, words in ((positive, "positive"), (negative, "negative")):
            if len(indices):
                names = [f"{sources[at]}: {trace.inputs[at]:.2f} x {trace.weights[at]:.2f}" for at in indices]
                title = f"Largest {words} contributions"
                figure = bars_figure(trace.products[indices], names, title, "input x weight")
                alt = f"{title}: {describe_bars(trace.products[indices], names)}"
                show_chart(figure, f"contributions-{words}", alt)
        if trace.products.size == 784 and sources[0].startswith("pixel"):
            by_pixel = trace.products.reshape(28, 28)
            figure = contributions_figure(by_pixel, "Contribution of each pixel")
            show_chart(figure, "pixels", f"The contribution of each pixel, {describe_map(by_pixel)}")
        if trace.activation == "softmax":
            names = [f"digit {digit}" for digit in range(len(trace.logits))]
            figure = bars_figure(trace.logits, names, "The ten sums before softmax (logits)", "logit", unit)
            show_chart(
                figure, "logits", f"The ten sums before softmax, the logits: {describe_bars(trace.logits, names)}"
            )
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
        st.markdown("Dropout sets values to zero in training only. Here it changes nothing.")
    else:
        st.markdown(f"Each number is multiplied by {trace.factor:g}.")
