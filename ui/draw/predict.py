"""What a network answers to one image, in a form that pages can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import DIGIT_NAMES, FASHION_NAMES, class_names
from model_lib.predictions import PredictionError, predict
from model_lib.storage.run import Run, RunError
from ui.shared.loaders import inference_network_of
from ui.shared.selection import PRETRAINED_TITLE


class AnswerError(Exception):
    """A network that cannot answer (yet); the message says why and what to do."""


@dataclass(frozen=True)
class Answer:
    """One network's prediction for one image.

    Args:
        probabilities: (10,) float32, 0 to 1.
        names: what the ten classes are called.
    """

    probabilities: NDArray[np.float32]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the most likely class is called."""
        return self.names[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The highest probability, 0 to 1."""
        return float(np.max(self.probabilities))


def title_of(run: Run | None) -> str:
    """Returns what a person calls a network; None is the ready-made one."""
    return PRETRAINED_TITLE if run is None else run.title


def knows_digits(run: Run | None) -> bool:
    """Says whether a network was trained on digits; the others were on clothes."""
    try:
        return run is None or class_names(run.config.dataset) == DIGIT_NAMES
    except RunError:
        return True  # damaged or deleted: said where it should answer


def answers_of(run: Run | None, images: Sequence[NDArray[Any]]) -> list[Answer]:
    """Returns the network's answer to each image, with its newest weights.

    Args:
        run: the network; None for the ready-made one.
        images: (28, 28) each, 0 (black) to 1 (white).

    Raises:
        AnswerError: if the network has no weights yet, cannot be read or has been deleted.
    """
    if run is not None and not run.exists:
        raise AnswerError("This network has been deleted. Choose another one in the sidebar.")
    try:
        names = DIGIT_NAMES if knows_digits(run) else FASHION_NAMES
        probabilities = predict(inference_network_of(run, is_live=True), np.stack(images).astype(np.float32))
    except (RunError, PredictionError) as error:
        raise AnswerError(str(error)) from error
    return [Answer(row, names) for row in probabilities]
