"""The images of each epoch: the same ones in another order, or changed a little by augmentation."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.training import TrainingConfig
from model_lib.datasets.augmentation import augment
from model_lib.datasets.loading import Split

# Own digits are few: repeated until they make up this share of what is learnt, but none more often than that.
_OWN_SHARE: Final = 0.1
_MOST_REPETITIONS: Final = 100

EpochData = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]


def mix_in(learnt: Split, own: Split) -> Split:
    """Adds a visitor's own digits to the images to learn from.

    Args:
        learnt: the images of the data set.
        own: the visitor's; may be few, or none.

    Returns:
        All of them, the own ones repeated up to a hundred times, until they are a tenth of the whole.
    """
    if not len(own.labels):
        return learnt
    wanted = len(learnt.labels) * _OWN_SHARE / (1 - _OWN_SHARE)
    repetitions = min(_MOST_REPETITIONS, max(1, round(wanted / len(own.labels))))
    images = np.concatenate([learnt.images, np.repeat(own.images, repetitions, axis=0)])
    return Split(images, np.concatenate([learnt.labels, np.repeat(own.labels, repetitions)]))


class EpochImages:
    """Images, labels and order of every epoch. An augmented epoch is made while the one before is learnt.

    Each epoch has a chance of its own, drawn from the seed and its number: a resumed epoch sees the same again.
    Used in a `with`, so that nothing goes on in the background afterwards.

    Args:
        learnt: the images to learn from, in their original order.
        config: seed, augmentation and number of epochs count here.
    """

    def __init__(self, learnt: Split, config: TrainingConfig) -> None:
        self._learnt, self._config = learnt, config
        self._background = ThreadPoolExecutor(1, thread_name_prefix="augmentation")
        self._next: tuple[int, Future[NDArray[np.uint8]]] | None = None

    def __enter__(self) -> EpochImages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._background.shutdown(wait=False, cancel_futures=True)

    def epoch(self, number: int) -> EpochData:
        """Returns an epoch.

        Args:
            number: from 0.

        Returns:
            Images (n, 28, 28), labels (n,) and the order (n,) in which they are to be seen.
        """
        order = self._chance(number, 0).permutation(len(self._learnt.labels))
        if self._config.augmentation == "none":
            return self._learnt.images, self._learnt.labels, order
        if self._next is None or self._next[0] != number:
            self._begin(number)
        assert self._next is not None
        images = self._next[1].result()
        if number + 1 < self._config.epochs:
            self._begin(number + 1)
        return images, self._learnt.labels, order

    def _begin(self, number: int) -> None:
        self._next = (number, self._background.submit(self._augment, number))

    def _augment(self, number: int) -> NDArray[np.uint8]:
        chance = self._chance(number, 1)
        return augment(self._learnt.images, chance, self._config.augmentation, self._learnt.labels)

    def _chance(self, number: int, use: int) -> np.random.Generator:
        return np.random.default_rng((self._config.seed, number, use))
