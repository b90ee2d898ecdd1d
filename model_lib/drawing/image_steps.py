"""What preprocessing makes of the numbers of one image: divided by 255, framed like MNIST, standardised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model_lib.drawing.preprocessing import frame_pixels

Step = Literal["file", "scaled", "framed", "standardised"]

STEPS: Final[tuple[Step, ...]] = get_args(Step)
_HIGHEST: Final = 255


@dataclass(frozen=True)
class PreprocessedImage:
    """An image after one step of preprocessing.

    Args:
        step: "file" for uint8 as it is kept, "scaled" for those divided by 255, "framed" for these scaled to 20 x 20
            and centred by mass, "standardised" for the scaled ones less the mean and divided by the deviation.
        numbers: (28, 28), uint8 for "file", float32 for the others.
    """

    step: Step
    numbers: NDArray[Any]

    @property
    def range(self) -> tuple[float, float]:
        """Its lowest and its highest number."""
        return float(self.numbers.min()), float(self.numbers.max())

    @property
    def centre_of_mass(self) -> tuple[float, float]:
        """Row and column of the mean place of the ink, in pixels from the top left corner; the middle is 14, 14.

        Only of numbers from 0 on that are not all 0.
        """
        centres = np.arange(len(self.numbers)) + 0.5
        ink = self.numbers.astype(np.float64)
        return float(centres @ ink.sum(axis=1) / ink.sum()), float(centres @ ink.sum(axis=0) / ink.sum())


def preprocess_image(image: NDArray[np.uint8], mean: float, deviation: float) -> tuple[PreprocessedImage, ...]:
    """Returns an image after each of `STEPS`, in their order; one without ink has no "framed".

    Args:
        image: (28, 28), 0 (black) to 255 (white).
        mean: of the pixels of all training images, from 0 to 1.
        deviation: their standard deviation, above 0.
    """
    scaled = image.astype(np.float32) / _HIGHEST
    framed = frame_pixels(scaled)
    found: dict[Step, NDArray[Any] | None] = {
        "file": image,
        "scaled": scaled,
        "framed": None if framed is None else framed.image,
        "standardised": ((scaled - mean) / deviation).astype(np.float32),
    }
    return tuple(PreprocessedImage(step, numbers) for step, numbers in found.items() if numbers is not None)
