"""Baselines: the same networks in a plain Keras script with `fit`, and in an eager PyTorch loop."""

from __future__ import annotations

import functools
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.summary import summarise
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import Split, load_dataset
from model_lib.engine.threads import tf_thread_env
from model_lib.networks import build_network


@contextmanager
def usual_process() -> Iterator[Executor]:
    """Starts a process with TensorFlow's default threads, where every operation uses all cores, as in any script.

    The engine configures the threads of its own process, and TensorFlow reads that only once per process.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _set_default_threads) as process:
        yield process


def _set_default_threads() -> None:
    for name in tf_thread_env():
        os.environ.pop(name, None)


def epoch_speed(who: str, spec: NetworkSpec, config: TrainingConfig) -> float | None:
    """Runs another epoch of a script in this process.

    Args:
        who: "plain" for Keras, "torch" for PyTorch.
        spec: the network.
        config: its settings; it trains on the first `training_images`.

    Returns:
        Images a second; None where PyTorch is not installed.
    """
    epoch = _epochs(who, spec, config)
    if epoch is None:
        return None
    start = time.perf_counter()
    epoch()
    return config.training_images / (time.perf_counter() - start)


@functools.cache
def _epochs(who: str, spec: NetworkSpec, config: TrainingConfig) -> Callable[[], Any] | None:
    train_set, count = load_dataset(config.dataset).train, config.training_images
    split = Split(train_set.images[:count], train_set.labels[:count])
    return keras_epochs(spec, config, split) if who == "plain" else torch_epochs(spec, config, split)


def compiled(spec: NetworkSpec, config: TrainingConfig, seed: int) -> keras.Model:
    """Builds and compiles a network with the defaults, as a script would."""
    network = build_network(spec, seed)
    optimizer = {"adam": keras.optimizers.Adam, "adadelta": keras.optimizers.Adadelta}[config.optimizer]
    network.compile(
        optimizer=optimizer(learning_rate=config.rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return network


def keras_epochs(spec: NetworkSpec, config: TrainingConfig, split: Split, seed: int = 1) -> Callable[[], keras.Model]:
    """Returns a function that runs one epoch of `fit` on NumPy arrays each time it is called."""
    network = compiled(spec, config, seed)
    images = split.images.astype(np.float32) / 255

    def epoch() -> keras.Model:
        network.fit(images, split.labels, batch_size=config.batch_size, epochs=1, verbose=0)
        return network

    return epoch


def torch_epochs(spec: NetworkSpec, config: TrainingConfig, split: Split) -> Callable[[], Any] | None:
    """Returns a function that runs one epoch of eager PyTorch, or None where PyTorch is not installed."""
    try:
        import torch
    except ImportError:
        return None
    network = torch.nn.Sequential(*_torch_layers(spec, torch))
    optimizer = {"adam": torch.optim.Adam, "adadelta": torch.optim.Adadelta}[config.optimizer](
        network.parameters(), lr=config.rate
    )
    images = torch.from_numpy(split.images.astype(np.float32) / 255).unsqueeze(1)
    labels = torch.from_numpy(split.labels.astype(np.int64))

    def epoch() -> Any:
        network.train()
        order = torch.randperm(len(labels))
        for start in range(0, len(labels), config.batch_size):
            rows = order[start : start + config.batch_size]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()
            optimizer.step()
        return network

    return epoch


def _torch_layers(spec: NetworkSpec, torch: Any) -> list[Any]:
    layers: list[Any] = []
    shape: tuple[int, ...] = (28, 28, 1)
    rows = [row for row in summarise(spec) if row.kind != "Rescaling"]
    for layer, row in zip((*spec.layers, LayerSpec("Dense", units=10, activation="linear")), rows, strict=True):
        if layer.kind == "Conv2D":
            padding = layer.kernel_size // 2 if layer.padding == "same" else 0
            layers.append(torch.nn.Conv2d(shape[-1], layer.filters, layer.kernel_size, padding=padding))
        elif layer.kind == "MaxPooling2D":
            layers.append(torch.nn.MaxPool2d(layer.pool_size))
        elif layer.kind == "Dropout":
            layers.append(torch.nn.Dropout(layer.rate))
        elif layer.kind == "BatchNormalization":
            layers.append(torch.nn.BatchNorm1d(shape[-1]) if len(shape) == 1 else torch.nn.BatchNorm2d(shape[-1]))
        elif layer.kind == "Flatten":
            layers.append(torch.nn.Flatten())
        elif layer.kind == "Dense":
            layers.append(torch.nn.Linear(shape[-1], layer.units))
        elif layer.kind != "Activation":
            raise ValueError(f"The PyTorch baseline has no {layer.kind}: add it here or choose another preset.")
        if "activation" in layer.options() and layer.activation == "relu":
            layers.append(torch.nn.ReLU())
        shape = row.output_shape
    return layers
