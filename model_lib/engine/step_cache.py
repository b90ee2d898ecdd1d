"""Networks with steps that TensorFlow has traced already, kept for the next training of the same kind.

Tracing takes a second or two, which a visitor would wait for the first point of the curve. Thirty people in a classroom
press the same button, so most trainings are of a kind that the worker has seen before.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np

from model_lib.config.network import NetworkSpec
from model_lib.config.training import TrainingConfig, learnt_images
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import build_network

if TYPE_CHECKING:
    import keras

_MOST_KEPT: Final = 3

_Kind = tuple[NetworkSpec, TrainingConfig, int]
_kept: OrderedDict[_Kind, tuple[keras.Model, TrainingSteps]] = OrderedDict()
_lock: Final = threading.Lock()


@contextmanager
def prepared_steps(
    spec: NetworkSpec, config: TrainingConfig, learnt_images: int
) -> Iterator[tuple[keras.Model, TrainingSteps]]:
    """Lends an untrained network and its steps, for one training.

    Args:
        spec: the network.
        config: the settings of the training.
        learnt_images: images per epoch.

    Yields:
        A network with the first weights that `build_network` gives it for this seed, and steps that remember nothing.
        Neither is to be used afterwards: the next training gets them.

    Raises:
        NetworkError: if the network cannot be built.
    """
    network = build_network(spec, config.seed)
    kind = (spec, dataclasses.replace(config, seed=0), learnt_images)
    with _lock:
        kept = _kept.pop(kind, None)  # taken out, so that no other training uses it meanwhile
    if kept is None:
        steps = TrainingSteps(network, config, learnt_images)
    else:
        first_weights = network.get_weights()
        network, steps = kept
        network.set_weights(first_weights)
        steps.restart(config.seed)
    try:
        yield network, steps
    finally:
        with _lock:
            _kept[kind] = network, steps
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)


def prepare(spec: NetworkSpec, config: TrainingConfig) -> None:
    """Traces the steps of a kind of training before anybody asks for one.

    Args:
        spec: the network.
        config: its settings.
    """
    images, labels = np.zeros((2 * config.batch_size, 28, 28), np.uint8), np.zeros(2 * config.batch_size, np.uint8)
    with prepared_steps(spec, config, learnt_images(config)) as (_, steps):
        steps.begin_epoch(images, labels, np.arange(len(labels)))
        steps.run(0, 2)
