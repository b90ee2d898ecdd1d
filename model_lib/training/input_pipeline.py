"""Input pipeline: shuffling, augmentation with prefetch, and mixing of the user's digits."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.training import TrainingConfig
from model_lib.datasets.augmentation import augment_with
from model_lib.datasets.loading import Split

# A user's digits are few: each is repeated, at most so often, until they are this fraction of the training set.
_OWN_FRACTION: Final = 0.1
_MAX_REPETITIONS: Final = 100
# Keeps the RNG of this choice apart from those of other uses of the seed.
_REPLAY_KEY: Final = 0x5E1EC7

EpochData = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]


def mix_in(training: Split, own: Split) -> Split:
    """Adds a user's digits to the training set.

    Args:
        training: the images of the data set.
        own: the user's; may be empty.

    Returns:
        Both, the user's repeated up to a hundred times, until they are a tenth of the whole.
    """
    if not len(own.labels):
        return training
    wanted = len(training.labels) * _OWN_FRACTION / (1 - _OWN_FRACTION)
    repetitions = min(_MAX_REPETITIONS, max(1, round(wanted / len(own.labels))))
    images = np.concatenate([training.images, np.repeat(own.images, repetitions, axis=0)])
    return Split(images, np.concatenate([training.labels, np.repeat(own.labels, repetitions)]))


def mix_in_equally(training: Split, own: Split, seed: int) -> Split:
    """Puts as many images of the training set beside a user's digits, the same ones in every epoch (replay).

    Args:
        training: the images of the data set.
        own: the user's.
        seed: of the choice.

    Returns:
        The chosen images, then the user's.
    """
    count = min(len(own.labels), len(training.labels))
    chosen = np.sort(np.random.default_rng((seed, _REPLAY_KEY)).choice(len(training.labels), count, replace=False))
    images = np.concatenate([training.images[chosen], own.images])
    return Split(images, np.concatenate([training.labels[chosen], own.labels]))


class InputPipeline:
    """Images, labels and order of every epoch; prefetches the next augmented epoch.

    The RNG of each epoch is seeded with the seed and the epoch: a resumed epoch has the same images in the same order.
    Use it in a `with` block, which ends the prefetch.

    Args:
        training: the training set, in its original order.
        config: its seed, augmentation and number of epochs.
    """

    def __init__(self, training: Split, config: TrainingConfig) -> None:
        self._training, self._config = training, config
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="augmentation")
        self._next: tuple[int, Future[NDArray[np.uint8]]] | None = None

    def __enter__(self) -> InputPipeline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def epoch(self, epoch: int) -> EpochData:
        """Returns the data of an epoch.

        Args:
            epoch: its index, from 0.

        Returns:
            Images (n, 28, 28), labels (n,) and the order (n,) in which the batches take them.
        """
        order = self._rng(epoch, 0).permutation(len(self._training.labels))
        if self._config.augmentation == "none":
            return self._training.images, self._training.labels, order
        if self._next is None or self._next[0] != epoch:
            self._prefetch(epoch)
        assert self._next is not None
        images = self._next[1].result()
        if epoch + 1 < self._config.epochs:
            self._prefetch(epoch + 1)
        return images, self._training.labels, order

    def _prefetch(self, epoch: int) -> None:
        self._next = (epoch, self._executor.submit(self._augment, epoch))

    def _augment(self, epoch: int) -> NDArray[np.uint8]:
        rng = self._rng(epoch, 1)
        return augment_with(self._training.images, rng, self._config.recipe, self._training.labels)

    def _rng(self, epoch: int, use: int) -> np.random.Generator:
        return np.random.default_rng((self._config.seed, epoch, use))
