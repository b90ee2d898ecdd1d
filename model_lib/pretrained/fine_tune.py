"""Fine-tunes the bundled network on other people's hands: MNIST's training images and variants of pen digits."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.presets import PRESET_CONFIGS
from model_lib.datasets.augmentation import augment
from model_lib.datasets.loading import IMAGE_SIDE, WRITERS, Split
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.stroke_variants import StrokeVariation, vary_strokes
from model_lib.drawing.strokes import Strokes, strokes_to_image
from model_lib.engine.train_step import TrainingSteps
from model_lib.networks import PRESETS, build_network
from model_lib.predictions import PRETRAINED_FOLDER
from model_lib.pretrained.train import split_training_images

if TYPE_CHECKING:
    import keras

# What the fine-tuning starts from: trained by `model_lib.pretrained.train`, on MNIST alone.
MNIST_NETWORK_FILE: Final = PRETRAINED_FOLDER / "mnist_network.keras"
FOLDS: Final = 5
_STEPS_PER_CALL: Final = 20


@dataclass(frozen=True)
class FineTuning:
    """Settings of a fine-tuning, one cycle of the learning-rate schedule.

    Args:
        epochs: number of epochs.
        learning_rate: peak of the schedule.
        mnist_images: of MNIST's 55,000 training images in each epoch, others each time.
        pen_images: variants of pen digits in each epoch, drawn anew.
        augmentation: recipe for all images of an epoch.
        variation: how far the variants of pen digits go.
    """

    epochs: int = 5
    learning_rate: float = 0.001
    mnist_images: int = 40_000
    pen_images: int = 15_000
    augmentation: str = "long_flags"
    variation: StrokeVariation = field(default_factory=StrokeVariation)


# Of the bundled network. The ten test writers stay unseen, so that the app can show what it makes of strangers.
FINE_TUNING: Final = FineTuning()
SEED: Final = 1
# Fine-tuning improves on drawings and loses a little on MNIST, so the weights are averaged with those before: with this
# weight, the cross-entropy on MNIST's held-out images is least, as three folds showed.
WEIGHT: Final = 0.6


def writers_of_fold(fold: int) -> tuple[int, ...]:
    """Returns the writers on whom the networks of a fold, 0 to 4, are tested: every fifth."""
    return WRITERS[fold::FOLDS]


def fine_tune(
    start: keras.Model,
    writers: Collection[int],
    settings: FineTuning,
    seed: int,
    log: Callable[[str], None] = print,
) -> keras.Model:
    """Trains a copy of a network on MNIST's training images, the held-out ones left out, and on what some people drew.

    Args:
        start: of the preset `bundled`; it has learnt from MNIST alone.
        writers: from whose digits it learns, 1 to 30.
        settings: the schedule.
        seed: of shuffling, dropout, variants and augmentation.
        log: called with a line after every epoch.

    Returns:
        The trained network.
    """
    training, _ = split_training_images()
    drawings, labels, names = read_drawings(STROKES_FILE)
    chosen = np.flatnonzero(np.isin(names.astype(int), list(writers))).tolist()
    strokes = [drawings[place].strokes for place in chosen]
    network = build_network(PRESETS["bundled"], seed)
    network.set_weights(start.get_weights())
    config = replace(
        PRESET_CONFIGS["bundled"],
        epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        augmentation=settings.augmentation,
        seed=seed,
    )
    count = settings.mnist_images + settings.pen_images
    steps = TrainingSteps(network, config, count)
    with _epochs(training, strokes, labels[chosen].astype(np.uint8), settings, seed) as epochs:
        for epoch, split in enumerate(epochs):
            began = time.monotonic()
            order = np.random.default_rng((seed, epoch, 0)).permutation(count)
            steps.begin_epoch(split.images, split.labels, order)
            loss = 0.0
            for first in range(0, steps.steps_per_epoch, _STEPS_PER_CALL):
                losses, _ = steps.run(first, min(_STEPS_PER_CALL, steps.steps_per_epoch - first))
                loss += float(losses.sum())
            log(
                f"epoch {epoch + 1} of {settings.epochs}: loss {loss / steps.steps_per_epoch:.4f}, "
                f"{time.monotonic() - began:.0f} s"
            )
    return network


@contextmanager
def _epochs(
    training: Split, strokes: Sequence[Strokes], labels: NDArray[np.uint8], settings: FineTuning, seed: int
) -> Iterator[Iterator[Split]]:
    """Gives the images of every epoch; the next ones are made in a thread of their own meanwhile."""
    arguments = (training, strokes, labels, settings, seed)
    with ThreadPoolExecutor(1, thread_name_prefix="variants") as pool:
        first = pool.submit(_images, *arguments, 0)

        def each() -> Iterator[Split]:
            ready = first
            for epoch in range(settings.epochs):
                split = ready.result()
                if epoch + 1 < settings.epochs:
                    ready = pool.submit(_images, *arguments, epoch + 1)
                yield split

        yield each()


def _images(
    training: Split, strokes: Sequence[Strokes], labels: NDArray[np.uint8], settings: FineTuning, seed: int, epoch: int
) -> Split:
    """Draws the pen digits of an epoch and augments them and MNIST's images."""
    rng = np.random.default_rng((seed, epoch, 1))
    places = np.resize(rng.permutation(len(strokes)), settings.pen_images)
    chosen = rng.choice(len(training.labels), settings.mnist_images, replace=False)
    drawn = draw_variants([strokes[place] for place in places.tolist()], labels[places], rng, settings.variation)
    images = np.concatenate([training.images[chosen], drawn])
    both = np.concatenate([training.labels[chosen], labels[places]])
    return Split(augment(images, rng, settings.augmentation, both), both)


def draw_variants(
    strokes: Sequence[Strokes], labels: NDArray[np.uint8], rng: np.random.Generator, variation: StrokeVariation
) -> NDArray[np.uint8]:
    """Draws one variant of each digit as the canvas would, (n, 28, 28) uint8."""
    images = np.zeros((len(strokes), IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    for place, (each, digit) in enumerate(zip(strokes, labels.tolist(), strict=True)):
        varied = [stroke * 200 + 140 for stroke in vary_strokes(each, digit, rng, variation)]
        images[place] = np.rint(np.asarray(strokes_to_image(varied)) * 255).astype(np.uint8)
    return images
