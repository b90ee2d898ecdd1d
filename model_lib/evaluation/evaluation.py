"""What a network says of all test images, and the first figures that are read out of that.

Plain NumPy, not scikit-learn: importing that takes 2 to 4 seconds, and a page must show its first picture sooner. The
tests hold every figure against scikit-learn and SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.files import read_arrays, write_arrays
from model_lib.storage.events import last_evaluation, read_events

EVALUATION_FILE: Final = "evaluation.npz"
# How far the figures of one evaluation may lie apart, from the rounding of its journal.
_SAME: Final = 1e-6


class EvaluationError(Exception):
    """An evaluation that is missing or damaged."""


@dataclass(frozen=True)
class Evaluation:
    """A network's answers to a data set's test images.

    Args:
        probabilities: (n, 10) float32, each row adds up to 1.
        labels: (n,) uint8, the truth.
        dataset: the data set's name.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.uint8]
    dataset: str

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The digit with the largest probability for each image, (n,)."""
        digits: NDArray[np.int64] = np.argmax(self.probabilities, axis=1)
        return digits

    @property
    def confidences(self) -> NDArray[np.float32]:
        """The probability of each image's prediction, (n,), 0 to 1."""
        confidences: NDArray[np.float32] = self.probabilities.max(axis=1)
        return confidences

    @property
    def losses(self) -> NDArray[np.float64]:
        """The cross-entropy of each image, (n,), in nats: minus the logarithm of the truth's probability."""
        of_truth = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        # Cut off where float32 ends, as scikit-learn does, so that no logarithm is infinite.
        smallest = float(np.finfo(np.float32).eps)
        return -np.log(np.clip(of_truth, smallest, 1 - smallest))

    @property
    def is_mistake(self) -> NDArray[np.bool_]:
        """Whether each image is misread, (n,)."""
        return np.not_equal(self.predictions, self.labels)

    @property
    def accuracy(self) -> float:
        """The share of images that are read right, 0 to 1."""
        return float(np.mean(~self.is_mistake))

    @property
    def loss(self) -> float:
        """The mean categorical cross-entropy, in nats."""
        return float(self.losses.mean())

    def without(self, indices: NDArray[np.integer]) -> Evaluation:
        """Returns the evaluation with some images left out, e.g. those whose label is disputed."""
        kept = np.ones(len(self.labels), bool)
        kept[indices] = False
        return Evaluation(self.probabilities[kept], self.labels[kept], self.dataset)

    def save(self, folder: Path) -> None:
        """Writes the evaluation into a run's folder.

        Raises:
            OSError: if it cannot be written.
        """
        write_arrays(
            folder / EVALUATION_FILE,
            {"probabilities": self.probabilities, "labels": self.labels, "dataset": np.array(self.dataset)},
        )


def load_evaluation(folder: Path) -> Evaluation:
    """Reads the evaluation that the training left in a run's folder.

    Raises:
        EvaluationError: if there is none, it is damaged, or it is not the one of which the run's journal tells.
    """
    try:
        arrays = read_arrays(folder / EVALUATION_FILE)
        evaluation = Evaluation(arrays["probabilities"], arrays["labels"], str(arrays["dataset"]))
    except (OSError, KeyError, ValueError) as error:
        raise EvaluationError(f"The evaluation in {folder.name} is missing or damaged: {error}") from error
    problem = _problem(evaluation)
    if problem:
        raise EvaluationError(f"The evaluation in {folder.name} is damaged: {problem}.")
    logged = last_evaluation(read_events(folder)[0])
    if logged is not None:
        is_same = abs(logged.test_accuracy - evaluation.accuracy) < _SAME and abs(
            logged.test_loss - evaluation.loss
        ) < max(_SAME, _SAME * evaluation.loss)
        if not is_same:
            raise EvaluationError(f"The evaluation in {folder.name} is that of another network.")
    return evaluation


def accuracy_interval(accuracy: float, images: int, certainty: float = 0.95) -> tuple[float, float]:
    """Returns the range in which the accuracy on endlessly many such images would lie, with some certainty.

    Args:
        accuracy: the share read right, 0 to 1.
        images: of how many.
        certainty: 0 to 1.

    Returns:
        Lowest and highest accuracy, 0 to 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    z = NormalDist().inv_cdf(0.5 + certainty / 2)
    centre = (accuracy + z**2 / (2 * images)) / (1 + z**2 / images)
    reach = z / (1 + z**2 / images) * np.sqrt(accuracy * (1 - accuracy) / images + z**2 / (4 * images**2))
    return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))


def _problem(evaluation: Evaluation) -> str | None:
    """Says what is wrong with the arrays of a file, or None."""
    labels, probabilities = evaluation.labels, evaluation.probabilities
    if labels.ndim != 1 or not len(labels) or probabilities.shape != (len(labels), CLASSES):
        return f"its shapes are {probabilities.shape} and {labels.shape}"
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0 or labels.max() >= CLASSES:
        return "its labels are not digits"
    if not np.issubdtype(probabilities.dtype, np.floating) or not np.isfinite(probabilities).all():
        return "its probabilities are not numbers"
    return None
