"""Images that the bundled network is trained on, drawn once for all trainings: `draw_training_images`."""

from __future__ import annotations

import os
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.augmentation import RECIPES, augment_with
from model_lib.datasets.loading import IMAGE_SIDE, Split, load_dataset
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.stroke_variants import vary_strokes
from model_lib.drawing.strokes import strokes_to_image
from model_lib.pretrained.outliers import OUTLIER_KINDS, draw_outlier

# Size of the validation split, the last training images of MNIST: settings and thresholds are chosen on it.
HELD_OUT: Final = 5_000
# How often every image of MNIST and every pen digit is drawn anew, and how many outliers there are for each of the
# latter. One round of pen digits is drawn in some 15 s on one core.
ROUNDS: Final = {"mnist": 24, "pens": 48, "outliers": 20}
_SEED: Final = 1
# Milder than the recipes of the Train page: with pen digits beside them, MNIST's images need not stand for other hands.
RECIPE: Final = replace(
    RECIPES["handwriting"],
    rotation_degrees=10,
    shear=0.18,
    stretch=0.12,
    elastic_px=0.8,
    thinner=0.35,
    thicker=0.4,
    extra_strokes=0.0,
)


@dataclass(frozen=True)
class TrainingImages:
    """Variants of all images, in files that are mapped into memory.

    Args:
        mnist: (rounds, 55,000, 28, 28) uint8, MNIST's training images; the held-out ones are left out.
        pens: (rounds, 7,494, 28, 28) uint8, pen digits of all writers.
        outliers: (rounds, 7,494, 28, 28) uint8, non-digits, some of them made of the pen digit at the same place.
        plain: the images of `mnist` as they are, with their labels.
        pen_labels: (7,494,) uint8.
        pen_writers: (7,494,) int64.
    """

    mnist: NDArray[np.uint8]
    pens: NDArray[np.uint8]
    outliers: NDArray[np.uint8]
    plain: Split
    pen_labels: NDArray[np.uint8]
    pen_writers: NDArray[np.int64]

    def pens_of(self, writers: Collection[int]) -> NDArray[np.int64]:
        """Returns the places of some people's digits in `pens` and `outliers`."""
        return np.flatnonzero(np.isin(self.pen_writers, list(writers)))


def split_training_images() -> tuple[Split, Split]:
    """Splits MNIST's training set into training and validation split."""
    whole = load_dataset("mnist").train
    return (
        Split(whole.images[:-HELD_OUT], whole.labels[:-HELD_OUT]),
        Split(whole.images[-HELD_OUT:], whole.labels[-HELD_OUT:]),
    )


def draw_training_images(folder: Path) -> TrainingImages:
    """Draws the images on all cores; those that the folder holds already are only loaded.

    Args:
        folder: of the files, 1.4 GB, which are mapped into memory: a training that uses all of them wants as much.

    Raises:
        OSError: if they cannot be written.
    """
    plain, _ = split_training_images()
    _, labels, names = read_drawings(STROKES_FILE)
    counts = {"mnist": len(plain.labels), "pens": len(labels), "outliers": len(labels)}
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in ROUNDS if not (folder / f"{name}.npy").exists()]
    for name in missing:
        shape = (ROUNDS[name], counts[name], IMAGE_SIDE, IMAGE_SIDE)
        np.lib.format.open_memmap(folder / f"{name}.part", "w+", np.uint8, shape)
    tasks = [(folder / f"{name}.part", name, index) for name in missing for index in range(ROUNDS[name])]
    if tasks:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(_draw_round, *zip(*tasks, strict=True)))
    for name in missing:
        (folder / f"{name}.part").rename(folder / f"{name}.npy")
    mnist, pens, outliers = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ROUNDS)
    return TrainingImages(mnist, pens, outliers, plain, labels.astype(np.uint8), names.astype(np.int64))


def _draw_round(file: Path, name: str, index: int) -> None:
    """Draws every image of one kind once, into its place in the file."""
    rng = np.random.default_rng((_SEED, list(ROUNDS).index(name), index))
    target = np.lib.format.open_memmap(file, "r+")
    if name == "mnist":
        plain, _ = split_training_images()
        target[index] = augment_with(plain.images, rng, RECIPE, plain.labels)
        return
    drawings, labels, _ = read_drawings(STROKES_FILE)
    kinds = list(OUTLIER_KINDS)
    shares = np.array([share for _, share in OUTLIER_KINDS.values()])
    chosen = rng.choice(len(kinds), len(labels), p=shares / shares.sum())
    for place, (drawing, digit) in enumerate(zip(drawings, labels.tolist(), strict=True)):
        if name == "outliers":
            target[index, place] = draw_outlier(kinds[chosen[place]], drawing.strokes, digit, rng)
            continue
        varied = [stroke * 200 + 140 for stroke in vary_strokes(drawing.strokes, digit, rng)]
        target[index, place] = np.rint(np.asarray(strokes_to_image(varied)) * 255).astype(np.uint8)
