"""Fits the detector: a plane between digits, of MNIST and drawn with a pen, and drawings of what is no digit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from model_lib.datasets.augmentation import augment
from model_lib.datasets.loading import Split, load_dataset
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.inference.session import InferenceNetwork
from model_lib.pretrained.digit_detector import DigitDetector, penultimate_features
from model_lib.pretrained.synthetic_negatives import KINDS, TWIN_KIND, Sources, draw_non_digits
from model_lib.pretrained.train import split_training_images

# Share of MNIST's held-out images on the wrong side. Of people's drawings it is about a third of that: MNIST has digits
# that nobody would draw on purpose.
FALSE_POSITIVE_RATE: Final = 0.025
_REGULARISATION: Final = 0.002
_DIGITS: Final = 8_000
# A dot is always nearly the same image.
_DOTS: Final = 60


@dataclass(frozen=True)
class DetectorFeatures:
    """Penultimate features of the images for one fit and its threshold.

    Args:
        digits: (n, features) float32, of digits.
        held_out: (m, features) float32, of MNIST's held-out images.
        negatives: by kind (see `KINDS`), (k, features) float32.
    """

    digits: NDArray[np.float32]
    held_out: NDArray[np.float32]
    negatives: dict[str, NDArray[np.float32]]

    def fit(self, kinds: Iterable[str] = tuple(KINDS)) -> DigitDetector:
        """Fits a detector that has seen these kinds alone."""
        features = np.concatenate([self.digits, *(self.negatives[kind] for kind in kinds)])
        scaler = StandardScaler().fit(features)
        is_digit = np.arange(len(features)) < len(self.digits)
        plane = LogisticRegression(C=_REGULARISATION, max_iter=300).fit(scaler.transform(features), is_digit)
        direction = (plane.coef_[0] / scaler.scale_).astype(np.float32)
        line = float(np.quantile(self.held_out @ direction, FALSE_POSITIVE_RATE))
        return DigitDetector(direction, -line)


def detector_features(
    network: InferenceNetwork, writers: Collection[int], seed: int, count: int = 1_200
) -> DetectorFeatures:
    """Computes the features of MNIST's training images, of what some people drew, and of drawn non-digits.

    Args:
        network: the bundled one.
        writers: of the pen digits, also of those that non-digits are made of.
        seed: of augmentation and non-digits.
        count: non-digits of each kind.
    """
    rng = np.random.default_rng(seed)
    training, held_out = split_training_images()
    chosen = rng.choice(len(training.labels), _DIGITS, replace=False)
    plain = Split(training.images[chosen], training.labels[chosen])
    drawn = pen_digits_of(writers)
    digits = [
        plain.images[: _DIGITS // 2],
        augment(plain.images[_DIGITS // 2 :], rng, "handwriting", plain.labels[_DIGITS // 2 :]),
        drawn.images,
        augment(drawn.images, rng, "handwriting", drawn.labels),
    ]
    return DetectorFeatures(
        np.concatenate([penultimate_features(network, images) for images in digits]),
        penultimate_features(network, held_out.images),
        {
            kind: penultimate_features(network, images)
            for kind, images in negatives_of(writers, training.images, rng, count).items()
        },
    )


def negatives_of(
    writers: Collection[int], images: NDArray[np.uint8], rng: np.random.Generator, count: int
) -> dict[str, NDArray[Any]]:
    """Draws non-digits of every kind and, as a kind of their own, twins of digits.

    Args:
        writers: of whose digits the kinds that consist of drawn digits are made.
        images: (n, 28, 28) uint8, MNIST digits for pairs.
        rng: random number generator.
        count: of each kind.

    Returns:
        By kind, (count, 28, 28) float32.
    """
    drawings, labels, names = read_drawings(STROKES_FILE)
    chosen = np.flatnonzero(np.isin(names.astype(int), list(writers)))
    sources = Sources(images, [drawings[place].strokes for place in chosen.tolist()], labels[chosen])
    return {
        kind: draw_non_digits(kind, min(count, _DOTS) if kind == "dots" else count, rng, sources)
        for kind in (*KINDS, TWIN_KIND)
    }


def pen_digits_of(writers: Collection[int]) -> Split:
    """Returns the pen digits that some people drew, training and test writers alike."""
    data = load_dataset("pen_digits")
    parts = [(each, np.isin(np.asarray(each.writers), list(writers))) for each in (data.train, data.test)]
    return Split(
        np.concatenate([each.images[chosen] for each, chosen in parts]),
        np.concatenate([each.labels[chosen] for each, chosen in parts]),
    )
