"""The network as a file that other programs read."""

from __future__ import annotations

from functools import partial

import streamlit as st

from model_lib.export.child import Kind, make_file
from model_lib.export.exported import ExportedNetwork
from model_lib.predictions import PredictionError
from model_lib.storage.run import RunError
from ui.take_home.item import Item, show_made, show_ready
from ui.take_home.network import accuracy_of, has_weights, onnx_of

_WORDS = "A process of its own loads TensorFlow and makes the file"


def show_files(network: ExportedNetwork) -> None:
    """Shows the files that hold the trained network."""
    st.header("The network as a file", anchor=False)
    if not has_weights(network):
        return
    stem = network.stem
    keras_item = Item(
        "keras",
        "Keras file (.keras)",
        "For Python, trained as it is, layers and weights in one: `keras.models.load_model` opens it, and "
        "*Bring a network* here does.",
        f"{stem}.keras",
        "application/zip",
        ":material/deployed_code:",
    )
    content = network.keras_file()
    if content is not None:
        show_ready(keras_item, content)
    else:  # the training was cut off before it wrote one
        _show_made(network, keras_item, "keras")
    _show_made(
        network,
        Item(
            "architecture",
            "Architecture as JSON, and weights",
            "Two files in a zip, as the published programs save them: `keras.models.model_from_json` reads the first, "
            "`load_weights` the second.",
            f"{stem}-json-and-weights.zip",
            "application/zip",
            ":material/data_object:",
        ),
        "architecture_and_weights",
    )
    _show_onnx(network, stem)
    _show_made(
        network,
        Item(
            "litert",
            "LiteRT (.tflite)",
            "For phones and small computers (formerly TensorFlow Lite). It takes images (n, 28, 28, 1) from 0 to 1.",
            f"{stem}.tflite",
            "application/octet-stream",
            ":material/smartphone:",
        ),
        "litert",
    )
    _show_made(
        network,
        Item(
            "litert_8bit",
            "LiteRT with 8-bit weights",
            "Nearly four times smaller: each large layer's weights are rounded to 256 values (quantization). How much "
            "accuracy that costs is measured when the file is made.",
            f"{stem}-8bit.tflite",
            "application/octet-stream",
            ":material/compress:",
        ),
        "litert_8bit",
    )


def _show_onnx(network: ExportedNetwork, stem: str) -> None:
    try:
        content = onnx_of(network.folder, network.stamp)
    except (RunError, PredictionError) as error:
        st.error(str(error), icon=":material/error:")
        return
    show_ready(
        Item(
            "onnx",
            "ONNX",
            "For other libraries and languages: ONNX Runtime runs it, the viewer Netron shows its layers under their "
            "names here. It takes images (n, 28, 28) from 0 to 1.",
            f"{stem}.onnx",
            "application/octet-stream",
            ":material/hub:",
        ),
        content,
    )


def _show_made(network: ExportedNetwork, item: Item, kind: Kind) -> None:
    identity = (network.folder, network.stamp)
    show_made(item, identity, partial(make_file, network, kind), _WORDS, accuracy_of(network))
