"""The predictions of a network on a set of images as a table, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv

# A cell that begins so is a formula to a spreadsheet, which runs it when the file is opened.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def predictions_csv(evaluation: Evaluation, file_names: Sequence[str], names: Sequence[str]) -> str:
    """Returns one line an image: index, file, label, prediction, and the probability of each class.

    Args:
        evaluation: the predictions on n images.
        file_names: (n,), any text: one that a spreadsheet would run as a formula gets an apostrophe in front.
        names: of the classes.
    """
    rows = (
        [index, as_text(file), names[label], names[prediction], *(f"{value:.6f}" for value in probabilities)]
        for index, (file, label, prediction, probabilities) in enumerate(
            zip(
                file_names,
                evaluation.labels.tolist(),
                evaluation.predictions.tolist(),
                evaluation.probabilities.tolist(),
                strict=True,
            )
        )
    )
    return as_csv(["index", "file", "label", "prediction", *(f"p({name})" for name in names)], rows)


def as_text(cell: str) -> str:
    """Returns a text that a spreadsheet shows and does not run, with an apostrophe in front where that is needed."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell
