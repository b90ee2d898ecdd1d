"""Parameters: what each layer of the six well-known networks holds, with the sum written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from model_lib.config.network import IMAGE_SHAPE, NetworkSpec
from model_lib.config.summary import LayerSummary, summarise
from model_lib.figures.concepts.bars import counts_figure
from model_lib.networks import PRESETS
from model_lib.number_format import percent
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import show_chart

_NETWORKS: Final = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "mnist_cnn", "two_conv")
_FIRST: Final = _NETWORKS.index("cnn_5x5")


def show(text: ScreenText) -> None:
    """Shows a bar for each layer, and a table with each layer's sum."""
    words = text.words
    name = st.selectbox(
        words["network"],
        _NETWORKS,
        _FIRST,
        format_func=lambda each: PRESETS[each].title,
        help=words["network_help"],
        key="parameters_network",
        width=460,
    )
    spec = PRESETS[name]
    layers = summarise(spec)
    total = sum(layer.parameters for layer in layers)
    largest = max(layers, key=lambda layer: layer.parameters)
    st.markdown(
        words["total"].format(total=total, share=percent(largest.parameters / total), largest=f"`{largest.name}`")
    )
    if not_trained := sum(layer.parameters - layer.trainable for layer in layers):
        st.markdown(words["trained"].format(count=not_trained))
    show_chart(
        counts_figure(
            [layer.name for layer in layers], [layer.parameters for layer in layers], words["title"], words["axis"]
        ),
        "parameters_bars",
        words["alt"].format(largest=largest.name, largest_count=largest.parameters, total=total),
    )
    st.dataframe(
        {
            words["layer"]: [layer.name for layer in layers],
            words["output"]: [_sides(layer.output_shape) for layer in layers],
            words["formula"]: formulas(spec, layers, words),
            words["parameters"]: [f"{layer.parameters:,}" for layer in layers],
        },
        hide_index=True,
    )


def formulas(spec: NetworkSpec, layers: Sequence[LayerSummary], words: Mapping[str, str]) -> list[str]:
    """Returns how each layer's parameters are counted, the numbers filled in.

    Args:
        spec: of the network.
        layers: its table.
        words: "convolution", "dense", "normalization", "flatten" and "none", with places for the numbers.
    """
    found = []
    before: tuple[int, ...] = IMAGE_SHAPE
    # The table begins with the rescaling if there is one, and ends with the output; neither is in the stack.
    stack = [None] * (len(layers) - len(spec.layers) - 1) + list(spec.layers) + [None]
    for layer, row in zip(stack, layers, strict=True):
        if row.kind == "Conv2D" and layer is not None:
            counted = words["convolution"].format(k=layer.kernel_size, channels=before[-1], filters=layer.filters)
        elif row.kind == "Dense":
            counted = words["dense"].format(inputs=before[0], units=row.output_shape[0])
        elif row.kind == "BatchNormalization":
            counted = words["normalization"].format(inputs=before[-1])
        elif row.kind == "Flatten":
            counted = words["flatten"].format(sides=_sides(before), inputs=row.output_shape[0])
        else:
            counted = words["none"]
        found.append(counted)
        before = row.output_shape
    return found


def _sides(shape: Sequence[int]) -> str:
    return " x ".join(f"{side:,}" for side in shape)
