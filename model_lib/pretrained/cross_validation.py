"""Cross-validation over writers: five networks, each trained on 24 people's digits, for the other six people."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import WRITERS
from model_lib.inference.session import InferenceNetwork
from model_lib.inference.weights import read_keras_weights
from model_lib.predictions import PRETRAINED_FOLDER

# The bundled network of version c780756, trained on MNIST alone; "before" in the benchmarks.
MNIST_NETWORK_FILE: Final = PRETRAINED_FOLDER / "mnist_network.keras"
FOLDS: Final = 5


def load_bundled_network(file: Path) -> InferenceNetwork:
    """Loads weights of the preset `bundled`.

    Raises:
        OSError, ValueError: if the file is missing or holds no such network.
    """
    spec = PRESETS["bundled"]
    return InferenceNetwork(spec, read_keras_weights(file, spec))


def fold_networks(folder: Path, seed: int = 1, log: Callable[[str], None] = print) -> list[InferenceNetwork]:
    """Loads the networks of all folds; those that the folder lacks are trained first and saved there.

    Args:
        folder: of the files fold-0.keras to fold-4.keras, and of the training images.
        seed: of all of them.
        log: called with lines about the progress.

    Returns:
        One network for each fold, see `writers_of_fold`. Their logits are not scaled.
    """
    files = [folder / f"fold-{fold}.keras" for fold in range(FOLDS)]
    for fold, file in enumerate(files):
        if file.exists():
            continue
        # Here, not above: networks that are there already need no Keras.
        from model_lib.pretrained.training_images import draw_training_images

        began = time.monotonic()
        images = draw_training_images(folder)
        from model_lib.pretrained.train import train_bundled

        train_bundled(images, writers_besides(fold), seed, log=log).save(file)
        log(f"fold {fold} of {FOLDS}: {(time.monotonic() - began) / 60:.0f} minutes")
    return [load_bundled_network(file) for file in files]


def writers_of_fold(fold: int) -> tuple[int, ...]:
    """Returns the writers on whom the networks of a fold, 0 to 4, are tested: every fifth."""
    return WRITERS[fold::FOLDS]


def writers_besides(fold: int) -> tuple[int, ...]:
    """Returns the writers from whom the networks of a fold learn."""
    return tuple(writer for writer in WRITERS if writer not in writers_of_fold(fold))


def unseen_by_fold(writers: NDArray[np.integer]) -> list[NDArray[np.bool_]]:
    """Returns which digits each fold's network has not learnt from, (n,) for the writers (n,) of the digits."""
    return [np.isin(writers, writers_of_fold(fold)) for fold in range(FOLDS)]
