"""A network out of a stranger's `.keras` file. A child process with limits takes it apart, never Keras."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import LayerSpec, NetworkError, NetworkSpec
from model_lib.environment import PROJECT, platform_variables
from model_lib.inference.weight_shapes import WeightsError, bound_layers, check_weights
from model_lib.own_networks.archive import LARGEST_FILE_BYTES, OwnNetworkError
from model_lib.own_networks.limits import check_cost

_CHILD: Final = "model_lib.own_networks.child"
_TIME_LIMIT_SECONDS: Final = 60.0
# Five million parameters and a few words.
_LARGEST_ANSWER_BYTES: Final = 24 * 1024 * 1024
_BROKEN: Final = (
    "The file could not be read: it is damaged, asks for too much memory, or takes too long. Nothing of it was kept."
)


@dataclass(frozen=True)
class OwnNetwork:
    """A network as its file describes it.

    Args:
        layers: between the image and the last Dense(10, softmax).
        scale: what its own Rescaling multiplies the pixels by; 1 without one.
        weights: float32, in the order of Keras's `get_weights()`.
        notes: what was left out or added, in sentences.
    """

    layers: tuple[LayerSpec, ...]
    scale: float
    weights: tuple[NDArray[np.float32], ...]
    notes: tuple[str, ...]

    def spec(self, largest_pixel: float, title: str = "") -> NetworkSpec:
        """Returns the spec.

        Args:
            largest_pixel: 1 or 255, what its inputs' white was where it was trained.
            title: what a visitor calls it.
        """
        scale = self.scale * largest_pixel
        return NetworkSpec("brought", self.layers, 1.0 if abs(scale - 1) < 1e-6 else scale, title)


def read_network(content: bytes) -> OwnNetwork:
    """Reads the network of a `.keras` file.

    Args:
        content: its bytes; they may be anything.

    Raises:
        OwnNetworkError: for anything but an ordinary file of a network that this app can express.
    """
    if len(content) > LARGEST_FILE_BYTES:
        content = content[: LARGEST_FILE_BYTES + 1]  # the child says that it is too much
    try:
        with np.load(io.BytesIO(_ask_child(content)), allow_pickle=False) as arrays:
            answer = json.loads(bytes(arrays["answer"]))
            weights = tuple(arrays[f"weight_{place}"] for place in range(len(arrays.files) - 1))
        if "error" in answer:
            raise OwnNetworkError(str(answer["error"])[:1000])
        return _checked(answer, weights)
    except OwnNetworkError:
        raise
    except (NetworkError, WeightsError) as error:
        raise OwnNetworkError(str(error)) from error
    except Exception as error:  # an answer that is none: the child was killed in the middle of it
        raise OwnNetworkError(_BROKEN) from error


def _checked(answer: dict[str, Any], weights: tuple[NDArray[Any], ...]) -> OwnNetwork:
    """Checks once more what came out of the child."""
    layers = tuple(LayerSpec.from_dict(layer) for layer in answer["layers"])
    scale, notes = float(answer["scale"]), tuple(str(note)[:300] for note in answer["notes"][:80])
    if not 1e-12 <= scale <= 1e12:
        raise OwnNetworkError("The network multiplies its pixels by a number that is too large or too small.")
    check_cost(NetworkSpec("brought", layers))
    check_weights(bound_layers(NetworkSpec("brought", layers)), weights)
    if not all(np.isfinite(array).all() for array in weights):
        raise OwnNetworkError("The network has weights that are not numbers (NaN or infinite).")
    return OwnNetwork(layers, scale, weights, notes)


def _ask_child(content: bytes) -> bytes:
    """Returns what the child says of a file, at most so many bytes and after at most so long."""
    with subprocess.Popen(
        [sys.executable, "-m", _CHILD],
        cwd=PROJECT,
        env=platform_variables()
        | {
            "PYTHONPATH": os.pathsep.join([str(PROJECT), *(path for path in sys.path if path)]),
            # One thread: each other one of the linear algebra reserves memory.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "HDF5_PLUGIN_PRELOAD": "::",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        timer = threading.Timer(_TIME_LIMIT_SECONDS, child.kill)
        timer.start()
        try:
            try:
                child.stdin.write(content)
                child.stdin.close()
            except OSError:
                return b""
            answer = child.stdout.read(_LARGEST_ANSWER_BYTES + 1)
            return answer if len(answer) <= _LARGEST_ANSWER_BYTES else b""
        finally:
            timer.cancel()
            child.kill()
