"""The programs of the figures with what they must draw: the numbers that the app draws for the same choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.browsing import class_counts, mean_images, nearest_images, pixel_counts
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.calibration import calibration_of, reject, rejection_curve
from model_lib.evaluation.confusion import confusion_counts, row_fractions
from model_lib.evaluation.evaluation import Evaluation, load_evaluation
from model_lib.evaluation.image_filter import ImageFilter, filter_images, on_page
from model_lib.evaluation.label_issues import find_label_issues, near_best
from model_lib.evaluation.writers import writer_metrics
from model_lib.figure_code.image_source import ImageSource, dataset_source
from model_lib.figure_code.programs import figure_program
from model_lib.figures.calibration import rejection_curve_figure, reliability_diagram
from model_lib.figures.confusion import mistakes_by_writer
from model_lib.figures.data.statistics import class_counts_figure, pixel_histogram_figure
from model_lib.predictions import PRETRAINED_FOLDER

MNIST: Final = load_dataset("mnist")
PENS: Final = load_dataset("pen_digits")
PRETRAINED: Final = "model_lib/pretrained"
Arrays = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class Case:
    """One program with the visitor's choices, and the numbers that its figure must have.

    Args:
        name: of the program.
        key: "x", "y" or "z" of the traces, or "frame"; see `figures_of`.
        expected: returns these arrays, one a trace or frame.
        sources: of its images.
        values: of its constants.
        tolerance: of each number, relative to the largest.
        compared: turns both sides into what is compared.
    """

    name: str
    key: str
    expected: Callable[[], Arrays]
    values: Mapping[str, Any]
    sources: tuple[ImageSource, ...] = ()
    tolerance: float = 1e-5
    compared: Callable[[Arrays], Arrays] = lambda arrays: arrays

    @property
    def program(self) -> str:
        """Its text."""
        return figure_program(self.name, *self.sources, **self.values)


def data_cases() -> list[Case]:
    """Returns those of the page Browse the data."""
    train, test = MNIST.train, MNIST.test
    pens = dataset_source("pen_digits", "train")

    def sheet_of(indices: NDArray[Any], images: NDArray[np.uint8]) -> Arrays:
        return list(images[indices].astype(int))

    counts, histogram = class_counts(train.labels), pixel_counts(PENS.train.images)
    return [
        Case("data/picture", "z", lambda: [test.images[18]], {"IMAGE": 18}),
        Case(
            "data/numbers",
            "z",
            lambda: [train.images[7, 3:12, 19:28]],
            {"IMAGE": 7, "TOP": 3, "LEFT": 19, "LARGEST": 255},
        ),
        Case(
            "data/numbers",
            "z",
            lambda: [train.images[7, 3:12, 19:28] / 255],
            {"IMAGE": 7, "TOP": 3, "LEFT": 19, "LARGEST": 1},
        ),
        Case("data/sheet", "z", lambda: sheet_of(np.arange(100, 200), train.images), {"FIRST": 100, "COUNT": 100}),
        Case(
            "data/sheet",
            "z",
            lambda: sheet_of(np.flatnonzero(PENS.test.labels == 4)[:100], PENS.test.images),
            {"LABEL": 4},
            (dataset_source("pen_digits"),),
        ),
        Case(
            "data/sheet_of_writer",
            "z",
            lambda: sheet_of(
                np.flatnonzero((PENS.test.writers == 6) & (PENS.test.labels == 2))[:100], PENS.test.images
            ),
            {"WRITER": 6, "LABEL": 2},
            (dataset_source("pen_digits"),),
        ),
        Case(
            "data/nearest_images",
            "z",
            lambda: sheet_of(nearest_images(train.images, 12)[0], train.images),
            {"IMAGE": 12},
        ),
        Case("data/class_counts", "x", lambda: [np.asarray(class_counts_figure(counts, "0123456789").data[0].x)], {}),
        Case(
            "data/pixel_histogram",
            "y",
            lambda: [np.asarray(pixel_histogram_figure(histogram).data[0].y)],
            {},
            (pens,),
        ),
        Case("data/mean_images", "z", lambda: list(mean_images(train)), {}),
        Case("data/mean_images", "z", lambda: list(mean_images(PENS.train)), {}, (pens,)),
    ]


def mistake_cases() -> list[Case]:
    """Returns those of the page Review mistakes."""
    mnist, pens = load_evaluation(PRETRAINED_FOLDER), load_evaluation(PRETRAINED_FOLDER, "pen_digits")
    mnist_file, pens_file = f"{PRETRAINED}/evaluation.npz", f"{PRETRAINED}/evaluation-pen_digits.npz"

    def gallery(choice: ImageFilter, evaluation: Evaluation, images: NDArray[np.uint8]) -> Arrays:
        return list(images[on_page(filter_images(evaluation, choice), choice)].astype(int))

    def doubtful() -> Arrays:
        issues = find_label_issues(list(near_best({"pretrained": mnist}).values()))
        return list(MNIST.test.images[[each.index for each in issues[:100]]].astype(int))

    chosen = reject(mnist, 0.034)
    curve = rejection_curve_figure(rejection_curve(mnist), chosen)
    return [
        Case("mistakes/confusion_matrix", "z", lambda: [confusion_counts(mnist)], {"FILE": mnist_file}),
        Case(
            "mistakes/confusion_matrix",
            "z",
            lambda: [100 * row_fractions(confusion_counts(pens))],
            {"FILE": pens_file, "PER_CENT": True},
        ),
        Case(
            "mistakes/gallery",
            "z",
            lambda: gallery(ImageFilter(), mnist, MNIST.test.images),
            {"FILE": mnist_file, "MISTAKES_ONLY": True, "SORT": "confidence", "FIRST": 0, "COUNT": 25},
        ),
        Case(
            "mistakes/gallery",
            "z",
            lambda: gallery(
                ImageFilter(label=9, least=10, most=97, sort="loss", per_page=50, mistakes_only=False),
                mnist,
                MNIST.test.images,
            ),
            {
                "FILE": mnist_file,
                "MISTAKES_ONLY": False,
                "LABEL": 9,
                "BETWEEN": (0.1, 0.97),
                "SORT": "loss",
                "FIRST": 0,
                "COUNT": 50,
            },
        ),
        Case(
            "mistakes/gallery",
            "z",
            lambda: gallery(
                ImageFilter(prediction=7, writer=9, sort="doubt", mistakes_only=False), pens, PENS.test.images
            ),
            {"FILE": pens_file, "MISTAKES_ONLY": False, "PREDICTION": 7, "WRITER": 9, "SORT": "doubt"},
            (dataset_source("pen_digits"),),
        ),
        Case(
            "mistakes/gallery",
            "z",
            lambda: gallery(ImageFilter(sort="index", mistakes_only=False), mnist, MNIST.test.images),
            {"FILE": mnist_file, "MISTAKES_ONLY": False, "SORT": "index"},
        ),
        Case(
            "mistakes/calibration",
            "y",
            lambda: [np.asarray(reliability_diagram(calibration_of(mnist)).data[1].y), np.array([0, 100])],
            {"FILE": mnist_file},
        ),
        Case(
            "mistakes/rejection",
            "y",
            lambda: [np.asarray(trace.y) for trace in curve.data],
            {"FILE": mnist_file, "CHOSEN": 0.034},
        ),
        Case(
            "mistakes/probabilities",
            "x",
            lambda: [100 * pens.probabilities[18]],
            {"FILE": pens_file, "IMAGE": 18},
        ),
        Case(
            "mistakes/writers",
            "y",
            lambda: [np.asarray(mistakes_by_writer(writer_metrics(pens)).data[0].y)],
            {"FILE": pens_file},
        ),
        Case("mistakes/doubtful_labels", "z", doubtful, {"RUNS": "there-are-none", "TEST_SET": "mnist"}),
    ]
