"""Runs a network on the test set: a checkpoint, a run whose evaluation file is damaged, the pretrained network."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import numpy as np

from model_lib.datasets.loading import Dataset, ProgressCallback, load_dataset, names_of_test_sets
from model_lib.evaluation.evaluation import Evaluation
from model_lib.inference.session import InferenceNetwork
from model_lib.predictions import load_pretrained, predict
from model_lib.storage.run import Run

if TYPE_CHECKING:
    import keras

_BATCH: Final = 1000


def evaluate_network(
    network: InferenceNetwork | keras.Model, dataset: Dataset, progress: ProgressCallback | None = None
) -> Evaluation:
    """Predicts all test images.

    Args:
        network: see `predict`.
        dataset: whose test split is used.
        progress: called with 0 to 1.
    """
    images, parts = dataset.test.images, []
    for start in range(0, len(images), _BATCH):
        parts.append(predict(network, images[start : start + _BATCH]))
        if progress is not None:
            progress(min(1.0, (start + _BATCH) / len(images)))
    return Evaluation(
        np.concatenate(parts), dataset.test.labels, names_of_test_sets(dataset.name)[0], dataset.test.writers
    )


def evaluate_pretrained(other: str | None = None, progress: ProgressCallback | None = None) -> Evaluation:
    """Evaluates the pretrained network on MNIST.

    Args:
        other: name of another test set; None for MNIST's.
        progress: called with 0 to 1.

    Raises:
        PredictionError: if the network is missing or damaged.
        DatasetError: if the test set is.
    """
    return evaluate_network(load_pretrained(), load_dataset(other or "mnist"), progress)


def evaluate_run(
    run: Run, epoch: int | None = None, other: str | None = None, progress: ProgressCallback | None = None
) -> Evaluation:
    """Evaluates a run's checkpoint of one epoch, or the newest one.

    The newest checkpoint of an ended run is its result: the evaluation is then also written into the run's folder,
    which repairs a damaged file, and adds what a run of an older version does not have.

    Args:
        run: the run.
        epoch: after which epoch; None for the newest checkpoint.
        other: name of another test set; None for the run's own.
        progress: called with 0 to 1.

    Raises:
        RunError: if the run has no checkpoint or cannot be read.
        DatasetError: if its data set is missing.
    """
    from model_lib.storage.checkpoints import load_network

    dataset = load_dataset(other or run.config.dataset)
    evaluation = evaluate_network(load_network(run, epoch), dataset, progress)
    if epoch is None and run.state in ("finished", "stopped"):
        # A read-only folder still yields the result, only uncached.
        with contextlib.suppress(OSError):
            evaluation.save(run.folder, other)
    return evaluation
