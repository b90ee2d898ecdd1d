"""Answers of a network without Keras: one image or some thousands, with every layer's output, from any thread."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import NetworkSpec
from model_lib.environment import ORT_DISABLE_TELEMETRY, set_defaults
from model_lib.inference.weight_shapes import bound_layers, check_weights

if TYPE_CHECKING:
    import onnxruntime

_LARGEST_BATCH: Final = 256
# ONNX Runtime keeps what it once needed, so a batch may fill that much with the outputs of all layers, no more.
_BATCH_BYTES: Final = 32 * 1024 * 1024


class InferenceNetwork:
    """A network that ONNX Runtime computes. Any number of threads may use it; the interpreter lock is released.

    Each set of outputs that is asked for has a session of its own, built at its first use: ONNX Runtime fuses the
    layers between the outputs.

    Args:
        spec: the network.
        weights: as `network.get_weights()` gives them, float32.

    Raises:
        NetworkError: if the stack cannot be built.
        WeightsError: if the weights are not those of such a network.
    """

    def __init__(self, spec: NetworkSpec, weights: Sequence[NDArray[np.float32]]) -> None:
        layers = bound_layers(spec)
        check_weights(layers, weights)
        self.spec = spec
        self.weights = tuple(weights)
        bytes_per_image = sum(4 * math.prod(layer.output_shape) for layer in layers)
        self._batch = max(1, min(_LARGEST_BATCH, _BATCH_BYTES // bytes_per_image))
        self._sessions: dict[tuple[str, ...], onnxruntime.InferenceSession] = {}
        self._building = threading.Lock()

    def predict(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Computes the answers to some images.

        Args:
            images: (n, 28, 28) float32, 0 (black) to 1 (white).

        Returns:
            Probabilities (n, 10) float32, one row an image.
        """
        return self.layer_outputs(images, ("output",))["output"]

    def layer_outputs(self, images: NDArray[np.float32], names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Computes what some layers put out.

        Args:
            images: (n, 28, 28) float32, 0 (black) to 1 (white).
            names: layers, or what their activations are given; see `onnx_graph.output_shapes`.

        Returns:
            By name, in Keras's layout: (n, height, width, channels) or (n, units) float32.

        Raises:
            KeyError: for a layer that the network does not have.
        """
        session = self._session(tuple(names))
        outputs = {
            output.name: np.empty((len(images), *output.shape[1:]), np.float32) for output in session.get_outputs()
        }
        for start in range(0, len(images), self._batch):
            parts = session.run(None, {"image": images[start : start + self._batch]})
            for array, part in zip(outputs.values(), parts, strict=True):
                array[start : start + self._batch] = part
        return outputs

    def _session(self, names: tuple[str, ...]) -> onnxruntime.InferenceSession:
        with self._building:
            if names not in self._sessions:
                self._sessions[names] = _build_session(self.spec, self.weights, names)
            return self._sessions[names]


def _build_session(
    spec: NetworkSpec, weights: Sequence[NDArray[np.float32]], names: Sequence[str]
) -> onnxruntime.InferenceSession:
    # ONNX Runtime reports to its makers, and keeps an identity of the machine in the home folder, unless told not to
    # before it is imported; on Windows by a call. Source: https://github.com/microsoft/onnxruntime/pull/27379
    set_defaults({ORT_DISABLE_TELEMETRY.name: "1"})
    # Here, not above: pages import this module before they need an answer.
    import onnxruntime

    from model_lib.inference.onnx_graph import build_onnx_model

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # One thread an answer: many visitors ask at once, and threads that wait for each other take the cores of trainings.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    model = build_onnx_model(spec, weights, names)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
