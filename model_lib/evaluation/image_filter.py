"""Which test images a gallery shows, in which order, and how a choice of them is written into an address."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv

Sort = Literal["confidence", "doubt", "loss", "index"]
Captions = Literal["mistakes", "predictions", "labels"]

SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
CAPTIONS: Final[tuple[Captions, ...]] = get_args(Captions)
PAGE_SIZES: Final = (25, 50, 100)


@dataclass(frozen=True)
class GalleryChoice:
    """A choice of test images.

    Args:
        label: only images of this class; None for all.
        prediction: only images read as this class; None for all.
        least: lowest confidence, in per cent.
        most: highest confidence, in per cent.
        mistakes_only: whether images that are read right are left out.
        sort: "confidence" (the most certain first), "doubt" (the least certain first), "loss" (the largest first) or
            "index".
        per_page: images a page, one of `PAGE_SIZES`.
        page: from 1.
        captions: what stands above each image: "mistakes" for the wrong answer, its probability and the index,
            "predictions" for the answer alone, "labels" for `label=7, predict=7`.
    """

    label: int | None = None
    prediction: int | None = None
    least: int = 0
    most: int = 100
    mistakes_only: bool = True
    sort: Sort = "confidence"
    per_page: int = 25
    page: int = 1
    captions: Captions = "mistakes"

    def cell(self, label: int, prediction: int) -> GalleryChoice:
        """Returns the choice of exactly the images that one cell of the confusion matrix counts."""
        return dataclasses.replace(
            self, label=label, prediction=prediction, least=0, most=100, mistakes_only=label != prediction, page=1
        )

    def as_address(self) -> dict[str, str]:
        """Returns what differs from the usual choice, as an address holds it."""
        usual = GalleryChoice()
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            _ADDRESS_NAMES.get(name, name): _written(value)
            for name, value in values.items()
            if value != getattr(usual, name)
        }


# The three choices of the published programs.
PUBLISHED: Final[Mapping[str, GalleryChoice]] = {
    "All mistakes": GalleryChoice(),
    "10 x 10": GalleryChoice(mistakes_only=False, sort="index", per_page=100, captions="predictions"),
    "5 x 5": GalleryChoice(mistakes_only=False, sort="index", per_page=25, captions="labels"),
}

_ADDRESS_NAMES: Final = {"prediction": "read_as", "mistakes_only": "images"}
_ALLOWED: Final[Mapping[str, Sequence[Any]]] = {
    "label": range(CLASSES),
    "prediction": range(CLASSES),
    "least": range(101),
    "most": range(101),
    "mistakes_only": (True, False),
    "sort": SORTS,
    "per_page": PAGE_SIZES,
    "page": range(1, 100_000),
    "captions": CAPTIONS,
}
ADDRESS_NAMES: Final = tuple(_ADDRESS_NAMES.get(name, name) for name in _ALLOWED)


def choice_from_address(parameters: Mapping[str, str]) -> tuple[GalleryChoice, list[str]]:
    """Reads a choice from an address.

    Args:
        parameters: by the names of `GalleryChoice.as_address`; others are passed over.

    Returns:
        The choice, and for each value that makes no sense a sentence that says so.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field, allowed in _ALLOWED.items():
        name = _ADDRESS_NAMES.get(field, field)
        if name not in parameters:
            continue
        value = next((each for each in allowed if _written(each) == parameters[name]), None)
        if value is None:
            problems.append(
                f"The address asks for {name}={parameters[name]:.40}, which does not exist. It is left out."
            )
        else:
            values[field] = value
    if values.get("least", 0) > values.get("most", 100):
        problems.append("The address asks for a confidence that begins above its end: any confidence is shown.")
        del values["least"], values["most"]
    return GalleryChoice(**values), problems


def chosen_images(evaluation: Evaluation, choice: GalleryChoice) -> NDArray[np.int64]:
    """Returns the indices of all images of a choice, on all pages, in its order."""
    predictions, confidences = evaluation.predictions, evaluation.confidences
    fits = (confidences >= choice.least / 100) & (confidences <= choice.most / 100)
    if choice.mistakes_only:
        fits &= evaluation.is_mistake
    if choice.label is not None:
        fits &= evaluation.labels == choice.label
    if choice.prediction is not None:
        fits &= predictions == choice.prediction
    indices = np.flatnonzero(fits)
    if choice.sort == "index":
        return indices
    if choice.sort == "loss":
        key = -evaluation.losses
    else:
        key = confidences.astype(np.float64) * (-1 if choice.sort == "confidence" else 1)
    return indices[np.argsort(key[indices], kind="stable")]


def page_count(images: int, choice: GalleryChoice) -> int:
    """Returns how many pages the images of a choice fill, at least 1."""
    return max(1, -(-images // choice.per_page))


def on_page(indices: NDArray[np.int64], choice: GalleryChoice) -> NDArray[np.int64]:
    """Returns the images of the choice's page, or of the last page there is if it lies beyond."""
    page = min(choice.page, page_count(len(indices), choice))
    return indices[(page - 1) * choice.per_page : page * choice.per_page]


def images_csv(evaluation: Evaluation, indices: NDArray[np.int64], names: Sequence[str]) -> str:
    """Returns images as CSV: index, label, prediction, confidence, loss, and the probability of each class."""
    predictions, confidences, losses = evaluation.predictions, evaluation.confidences, evaluation.losses
    rows = (
        [
            index,
            names[evaluation.labels[index]],
            names[predictions[index]],
            f"{confidences[index]:.6f}",
            f"{losses[index]:.6f}",
            *(f"{share:.6f}" for share in evaluation.probabilities[index]),
        ]
        for index in indices.tolist()
    )
    return as_csv(["index", "label", "prediction", "confidence", "loss", *(f"p({name})" for name in names)], rows)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "mistakes" if value else "all"
    return "" if value is None else str(value)
