"""Example files of an image set, made from pen digits: a zip of pictures and a CSV, with the same 100 images."""

from __future__ import annotations

import functools
import io
import zipfile
from typing import Final

import numpy as np
from PIL import Image

from model_lib.datasets.loading import CLASSES, IMAGE_SIDE, Split, load_dataset
from model_lib.files import as_csv

EXAMPLE_IMAGES: Final = 100
# No time of now: the same bytes on every day.
_DATE: Final = (2026, 1, 1, 0, 0, 0)


@functools.cache
def example_split() -> Split:
    """Returns ten pen digits of each label, drawn by the people whose digits are for tests, in turn.

    Raises:
        DatasetError: if the pen digits are missing or damaged.
    """
    test = load_dataset("pen_digits").test
    each = EXAMPLE_IMAGES // CLASSES
    of_label = [np.flatnonzero(test.labels == label) for label in range(CLASSES)]
    indices = np.concatenate([found[np.linspace(0, len(found) - 1, each).astype(int)] for found in of_label])
    return Split(test.images[indices], test.labels[indices])


def example_zip() -> bytes:
    """Returns the example as a zip of PNG pictures, `3/3-04.png`. Its errors are those of `example_split`."""
    stream = io.BytesIO()
    split = example_split()
    with zipfile.ZipFile(stream, "w") as archive:
        for place, (image, label) in enumerate(zip(split.images, split.labels.tolist(), strict=True)):
            picture = io.BytesIO()
            Image.fromarray(image).save(picture, "PNG")
            name = f"{label}/{label}-{place % (EXAMPLE_IMAGES // CLASSES):02}.png"
            archive.writestr(zipfile.ZipInfo(name, _DATE), picture.getvalue())
    return stream.getvalue()


def example_csv() -> str:
    """Returns the example as a CSV with a line of column names. Its errors are those of `example_split`."""
    split = example_split()
    places = range(1, IMAGE_SIDE + 1)
    columns = ["label", *(f"{row}x{column}" for row in places for column in places)]
    rows = np.column_stack([split.labels, split.images.reshape(len(split.labels), -1)])
    return as_csv(columns, rows.tolist())
