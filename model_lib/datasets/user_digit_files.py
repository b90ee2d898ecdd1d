"""The files of drawn digits: what stands in one, how it is checked, and the `.npz` in which a whole set travels."""

from __future__ import annotations

import hashlib
import io
import time
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import CLASSES
from model_lib.files import read_arrays

MOST_DIGITS: Final = 5_000
LARGEST_IMPORT_BYTES: Final = 10 * 1024 * 1024
SIDE: Final = 28
_MOST_STROKE_POINTS: Final = 20_000
# Eight bytes a value, and NumPy's header: no honest set of 5,000 digits is larger when unpacked.
_LARGEST_UNPACKED_BYTES: Final = 256 * 1024 * 1024


class CollectionError(ValueError):
    """Digits that cannot be kept or read; the message says what was expected."""


@dataclass(frozen=True)
class OwnDigit:
    """One digit that a visitor has drawn.

    Args:
        id: names it in its collection; ids sort by the time of drawing.
        image: (28, 28) uint8, 0 (black) to 255 (ink), framed like MNIST.
        label: the digit that it is meant to be, 0 to 9.
        strokes: (k, 2) arrays of x, y in canvas pixels, in the order drawn; empty if it was no drawing.
    """

    id: str
    image: NDArray[np.uint8]
    label: int
    strokes: tuple[NDArray[np.float32], ...] = ()


def new_digit_id(later_ns: int = 0) -> str:
    """Returns an id that no other digit has.

    Args:
        later_ns: makes it sort after those of the same moment, where a clock is too coarse to tell them apart.
    """
    return f"{time.time_ns() + later_ns:016x}-{uuid.uuid4().hex[:6]}"


def checked_digit(digit_id: str, image: NDArray[Any], label: int, strokes: Sequence[NDArray[Any]] = ()) -> OwnDigit:
    """Makes a digit of what a visitor brings.

    Args:
        digit_id: see `new_digit_id`.
        image: (28, 28), float 0 to 1 or uint8 0 to 255, framed like MNIST.
        label: 0 to 9.
        strokes: (k, 2) arrays of x, y in canvas pixels.

    Raises:
        CollectionError: for another shape, or values out of their range.
    """
    return OwnDigit(digit_id, _check_image(image), _check_label(label), _check_strokes(strokes))


