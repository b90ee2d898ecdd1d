"""Tells images of no digit from digits: scribbles, letters, dots, two digits.

The bundled network has learnt to be unsure of what is no digit (`model_lib.pretrained.outliers`). A digit that it
cannot tell from another has its probability in two places; what is no digit has it everywhere.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.drawing.preprocessing import BOX_SIDE, ink_box
from model_lib.predictions import as_pixels, load_pretrained, predict

# Probability of all but the two most probable digits. Networks that had not learnt from them refused with it 1.6 % of
# the digits that the 20 training writers drew.
MOST_ELSEWHERE: Final = 0.008
# Whatever is drawn fills the box of 20 x 20 pixels, but for a dot.
_SMALLEST_PX: Final = BOX_SIDE / 2


def looks_like_digit(image: NDArray[Any]) -> bool:
    """Whether an image is in distribution: one digit, by the bundled network's answer.

    Args:
        image: (28, 28) float32, 0 to 1, framed like MNIST.

    Raises:
        PredictionError: for another shape, or if the bundled network is damaged.
    """
    images = np.asarray(image)[None]
    return bool(look_like_digits(images, predict(load_pretrained(), images))[0])


def look_like_digits(images: NDArray[Any], answers: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether images are of one digit each.

    Args:
        images: (n, 28, 28), see `predict`.
        answers: (n, 10) the bundled network's probabilities.

    Returns:
        (n,).

    Raises:
        PredictionError: for images of another shape or pixels that are not numbers.
    """
    elsewhere = np.sort(answers, axis=1)[:, :-2].sum(axis=1)
    boxes = [ink_box(image) for image in as_pixels(images)]
    is_large = np.array([box is not None and box[2] >= _SMALLEST_PX for box in boxes], bool)
    return np.asarray((elsewhere <= MOST_ELSEWHERE) & is_large)
