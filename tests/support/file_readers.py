"""The files of Take it home as others read them: what they answer, with libraries that know nothing of this project.

Used by the tests and by `benchmarks.training.exported_files`. Images are (n, 28, 28) float32 from 0 to 1, answers
(n, 10) probabilities.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import keras

# All images at once would take gigabytes in a large convolution.
_BATCH: Final = 500


def keras_answers(content: bytes, images: np.ndarray) -> np.ndarray:
    """Returns what a `.keras` file answers, opened by `keras.models.load_model`."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.keras"
        file.write_bytes(content)
        return _predicted(keras.models.load_model(file), images)


def architecture_answers(content: bytes, images: np.ndarray) -> np.ndarray:
    """Returns what a zip of architecture and weights answers, put together by `model_from_json` and `load_weights`."""
    import keras

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.namelist() == ["network.json", "network.weights.h5"]
            archive.extractall(folder)
        network = keras.models.model_from_json((folder / "network.json").read_text(encoding="utf-8"))
        network.load_weights(folder / "network.weights.h5")
        return _predicted(network, images)


def onnx_answers(content: bytes, images: np.ndarray) -> np.ndarray:
    """Returns what an ONNX file answers in ONNX Runtime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return _in_batches(lambda batch: session.run(None, {"image": batch})[0], images)


def litert_answers(content: bytes, images: np.ndarray) -> np.ndarray:
    """Returns what a LiteRT file answers in the interpreter of ai-edge-litert."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    place = interpreter.get_input_details()[0]["index"]

    def answers(batch: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(place, (*batch.shape, 1))
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, batch[..., np.newaxis])
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    return _in_batches(answers, images)


def csv_answers(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the probabilities, (n, 10), predictions and labels, both (n,), of a table of answers, read by pandas."""
    import pandas as pd

    table = pd.read_csv(io.StringIO(text))
    probabilities = table[[f"p({digit})" for digit in range(10)]].to_numpy()
    return probabilities, table["prediction"].to_numpy(), table["label"].to_numpy()


def _predicted(network: keras.Model, images: np.ndarray) -> np.ndarray:
    return network.predict(images[..., np.newaxis], batch_size=_BATCH, verbose=0)


def _in_batches(answers: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> np.ndarray:
    return np.concatenate([answers(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)])