def fingerprint(image: NDArray[np.uint8]) -> bytes:
    """Returns 16 bytes that are the same for the very same image alone."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def read_fingerprint(file: Path) -> tuple[bytes, int] | None:
    """Returns the fingerprint and the label of the digit in a file, or None if it is missing or damaged."""
    try:
        return _fingerprint_of(file, file.stat().st_mtime_ns)
    except OSError:
        return None


# Thousands of files would be opened anew each time a digit is kept; each is written once and never changed.
@lru_cache(maxsize=20_000)
def _fingerprint_of(file: Path, changed_ns: int) -> tuple[bytes, int] | None:
    try:
        digit = read_digit(file)
    except CollectionError:
        return None
    return fingerprint(digit.image), digit.label


def read_digit(file: Path) -> OwnDigit:
    """Reads the file of one digit.

    Raises:
        OSError: if it cannot be read.
        CollectionError: if it is damaged.
    """
    try:
        arrays = read_arrays(file)
        return checked_digit(file.stem, arrays["image"], arrays["label"].item(), unpack_strokes(arrays, 1)[0])
    except CollectionError:
        raise
    except (ValueError, KeyError) as error:
        raise CollectionError(f"{file.name} is damaged: {error}") from error


def arrays_of_digit(digit: OwnDigit) -> dict[str, NDArray[Any]]:
    """Returns what stands in the file of one digit: `image` (28, 28) uint8, `label`, and the strokes."""
    return {"image": digit.image, "label": np.array(digit.label), **pack_strokes([digit])}


def read_export(content: bytes) -> list[OwnDigit]:
    """Reads an exported `.npz` and checks everything in it.

    Args:
        content: the file's bytes, at most 10 MB.

    Returns:
        The digits, in the file's order, with new ids.

    Raises:
        CollectionError: if it is no such file, too large, or anything in it is out of its range.
    """
    arrays = _read_npz(content)
    images, labels = arrays.get("images"), arrays.get("labels")
    if images is None or labels is None:
        raise CollectionError(f"The file must hold `images` and `labels`. Received: {', '.join(arrays) or 'nothing'}.")
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise CollectionError(f"`images` must be (n, 28, 28) uint8. Received: {images.shape} {images.dtype}.")
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise CollectionError(f"`labels` must be ({len(images)},) integers. Received: {labels.shape} {labels.dtype}.")
    if len(images) > MOST_DIGITS:
        raise CollectionError(f"The file must hold {MOST_DIGITS:,} digits at most. Received: {len(images):,}.")
    strokes = unpack_strokes(arrays, len(images))
    return [
        checked_digit(new_digit_id(number), image, int(label), own)
        for number, (image, label, own) in enumerate(zip(images, labels, strokes, strict=True))
    ]


def _read_npz(content: bytes) -> dict[str, NDArray[Any]]:
    if len(content) > LARGEST_IMPORT_BYTES:
        raise CollectionError(
            f"The file must have at most {LARGEST_IMPORT_BYTES // 1024**2} MB. "
            f"Received: {len(content) / 1024**2:.1f} MB."
        )
    names = ("images", "labels", "stroke_points", "stroke_lengths", "stroke_counts")
    try:
        # The unpacked sizes stand in the archive's table: a bomb is seen before anything is unpacked.
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _LARGEST_UNPACKED_BYTES:
            raise CollectionError("The file is far too large once it is unpacked.")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names if name in arrays.files}
    except CollectionError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have their own words for "damaged"
        raise CollectionError("This is no `.npz` file of digits that can be read.") from error


def _check_image(image: NDArray[Any]) -> NDArray[np.uint8]:
    pixels = np.asarray(image)
    if pixels.shape != (SIDE, SIDE) or pixels.dtype.kind not in "fu":
        raise CollectionError(f"`image` must be (28, 28) float or uint8. Received: {pixels.shape} {pixels.dtype}.")
    if pixels.dtype == np.uint8:
        return pixels.copy()
    if pixels.dtype.kind != "f" or not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > 1:
        raise CollectionError("`image` must hold numbers from 0 to 1, or uint8 from 0 to 255.")
    return np.asarray(np.rint(pixels * 255), dtype=np.uint8)


def _check_label(label: int) -> int:
    is_whole = isinstance(label, int | np.integer) and not isinstance(label, bool)
    if not is_whole or not 0 <= label < CLASSES:
        raise CollectionError(f"`label` must be a digit from 0 to 9. Received: {label!r}.")
    return int(label)


def _check_strokes(strokes: Sequence[NDArray[Any]]) -> tuple[NDArray[np.float32], ...]:
    checked = tuple(np.asarray(stroke, dtype=np.float32) for stroke in strokes)
    for stroke in checked:
        if stroke.ndim != 2 or stroke.shape[1] != 2 or not np.isfinite(stroke).all():
            raise CollectionError(f"A stroke must be (points, 2) finite numbers. Received: {stroke.shape}.")
    if sum(map(len, checked)) > _MOST_STROKE_POINTS:
        return ()  # the image is kept; strokes of that size are a scribble that nobody will replay
    return checked


def pack_strokes(digits: Sequence[OwnDigit]) -> dict[str, NDArray[Any]]:
    """Returns the strokes of all digits as three arrays of plain numbers.

    All points of all strokes stand in `stroke_points` (m, 2); `stroke_lengths` says how many belong to each stroke and
    `stroke_counts` how many strokes to each digit.
    """
    strokes = [stroke for digit in digits for stroke in digit.strokes]
    return {
        "stroke_points": np.concatenate([np.empty((0, 2), np.float32), *strokes]),
        "stroke_lengths": np.array([len(stroke) for stroke in strokes], np.int64),
        "stroke_counts": np.array([len(digit.strokes) for digit in digits], np.int64),
    }


def unpack_strokes(arrays: Mapping[str, NDArray[Any]], count: int) -> list[tuple[NDArray[np.float32], ...]]:
    """Returns the strokes of each of `count` digits; none for all of them if the file has no strokes.

    Raises:
        CollectionError: if the three arrays of `pack_strokes` do not fit each other.
    """
    if "stroke_counts" not in arrays:
        return [()] * count
    points, lengths, counts = (arrays.get(f"stroke_{part}") for part in ("points", "lengths", "counts"))
    fits = (
        points is not None
        and lengths is not None
        and counts is not None
        and points.ndim == 2
        and points.shape[1] == 2
        and points.dtype.kind == "f"
        and lengths.ndim == 1
        and lengths.dtype.kind in "iu"
        and counts.shape == (count,)
        and counts.dtype.kind in "iu"
        and bool((lengths >= 0).all() and (counts >= 0).all())
        and int(lengths.sum()) == len(points)
        and int(counts.sum()) == len(lengths)
    )
    if not fits:
        raise CollectionError("The strokes in the file do not fit its images.")
    assert points is not None and lengths is not None and counts is not None
    strokes = np.split(points.astype(np.float32), np.cumsum(lengths)[:-1]) if len(lengths) else []
    ends = np.cumsum(counts)
    return [_check_strokes(strokes[end - own : end]) for end, own in zip(ends.tolist(), counts.tolist(), strict=True)]
