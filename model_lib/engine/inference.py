"""Inference: class probabilities of many images, by the engine's forward pass in float32."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.engine.forward import ForwardPass
from model_lib.engine.threads import shards_per_batch

if TYPE_CHECKING:
    import keras

_BATCH_SIZE: Final = 500

_compiled: weakref.WeakKeyDictionary[keras.Model, Any] = weakref.WeakKeyDictionary()


def probabilities(network: keras.Model, images: NDArray[Any], batch_size: int = _BATCH_SIZE) -> NDArray[np.float32]:
    """Computes class probabilities in float32, whatever the training's precision, as Keras does for the saved network.

    Args:
        network: from `build_network`.
        images: (n, 28, 28), uint8 from 0 to 255 or float32 from 0 to 1.
        batch_size: images per batch.

    Returns:
        Probabilities (n, 10); each row adds up to 1.
    """
    function = _inference_function(network)
    whole = np.empty((len(images), CLASSES), np.float32)
    for start in range(0, len(images), batch_size):
        whole[start : start + batch_size] = function(tf.constant(images[start : start + batch_size])).numpy()
    return whole


def _inference_function(network: keras.Model) -> Any:
    """Returns the compiled forward pass of a network, traced once per network and dropped with it."""
    if network not in _compiled:
        # It holds the network's layers but not the network, which would otherwise be kept alive by its own entry.
        forward_pass = ForwardPass(network, in_bfloat16=False, shards=shards_per_batch(_BATCH_SIZE))
        _compiled[network] = tf.function(
            lambda images: tf.nn.softmax(forward_pass.logits(images)[0]),
            autograph=False,
            jit_compile=False,
            reduce_retracing=True,
        )
    return _compiled[network]
