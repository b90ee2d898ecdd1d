"""What a network says of all test images, and what can be read out of that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, log_loss

from model_lib.files import read_arrays, write_arrays
from model_lib.specs import CLASSES

EVALUATION_FILE: Final = "evaluation.npz"


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
    def accuracy(self) -> float:
        """The share of images that are read right, 0 to 1."""
        return float(accuracy_score(self.labels, self.predictions))

    @property
    def loss(self) -> float:
        """The mean categorical cross-entropy, in nats."""
        return float(log_loss(self.labels, self.probabilities, labels=range(CLASSES)))

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
        EvaluationError: if there is none, or it is damaged.
    """
    try:
        arrays = read_arrays(folder / EVALUATION_FILE)
        evaluation = Evaluation(arrays["probabilities"], arrays["labels"], str(arrays["dataset"]))
    except (OSError, KeyError, ValueError) as error:
        raise EvaluationError(f"The evaluation in {folder.name} is missing or damaged: {error}") from error
    if evaluation.probabilities.shape != (len(evaluation.labels), CLASSES):
        raise EvaluationError(f"The evaluation in {folder.name} is damaged: {evaluation.probabilities.shape}.")
    return evaluation
