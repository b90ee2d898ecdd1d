"""The process that makes files with TensorFlow: `python -m model_lib.export.converter FOLDER KIND OUT`.

FOLDER is the run's, empty for the network that ships with the project; KIND is one of `child.Kind`; into OUT it writes
the file, what is known of it, how far it is, and a message if it cannot be made.
"""

from __future__ import annotations

import io
import itertools
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model_lib.export.child import FACTS_FILE, MESSAGE_FILE, PROGRESS_FILE, RESULT_FILE
from model_lib.export.exported import ExportedNetwork
from model_lib.files import write_atomic, write_json

if TYPE_CHECKING:
    import keras

_BATCH: Final = 500
_LARGEST: Final = float(np.finfo(np.float32).max)
# Loading TensorFlow and converting take most of the time; then the test images are answered.
_LOADED, _CONVERTED = 0.4, 0.7
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
ARCHITECTURE_FILE: Final = "network.json"
WEIGHTS_FILE: Final = "network.weights.h5"


def main(folder: str, kind: str, out: Path) -> None:
    """Makes one file."""
    exported = ExportedNetwork(folder or None)
    try:
        network = _keras_network(exported)
        _progress(out, _LOADED)
        facts: dict[str, Any] = {}
        if kind in ("litert", "litert_8bit"):
            content = _litert(network, out, is_8bit=kind == "litert_8bit")
            _progress(out, _CONVERTED)
            facts = _measured(content, exported, out)
        elif kind == "architecture_and_weights":
            content = _architecture_and_weights(network, out)
        else:
            network.save(out / "network.keras")
            content = (out / "network.keras").read_bytes()
    except Exception as error:  # the page shows why; an abort leaves nothing, which the page says too
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        (out / MESSAGE_FILE).write_text(f"The file could not be made: {reason}", encoding="utf-8")
        return
    write_atomic(out / RESULT_FILE, lambda stream: stream.write(content))
    write_json(out / FACTS_FILE, facts)


def _keras_network(exported: ExportedNetwork) -> keras.Model:
    from model_lib.networks import build_network

    network = build_network(exported.spec)
    network.set_weights(list(exported.weights()))
    return network


def _litert(network: keras.Model, out: Path, is_8bit: bool) -> bytes:
    import tensorflow as tf

    file = out / "network.tflite"
    if is_8bit:
        network = _with_unfolded_normalization(network)
    options = {"optimizations": [tf.lite.Optimize.DEFAULT]} if is_8bit else {}
    network.export(file, format="litert", verbose=False, **options)
    return file.read_bytes()


def _with_unfolded_normalization(network: keras.Model) -> keras.Model:
    """Returns the same network in which no batch normalization is multiplied into the weights of the layer behind it.

    The converter would do so. A pixel that is nearly always black has a variance of nearly 0, so that its weights
    would become thousands of times those of other pixels, all of which round to 0 beside them: of `mlp_batchnorm`
    nothing was left. The smallest of a number and the largest float32 is the number, and stops the converter.
    """
    import keras

    outputs = network.inputs[0]
    for layer, following in itertools.zip_longest(network.layers, network.layers[1:]):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        outputs = layer(outputs)
        if isinstance(layer, keras.layers.BatchNormalization) and not isinstance(following, keras.layers.Activation):
            outputs = keras.ops.minimum(outputs, _LARGEST)
    return keras.Model(network.inputs, outputs)


def _measured(content: bytes, exported: ExportedNetwork, out: Path) -> dict[str, Any]:
    """Returns the accuracy of what the file itself answers on all test images."""
    test = exported.test_images().test
    predictions = []
    for start in range(0, len(test.labels), _BATCH):
        images = test.images[start : start + _BATCH, :, :, np.newaxis].astype(np.float32) / 255
        predictions.append(_answers(content, images).argmax(axis=1))
        _progress(out, _CONVERTED + (1 - _CONVERTED) * start / len(test.labels))
    accuracy = float((np.concatenate(predictions) == test.labels).mean())
    return {"accuracy": accuracy, "images": len(test.labels)}


def _answers(content: bytes, images: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_content=content, num_threads=1)
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(place, images)
    interpreter.invoke()
    answers: np.ndarray = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return answers


def _architecture_and_weights(network: keras.Model, out: Path) -> bytes:
    """Returns a zip of both files, which Keras puts together by `model_from_json` and `load_weights`."""
    network.save_weights(out / WEIGHTS_FILE)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            (ARCHITECTURE_FILE, network.to_json().encode()),
            (WEIGHTS_FILE, (out / WEIGHTS_FILE).read_bytes()),
        ):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _progress(out: Path, share: float) -> None:
    (out / PROGRESS_FILE).write_text(f"{share:.3f}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
