"""Linear probe on the penultimate features that rejects out-of-distribution images: scribbles, letters, dots.

Softmax probabilities cannot do so, since they add up to 1 whatever the image shows. The probe is a logistic regression
on the bundled network's penultimate features, fitted to MNIST's training images and to synthetic non-digits, see
`model_lib.pretrained.measure`; its error rates are in pretrained/provenance.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import NetworkSpec
from model_lib.config.summary import summarise
from model_lib.files import read_arrays, write_arrays
from model_lib.inference.session import InferenceNetwork
from model_lib.predictions import PRETRAINED_FOLDER, PredictionError, as_pixels, load_pretrained

DETECTOR_FILE: Final = PRETRAINED_FOLDER / "digit_detector.npz"


@dataclass(frozen=True)
class DigitDetector:
    """A hyperplane in feature space with the digits on its positive side.

    Args:
        direction: (features,) float32, the normal.
        offset: added to the dot product of features and direction.
    """

    direction: NDArray[np.float32]
    offset: float

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the signed distance of each row of (n, features), (n,) float32; digits are above 0."""
        return np.asarray(features @ self.direction + self.offset, dtype=np.float32)

    def save(self, file: Path = DETECTOR_FILE) -> None:
        """Writes the detector.

        Raises:
            OSError: if it cannot be written.
        """
        write_arrays(file, {"direction": self.direction, "offset": np.array(self.offset)})


def looks_like_digit(image: NDArray[Any]) -> bool:
    """Whether an image is in distribution: one digit, by the bundled network's features.

    Args:
        image: (28, 28) float32, 0 to 1, framed like MNIST.

    Raises:
        PredictionError: for another shape, or if the bundled files are damaged.
    """
    return bool(digit_scores(np.asarray(image)[None])[0] > 0)


def digit_scores(images: NDArray[Any]) -> NDArray[np.float32]:
    """Returns the detector's score of each image (n, 28, 28), (n,) float32; above 0 it is a digit."""
    return _load().scores(penultimate_features(load_pretrained(), images))


def penultimate_features(network: InferenceNetwork, images: NDArray[Any]) -> NDArray[np.float32]:
    """Computes the output of a network's last Flatten.

    Args:
        network: the bundled one, or one of its architecture.
        images: (n, 28, 28), see `predict`.

    Returns:
        (n, features) float32.

    Raises:
        PredictionError: for images of another shape or pixels that are not numbers.
    """
    flat = _last_flatten(network.spec)
    return network.layer_outputs(as_pixels(images), (flat,))[flat]


@cache
def _last_flatten(spec: NetworkSpec) -> str:
    return next(row.name for row in reversed(summarise(spec)) if row.kind == "Flatten")


@cache
def _load() -> DigitDetector:
    try:
        arrays = read_arrays(DETECTOR_FILE)
        return DigitDetector(arrays["direction"], float(arrays["offset"]))
    except (OSError, ValueError, KeyError) as error:
        raise PredictionError(
            f"{DETECTOR_FILE.name} cannot be read: {error}. Restore it with `git checkout -- model_lib/pretrained`."
        ) from error
