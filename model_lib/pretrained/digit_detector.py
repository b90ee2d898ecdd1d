"""Likeness: whether an image looks like a digit at all, or is a scribble, a letter, two digits, a dot.

Probabilities cannot say so: they add up to 1 whatever the image shows. What the bundled network computes just before
its answer can: digits lie apart from everything else there, so a plane between the two is enough (logistic regression).
The plane was fitted to MNIST's training images and to non-digits that this project draws itself, see
`model_lib.pretrained.measure`; the error rates stand in pretrained/provenance.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import summarise
from model_lib.files import read_arrays, write_arrays
from model_lib.inference.session import InferenceNetwork
from model_lib.predictions import PRETRAINED_FOLDER, PredictionError, as_pixels, load_pretrained

LIKENESS_FILE: Final = PRETRAINED_FOLDER / "likeness.npz"


@dataclass(frozen=True)
class Likeness:
    """The plane between digits and everything else.

    Args:
        direction: (features,) float32.
        offset: added to features times direction; what comes out above 0 looks like a digit.
    """

    direction: NDArray[np.float32]
    offset: float

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns how far on the digits' side each row of (n, features) lies, (n,); below 0 it is no digit."""
        return np.asarray(features @ self.direction + self.offset, dtype=np.float32)

    def save(self, file: Path = LIKENESS_FILE) -> None:
        """Writes the plane.

        Raises:
            OSError: if it cannot be written.
        """
        write_arrays(file, {"direction": self.direction, "offset": np.array(self.offset)})


def looks_like_digit(image: NDArray[Any]) -> bool:
    """Says whether an image shows one digit, by what the bundled network sees in it.

    Args:
        image: (28, 28) float32, 0 to 1, framed like MNIST.

    Raises:
        PredictionError: for another shape, or if the bundled files are damaged.
    """
    return bool(likeness_scores(np.asarray(image)[None])[0] > 0)


def likeness_scores(images: NDArray[Any]) -> NDArray[np.float32]:
    """Returns how much each image (n, 28, 28) looks like a digit, (n,): above 0 it does."""
    return _load().scores(penultimate_features(load_pretrained(), images))


def penultimate_features(network: InferenceNetwork, images: NDArray[Any]) -> NDArray[np.float32]:
    """Computes the row of numbers from which a network's last layers take the answer.

    Args:
        network: the bundled one, or one of its architecture.
        images: (n, 28, 28), see `predict`.

    Returns:
        (n, features): what the last Flatten puts out.

    Raises:
        PredictionError: for images of another shape or pixels that are not numbers.
    """
    flat = next(row.name for row in reversed(summarise(network.spec)) if row.kind == "Flatten")
    return network.layer_outputs(as_pixels(images), (flat,))[flat]


@cache
def _load() -> Likeness:
    try:
        arrays = read_arrays(LIKENESS_FILE)
        return Likeness(arrays["direction"], float(arrays["offset"]))
    except (OSError, ValueError, KeyError) as error:
        raise PredictionError(
            f"{LIKENESS_FILE.name} cannot be read: {error}. Restore it with `git checkout -- model_lib/pretrained`."
        ) from error
