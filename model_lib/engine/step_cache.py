"""Cache of networks with traced training steps, for the next training of the same kind.

Tracing takes a second or two, which a visitor would wait for the first point of the curve. In a classroom thirty
visitors press the same button, so most trainings are of a kind that the worker has traced before.
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

_MAX_ENTRIES: Final = 3

_Kind = tuple[NetworkSpec, TrainingConfig, int]
_entries: OrderedDict[_Kind, tuple[keras.Model, TrainingSteps]] = OrderedDict()
_lock: Final = threading.Lock()


@contextmanager
def prepared_steps(
    spec: NetworkSpec, config: TrainingConfig, images_per_epoch: int
) -> Iterator[tuple[keras.Model, TrainingSteps]]:
    """Checks a freshly initialised network and its traced training steps out of the cache, for one training.

    Args:
        spec: the network.
        config: settings of the training.
        images_per_epoch: training images per epoch.

    Yields:
        A network with the initial weights of `build_network` for this seed, and its steps, at step 0. On exit both go
        back to the cache and must not be used any more.

    Raises:
        NetworkError: if the network cannot be built.
    """
    network = build_network(spec, config.seed)
    kind = (spec, dataclasses.replace(config, seed=0), images_per_epoch)
    with _lock:
        entry = _entries.pop(kind, None)  # removed, so that no concurrent training gets the same network
    if entry is None:
        steps = TrainingSteps(network, config, images_per_epoch)
    else:
        initial_weights = network.get_weights()
        network, steps = entry
        network.set_weights(initial_weights)
        steps.restart(config.seed)
    try:
        yield network, steps
    finally:
        with _lock:
            _entries[kind] = network, steps
            while len(_entries) > _MAX_ENTRIES:
                _entries.popitem(last=False)


def prepare(spec: NetworkSpec, config: TrainingConfig) -> None:
    """Traces the steps of a kind of training ahead of time and caches them.

    Args:
        spec: the network.
        config: its settings.
    """
    images, labels = np.zeros((2 * config.batch_size, 28, 28), np.uint8), np.zeros(2 * config.batch_size, np.uint8)
    with prepared_steps(spec, config, learnt_images(config)) as (_, steps):
        steps.begin_epoch(images, labels, np.arange(len(labels)))
        steps.run(0, 2)
