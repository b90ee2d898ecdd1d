"""Evaluations made anew: of a network that still learns, of a run whose file is damaged, of the bundled network."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from model_lib.datasets.loading import Dataset, load_dataset
from model_lib.evaluation.evaluation import Evaluation
from model_lib.inference.session import InferenceNetwork
from model_lib.predictions import load_pretrained, predict
from model_lib.storage.run import Run

if TYPE_CHECKING:
    import keras

Report = Callable[[float], None]

_BATCH: Final = 1000


def evaluate_network(
    network: InferenceNetwork | keras.Model, dataset: Dataset, report: Report | None = None
) -> Evaluation:
    """Computes a network's answers to all test images.

    Args:
        network: see `predict`.
        dataset: its data set.
        report: is given the share done, 0 to 1.
    """
    images, parts = dataset.test.images, []
    for start in range(0, len(images), _BATCH):
        parts.append(predict(network, images[start : start + _BATCH]))
        if report is not None:
            report(min(1.0, (start + _BATCH) / len(images)))
    return Evaluation(np.concatenate(parts), dataset.test.labels, dataset.name)


def evaluate_pretrained(report: Report | None = None) -> Evaluation:
    """Evaluates the network that comes along, on MNIST.

    Raises:
        PredictionError: if the network is missing or damaged.
        DatasetError: if MNIST is.
    """
    return evaluate_network(load_pretrained(), load_dataset("mnist"), report)


def evaluate_run(run: Run, epoch: int | None = None, report: Report | None = None) -> Evaluation:
    """Evaluates a run's weights after one of its epochs, or the newest ones.

    The newest weights of a run that has ended are its result, so the evaluation is written into its folder then: a
    damaged file is mended.

    Raises:
        RunError: if the run has no weights yet or cannot be read.
        DatasetError: if its data set is missing.
    """
    from model_lib.storage.checkpoints import load_network

    dataset = load_dataset(run.config.dataset)
    evaluation = evaluate_network(load_network(run, epoch), dataset, report)
    if epoch is None and run.state in ("finished", "stopped"):
        # A folder that cannot be written still gets its answer, only not for the next time.
        with contextlib.suppress(OSError):
            evaluation.save(run.folder)
    return evaluation
