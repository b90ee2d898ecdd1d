"""Two networks' predictions for the same test images: which ones both classify correctly, one of them, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from model_lib.comparison.significance import mcnemar_p_values
from model_lib.evaluation.evaluation import Evaluation

Cell = Literal["both", "first", "second", "neither"]
CELLS: Final[tuple[Cell, ...]] = ("both", "first", "second", "neither")


class ComparisonError(ValueError):
    """Two evaluations that cannot be compared image by image."""


@dataclass(frozen=True)
class PairedPredictions:
    """The 2 x 2 table of two networks on the same test images.

    Args:
        indices: of each cell, the images in it, (k,), ascending.
        images: how many there are in all.
    """

    indices: dict[Cell, NDArray[np.int64]]
    images: int

    def count(self, cell: Cell) -> int:
        """Returns the number of images in a cell."""
        return len(self.indices[cell])

    @property
    def p_value(self) -> float:
        """That of McNemar's exact test, two-sided, 0 to 1."""
        return float(mcnemar_p_values(self.count("first"), self.count("second")))


def pair_predictions(first: Evaluation, second: Evaluation) -> PairedPredictions:
    """Pairs the predictions of two networks, image by image.

    Raises:
        ComparisonError: if they are not of the same test images.
    """
    if not are_paired(first, second):
        raise ComparisonError(
            "Only predictions for the same test images can be compared. "
            f"Received: {len(first.labels):,} images of {first.dataset} and {len(second.labels):,} of {second.dataset}."
        )
    is_first, is_second = ~first.is_mistake, ~second.is_mistake
    masks: dict[Cell, NDArray[np.bool_]] = {
        "both": is_first & is_second,
        "first": is_first & ~is_second,
        "second": ~is_first & is_second,
        "neither": ~is_first & ~is_second,
    }
    return PairedPredictions({cell: np.flatnonzero(mask) for cell, mask in masks.items()}, len(first.labels))


def are_paired(first: Evaluation, second: Evaluation) -> bool:
    """Returns whether two evaluations are of the same test images in the same order."""
    return first.dataset == second.dataset and np.array_equal(first.labels, second.labels)
