"""Cross-validation over writers: five networks, each fine-tuned on 24 people's digits, for the other six people."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import WRITERS
from model_lib.inference.session import InferenceNetwork
from model_lib.inference.weights import read_keras_weights
from model_lib.pretrained.fine_tune import (
    FINE_TUNING,
    FOLDS,
    MNIST_NETWORK_FILE,
    WEIGHT,
    FineTuning,
    fine_tune,
    writers_of_fold,
)
from model_lib.pretrained.train import average_weights


def load_bundled_network(file: Path) -> InferenceNetwork:
    """Loads weights of the preset `bundled`.

    Raises:
        OSError, ValueError: if the file is missing or holds no such network.
    """
    spec = PRESETS["bundled"]
    return InferenceNetwork(spec, read_keras_weights(file, spec))


def fold_networks(
    folder: Path, settings: FineTuning = FINE_TUNING, seed: int = 1, log: Callable[[str], None] = print
) -> list[InferenceNetwork]:
    """Loads the networks of all folds; those that the folder lacks are trained first and saved there.

    Args:
        folder: of the files fold-0.keras to fold-4.keras.
        settings: of the fine-tuning.
        seed: of all of them.
        log: called with lines about the progress.

    Returns:
        One network for each fold, see `writers_of_fold`.
    """
    files = [folder / f"fold-{fold}.keras" for fold in range(FOLDS)]
    for fold, file in enumerate(files):
        if file.exists():
            continue
        import keras  # here, not above: networks that are there already need no TensorFlow

        began = time.monotonic()
        start = keras.models.load_model(MNIST_NETWORK_FILE, compile=False, safe_mode=True)
        writers = [writer for writer in WRITERS if writer not in writers_of_fold(fold)]
        network = average_weights(start, fine_tune(start, writers, settings, seed, log), WEIGHT)
        folder.mkdir(parents=True, exist_ok=True)
        network.save(file)
        log(f"fold {fold} of {FOLDS}: {(time.monotonic() - began) / 60:.0f} minutes")
    return [load_bundled_network(file) for file in files]


def unseen_by_fold(writers: NDArray[np.integer]) -> list[NDArray[np.bool_]]:
    """Returns which digits each fold's network has not learnt from, (n,) for the writers (n,) of the digits."""
    return [np.isin(writers, writers_of_fold(fold)) for fold in range(FOLDS)]
