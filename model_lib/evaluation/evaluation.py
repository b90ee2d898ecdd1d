"""Predictions on a test set, the metrics derived from them, and their file.

Plain NumPy: importing scikit-learn takes 2 to 4 seconds, which would delay a page's first figure. The tests compare
every metric with scikit-learn and SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.loading import CLASSES, is_known
from model_lib.files import read_arrays, write_arrays
from model_lib.storage.events import Evaluated, last_evaluation, read_events

EVALUATION_FILE: Final = "evaluation.npz"
# Tolerance between the file's metrics and those of the event log, which are rounded.
_TOLERANCE: Final = 1e-6


class EvaluationError(Exception):
    """A missing or damaged evaluation file."""


@dataclass(frozen=True)
class Evaluation:
    """A network's predictions on a test set.

    Args:
        probabilities: (n, 10) float32, each row adds up to 1.
        labels: (n,) uint8, ground truth.
        dataset: name of the data set whose test images they are.
        writers: (n,) uint8, who wrote each image; None where that is not known.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.uint8]
    dataset: str
    writers: NDArray[np.uint8] | None = None

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The class of maximal probability for each image, (n,)."""
        classes: NDArray[np.int64] = np.argmax(self.probabilities, axis=1)
        return classes

    @property
    def confidences(self) -> NDArray[np.float32]:
        """The probability of each image's prediction, (n,), 0 to 1."""
        confidences: NDArray[np.float32] = self.probabilities.max(axis=1)
        return confidences

    @property
    def losses(self) -> NDArray[np.float64]:
        """The cross-entropy of each image, (n,), in nats."""
        of_labels = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        # Clipped to the float32 epsilon, as scikit-learn does, so that the loss stays finite.
        epsilon = float(np.finfo(np.float32).eps)
        return -np.log(np.clip(of_labels, epsilon, 1 - epsilon))

    @property
    def is_mistake(self) -> NDArray[np.bool_]:
        """Whether each image is misclassified, (n,)."""
        return np.not_equal(self.predictions, self.labels)

    @property
    def accuracy(self) -> float:
        """The fraction of correct predictions, 0 to 1."""
        return float(np.mean(~self.is_mistake))

    @property
    def loss(self) -> float:
        """The mean categorical cross-entropy, in nats."""
        return float(self.losses.mean())

    def without(self, indices: NDArray[np.integer]) -> Evaluation:
        """Returns the evaluation without some images, e.g. those with known label errors."""
        kept = np.ones(len(self.labels), bool)
        kept[indices] = False
        writers = None if self.writers is None else self.writers[kept]
        return Evaluation(self.probabilities[kept], self.labels[kept], self.dataset, writers)

    def save(self, folder: Path, other: str | None = None) -> None:
        """Writes the evaluation into a run's folder.

        Args:
            folder: the run's folder.
            other: see `evaluation_file`.

        Raises:
            OSError: if it cannot be written.
        """
        arrays: dict[str, NDArray[Any]] = {
            "probabilities": self.probabilities,
            "labels": self.labels,
            "dataset": np.array(self.dataset),
        }
        if self.writers is not None:
            arrays["writers"] = self.writers
        write_arrays(folder / evaluation_file(other), arrays)


def evaluation_file(other: str | None = None) -> str:
    """Returns the name of an evaluation's file in a run's folder.

    Args:
        other: name of the test set; None for the network's own, the first of `names_of_test_sets`.
    """
    return EVALUATION_FILE if other is None else f"evaluation-{other}.npz"


def load_evaluation(folder: Path, other: str | None = None) -> Evaluation:
    """Reads an evaluation from a run's folder.

    Args:
        folder: the run's folder.
        other: see `evaluation_file`.

    Raises:
        EvaluationError: if it is missing or damaged, or its metrics differ from those in the run's event log.
    """
    try:
        arrays = read_arrays(folder / evaluation_file(other))
        evaluation = Evaluation(
            arrays["probabilities"], arrays["labels"], str(arrays["dataset"]), arrays.get("writers")
        )
    except (OSError, KeyError, ValueError) as error:
        raise EvaluationError(f"The evaluation in {folder.name} is missing or damaged: {error}") from error
    problem = _problem(evaluation)
    if problem:
        raise EvaluationError(f"The evaluation in {folder.name} is damaged: {problem}.")
    logged = last_evaluation(read_events(folder)[0])
    # The log has nothing of image sets that visitors test a network on: their name is the hash of their images.
    is_logged = other is None or not is_image_set(other)
    if logged is not None and is_logged and not _agrees(evaluation, logged, is_own=other is None):
        raise EvaluationError(f"The evaluation in {folder.name} is that of another network.")
    return evaluation


def _agrees(evaluation: Evaluation, logged: Evaluated, is_own: bool) -> bool:
    """Returns whether the metrics are those of the event log, as far as they stand there."""
    if not is_own:
        accuracy = logged.other_test_accuracy
        return accuracy is None or abs(accuracy - evaluation.accuracy) < _TOLERANCE
    loss_tolerance = max(_TOLERANCE, _TOLERANCE * evaluation.loss)
    is_same_loss = abs(logged.test_loss - evaluation.loss) < loss_tolerance
    return is_same_loss and abs(logged.test_accuracy - evaluation.accuracy) < _TOLERANCE


def accuracy_interval(accuracy: float, images: int, level: float = 0.95) -> tuple[float, float]:
    """Returns the Wilson confidence interval of an accuracy.

    Args:
        accuracy: observed accuracy, 0 to 1.
        images: sample size.
        level: confidence level, 0 to 1.

    Returns:
        Lower and upper bound, 0 to 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    centre = (accuracy + z**2 / (2 * images)) / (1 + z**2 / images)
    half_width = z / (1 + z**2 / images) * np.sqrt(accuracy * (1 - accuracy) / images + z**2 / (4 * images**2))
    return max(0.0, float(centre - half_width)), min(1.0, float(centre + half_width))


def divide_or_zero(part: NDArray[np.number], whole: NDArray[np.number]) -> NDArray[np.float64]:
    """Divides elementwise, with 0 where the denominator is 0."""
    result = np.zeros(np.broadcast_shapes(part.shape, whole.shape))
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _problem(evaluation: Evaluation) -> str | None:
    """Returns what is invalid about the arrays of a file, or None."""
    labels, probabilities = evaluation.labels, evaluation.probabilities
    if not is_known(evaluation.dataset):
        return f"its data set {evaluation.dataset!r:.40} is unknown"
    if labels.ndim != 1 or not len(labels) or probabilities.shape != (len(labels), CLASSES):
        return f"its shapes are {probabilities.shape} and {labels.shape}"
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0 or labels.max() >= CLASSES:
        return "its labels are not digits"
    if evaluation.writers is not None and evaluation.writers.shape != labels.shape:
        return f"its writers have the shape {evaluation.writers.shape}"
    if not np.issubdtype(probabilities.dtype, np.floating) or not np.isfinite(probabilities).all():
        return "its probabilities are not numbers"
    return None
