"""Predictions: what a network says of images, the network that ships with the project, and what is no digit at all."""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import CLASSES
from model_lib.divergence import diverged, not_numbers
from model_lib.files import read_json
from model_lib.inference.session import InferenceNetwork
from model_lib.networks import build_network

if TYPE_CHECKING:
    import keras

PRETRAINED_FOLDER: Final = Path(__file__).parent / "pretrained"
PRETRAINED_FILE: Final = PRETRAINED_FOLDER / "network.keras"
PROVENANCE_FILE: Final = PRETRAINED_FOLDER / "provenance.json"
_BATCH: Final = 500
# So few images are answered by one thread that stays: TensorFlow makes its convolutions ready anew for every thread,
# which takes 50 to 100 ms, and Streamlit starts a thread for every run of a page. Many images would keep it busy.
_FEW: Final = 50
_thread: Final = ThreadPoolExecutor(1, thread_name_prefix="predictions")

_compiled: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
_compiling = threading.Lock()
_loading = threading.Lock()


class PredictionError(ValueError):
    """Images that a network cannot read, or a network that cannot be loaded; the message says why."""


def load_pretrained() -> InferenceNetwork:
    """Loads the network that ships with the project, once for the whole process and without TensorFlow.

    Raises:
        PredictionError: if the file is missing or damaged.
    """
    with _loading:
        return _load_pretrained()


def load_pretrained_keras() -> keras.Model:
    """Loads the same network as a Keras one, once for the whole process: for what needs gradients.

    Returns:
        A Keras network that takes (n, 28, 28, 1) float32, 0 to 1, and gives probabilities (n, 10).

    Raises:
        PredictionError: if the file is missing or damaged.
    """
    with _loading:
        return _load_pretrained_keras()


@cache
def _load_pretrained() -> InferenceNetwork:
    return InferenceNetwork(PRESETS["bundled"], _pretrained_weights())


@cache
def _load_pretrained_keras() -> keras.Model:
    network = build_network(PRESETS["bundled"])
    network.set_weights(_pretrained_weights())
    return network


def _pretrained_weights() -> list[NDArray[np.float32]]:
    # Here, not above: pages import this module before they need an answer.
    from model_lib.inference.weight_shapes import WeightsError
    from model_lib.inference.weights import read_keras_weights

    try:
        return read_keras_weights(PRETRAINED_FILE, PRESETS["bundled"])
    except (OSError, WeightsError) as error:
        raise PredictionError(
            f"The bundled network {PRETRAINED_FILE.name} cannot be loaded: {error} "
            "Restore it with `git checkout -- model_lib/pretrained`."
        ) from error


@cache
def pretrained_writers() -> frozenset[int]:
    """Returns the writers of pen digits that the pretrained network has learnt from, as its provenance records."""
    return frozenset(read_json(PROVENANCE_FILE)["pen_digits_writers"])


def predict(network: InferenceNetwork | keras.Model, images: NDArray[Any]) -> NDArray[np.float32]:
    """Computes what a network says of some images; quick for one, steady for many, and safe from several threads.

    Args:
        network: from `load_pretrained`, `build_network` or `InferenceNetwork`.
        images: (n, 28, 28) float32, 0 (black) to 1 (white ink); uint8 from 0 to 255 is taken too.

    Returns:
        Probabilities (n, 10) float32, one row an image.

    Raises:
        PredictionError: for images of another shape, pixels that are not numbers, or a network that diverged.
    """
    pixels = as_pixels(images)
    answers = network.predict(pixels) if isinstance(network, InferenceNetwork) else _predict_keras(network, pixels)
    if problem := not_numbers(answers):
        raise PredictionError(diverged(problem))
    return answers


def as_pixels(images: NDArray[Any]) -> NDArray[np.float32]:
    """Returns images as the networks take them, (n, 28, 28) float32 from 0 to 1; see `predict`.

    Raises:
        PredictionError: for images of another shape or pixels that are not numbers.
    """
    given = np.asarray(images)
    if given.ndim != 3 or given.shape[1:] != (28, 28):
        raise PredictionError(f"`images` must be (n, 28, 28). Received: {given.shape}.")
    pixels = given.astype(np.float32)
    if given.dtype == np.uint8:
        pixels /= 255
    if not np.isfinite(pixels).all():
        raise PredictionError("`images` must hold finite numbers from 0 to 1.")
    return pixels


def _predict_keras(network: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    # Through a function that TensorFlow compiles once: `network.predict` sets up a whole data pipeline each time.
    return _thread.submit(_compute, network, images).result() if len(images) <= _FEW else _compute(network, images)


def _compute(network: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    answer = _compile(network)
    outputs = np.empty((len(images), CLASSES), np.float32)
    for start in range(0, len(images), _BATCH):
        outputs[start : start + _BATCH] = answer(images[start : start + _BATCH, :, :, None]).numpy()
    return outputs


def _compile(network: keras.Model) -> Any:
    """Returns the network as a compiled function of (n, 28, 28, 1), made once and forgotten with the network."""
    with _compiling:
        if network not in _compiled:
            import tensorflow as tf

            # The network must not be kept alive by its own function, else it would never be forgotten.
            reference = weakref.ref(network)

            def answer(images: Any) -> Any:
                alive = reference()
                assert alive is not None
                return tf.cast(alive(images, training=False), tf.float32)

            signature = [tf.TensorSpec([None, 28, 28, 1], tf.float32)]
            function = tf.function(answer, input_signature=signature, jit_compile=False)
            function.get_concrete_function()  # traced here, under the lock, so that no two threads do it at once
            _compiled[network] = function
        return _compiled[network]
