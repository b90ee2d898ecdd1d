"""Reads labelled images from a CSV as the public copies of MNIST have it: a label and 784 pixels a line."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.image_sets import MOST_IMAGES
from model_lib.datasets.loading import CLASSES, IMAGE_SIDE, ProgressCallback
from model_lib.image_sets.reading import EXPECTED, ImageFileError, ReadImages, Skipped, finish, too_many_images

_PIXELS: Final = IMAGE_SIDE * IMAGE_SIDE
# A longer line is none of 785 numbers: it is not read at all, since a cell takes more memory than its text.
_LONGEST_LINE: Final = 32 * 1024
_REPORT_EVERY: Final = 500
_LABEL_NAMES: Final = (b"label", b"class", b"target", b"y")


def read_table(content: bytes, progress: ProgressCallback = lambda share: None) -> ReadImages:
    """Reads the lines of a CSV.

    Args:
        content: its bytes. The cells are separated by commas, semicolons or tabs; the label stands first, or last where
            a line of column names says so; pixels are whole numbers, 0 to 255, row by row.
        progress: called with 0 to 1.

    Raises:
        ImageFileError: if it is no such text, or has too many lines, or no line can be used.
    """
    stream = io.BytesIO(content.removeprefix(b"\xef\xbb\xbf"))  # the mark that some programs write before UTF-8
    first = stream.readline(_LONGEST_LINE)
    if b"\0" in first or not first.strip():
        raise ImageFileError(f"This is no file of images that can be read. {EXPECTED}")
    separator = max((b",", b";", b"\t"), key=first.count)
    heads = [cell.strip(b'" \r\n').lower() for cell in first.split(separator)]
    has_names = not _is_number(heads[0])
    is_label_last = has_names and heads[-1] in _LABEL_NAMES and heads[0] not in _LABEL_NAMES
    if not has_names:
        stream.seek(0)
    images: list[NDArray[np.uint8]] = []
    labels, names, skipped = [], [], []
    number = 1 if has_names else 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        if number > MOST_IMAGES + 1000:  # lines that are skipped count too: each takes time
            raise too_many_images()
        if number % _REPORT_EVERY == 0:
            progress(stream.tell() / len(content))
        if not line.strip():
            continue
        found = _read_line(line, separator, is_label_last)
        if isinstance(found, str):
            skipped.append(Skipped(f"line {number}", found))
            if len(line) > _LONGEST_LINE:
                raise ImageFileError(f"Line {number} is longer than any with 785 numbers. {EXPECTED}")
            continue
        if len(images) >= MOST_IMAGES:
            raise too_many_images()
        label, pixels = found
        labels.append(label)
        images.append(np.frombuffer(pixels, np.uint8).reshape(IMAGE_SIDE, IMAGE_SIDE))
        names.append(f"line {number}")
    notes = ["The first line was taken as the names of the columns."] if has_names else []
    return finish(images, labels, names, skipped, notes)


def _read_line(line: bytes, separator: bytes, is_label_last: bool) -> tuple[int, bytes] | str:
    """Returns the label and the 784 pixels of a line, or why it cannot be used."""
    if len(line) > _LONGEST_LINE:
        return "it is too long"
    cells = line.replace(b'"', b"").split(separator)
    if len(cells) != _PIXELS + 1:
        hint = ": the labels are missing" if len(cells) == _PIXELS else ""
        return f"it has {len(cells):,} columns, not {_PIXELS + 1}{hint}"
    label_cell, pixel_cells = (cells[-1], cells[:-1]) if is_label_last else (cells[0], cells[1:])
    label = label_cell.strip()
    if not (label.isdigit() and len(label) <= 2 and int(label) < CLASSES):
        return "its label is not a whole number from 0 to 9"
    # `int` alone would take "1_0" and "+5".
    if not line.translate(None, separator + b'" \r\n').isdigit():
        return "its pixels are not all whole numbers from 0 to 255"
    try:
        return int(label), bytes(map(int, pixel_cells))
    except ValueError:  # above 255, or more digits than Python converts
        return "its pixels are not all whole numbers from 0 to 255"


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
