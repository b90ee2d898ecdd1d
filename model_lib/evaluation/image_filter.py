"""Filters, sorts and pages the test images of an evaluation."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import as_csv

Sort = Literal["confidence", "doubt", "loss", "index"]
Captions = Literal["mistakes", "predictions", "labels"]

SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
CAPTIONS: Final[tuple[Captions, ...]] = get_args(Captions)
PAGE_SIZES: Final = (25, 50, 100)


@dataclass(frozen=True)
class ImageFilter:
    """Which test images are shown, in which order, on which page.

    Args:
        label: only images with this label; None for all.
        prediction: only images predicted as this class; None for all.
        least: lowest confidence, in per cent.
        most: highest confidence, in per cent.
        mistakes_only: whether correct predictions are excluded.
        sort: "confidence" (descending), "doubt" (confidence, ascending), "loss" (descending) or "index".
        per_page: images a page, one of `PAGE_SIZES`.
        page: from 1.
        captions: above each image: "mistakes" for the prediction, its confidence and the index, "predictions" for the
            prediction alone, "labels" for `label=7, predict=7`.
        writer: only images by this writer, where the writers are known; None for all.
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
    writer: int | None = None

    def cell(self, label: int, prediction: int) -> ImageFilter:
        """Returns the filter for exactly the images of one cell of the confusion matrix."""
        return dataclasses.replace(
            self,
            label=label,
            prediction=prediction,
            least=0,
            most=100,
            mistakes_only=label != prediction,
            page=1,
            writer=None,
        )


# The three galleries of the published programs.
PUBLISHED: Final[Mapping[str, ImageFilter]] = {
    "All mistakes": ImageFilter(),
    "100 images": ImageFilter(mistakes_only=False, sort="index", per_page=100, captions="predictions"),
    "25 images": ImageFilter(mistakes_only=False, sort="index", per_page=25, captions="labels"),
}


def filter_images(evaluation: Evaluation, image_filter: ImageFilter) -> NDArray[np.int64]:
    """Returns the sorted indices of all images that pass a filter, on all pages."""
    predictions, confidences = evaluation.predictions, evaluation.confidences
    passes = (confidences >= image_filter.least / 100) & (confidences <= image_filter.most / 100)
    if image_filter.mistakes_only:
        passes &= evaluation.is_mistake
    if image_filter.label is not None:
        passes &= evaluation.labels == image_filter.label
    if image_filter.prediction is not None:
        passes &= predictions == image_filter.prediction
    if image_filter.writer is not None and evaluation.writers is not None:
        passes &= evaluation.writers == image_filter.writer
    indices = np.flatnonzero(passes)
    if image_filter.sort == "index":
        return indices
    if image_filter.sort == "loss":
        key = -evaluation.losses
    else:
        key = confidences.astype(np.float64) * (-1 if image_filter.sort == "confidence" else 1)
    return indices[np.argsort(key[indices], kind="stable")]


def page_count(images: int, image_filter: ImageFilter) -> int:
    """Returns the number of pages, at least 1."""
    return max(1, -(-images // image_filter.per_page))


def on_page(indices: NDArray[np.int64], image_filter: ImageFilter) -> NDArray[np.int64]:
    """Returns the indices on the filter's page, or on the last one if it lies beyond."""
    page = min(image_filter.page, page_count(len(indices), image_filter))
    return indices[(page - 1) * image_filter.per_page : page * image_filter.per_page]


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
            *(f"{probability:.6f}" for probability in evaluation.probabilities[index]),
        ]
        for index in indices.tolist()
    )
    return as_csv(["index", "label", "prediction", "confidence", "loss", *(f"p({name})" for name in names)], rows)
