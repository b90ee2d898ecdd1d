"""File format of the user's digits: one `.npz` a digit, one `.npz` for the export of a whole set, and validation."""

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

from model_lib.datasets.loading import CLASSES, IMAGE_SIDE
from model_lib.files import read_arrays

MOST_DIGITS: Final = 5_000
LARGEST_IMPORT_BYTES: Final = 10 * 1024 * 1024
_MOST_STROKE_POINTS: Final = 20_000
# Eight bytes a value and NumPy's header: an upper bound for 5,000 digits.
_LARGEST_UNPACKED_BYTES: Final = 256 * 1024 * 1024


class UserDigitError(ValueError):
    """Digits that cannot be stored or read; the message says what was expected."""


@dataclass(frozen=True)
class UserDigit:
    """One digit that a visitor has drawn.

    Args:
        id: unique in its set; ids sort by creation time.
        image: (28, 28) uint8, 0 (black) to 255 (ink), framed like MNIST.
        label: the true class, 0 to 9.
        strokes: (k, 2) arrays of x, y in canvas pixels, in the order drawn; empty if it was no drawing.
    """

    id: str
    image: NDArray[np.uint8]
    label: int
    strokes: tuple[NDArray[np.float32], ...] = ()


def new_digit_id(later_ns: int = 0) -> str:
    """Returns an id that no other digit has.

    Args:
        later_ns: added to the time stamp, so that ids made within one tick of the clock sort in order.
    """
    return f"{time.time_ns() + later_ns:016x}-{uuid.uuid4().hex[:6]}"


def checked_digit(digit_id: str, image: NDArray[Any], label: int, strokes: Sequence[NDArray[Any]] = ()) -> UserDigit:
    """Validates a digit.

    Args:
        digit_id: see `new_digit_id`.
        image: (28, 28), float 0 to 1 or uint8 0 to 255, framed like MNIST.
        label: 0 to 9.
        strokes: (k, 2) arrays of x, y in canvas pixels.

    Raises:
        UserDigitError: for another shape, or values out of their range.
    """
    return UserDigit(digit_id, _check_image(image), _check_label(label), _check_strokes(strokes))


def fingerprint(image: NDArray[np.uint8]) -> bytes:
    """Returns a 16-byte hash of the pixels, for deduplication."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def read_fingerprint(file: Path) -> tuple[bytes, int] | None:
    """Returns the fingerprint and the label of the digit in a file, or None if it is missing or damaged."""
    try:
        return _fingerprint_of(file, file.stat().st_mtime_ns)
    except OSError:
        return None


# Cached: otherwise every write would open thousands of files. Files are written once and never modified.
@lru_cache(maxsize=20_000)
def _fingerprint_of(file: Path, changed_ns: int) -> tuple[bytes, int] | None:
    try:
        digit = read_digit(file)
    except UserDigitError:
        return None
    return fingerprint(digit.image), digit.label


def read_digit(file: Path) -> UserDigit:
    """Reads the file of one digit.

    Raises:
        OSError: if it cannot be read.
        UserDigitError: if it is damaged.
    """
    try:
        arrays = read_arrays(file)
        return checked_digit(file.stem, arrays["image"], arrays["label"].item(), unpack_strokes(arrays, 1)[0])
    except UserDigitError:
        raise
    except (ValueError, KeyError) as error:
        raise UserDigitError(f"{file.name} is damaged: {error}") from error


def digit_arrays(digit: UserDigit) -> dict[str, NDArray[Any]]:
    """Returns the arrays of a digit's file: `image` (28, 28) uint8, `label`, and the strokes."""
    return {"image": digit.image, "label": np.array(digit.label), **pack_strokes([digit])}


def read_export(content: bytes) -> list[UserDigit]:
    """Reads an exported `.npz` and checks everything in it.

    Args:
        content: the file's bytes, at most 10 MB.

    Returns:
        The digits, in the file's order, with new ids.

    Raises:
        UserDigitError: if it is no such file, too large, or anything in it is out of its range.
    """
    arrays = _read_npz(content)
    images, labels = arrays.get("images"), arrays.get("labels")
    if images is None or labels is None:
        raise UserDigitError(f"The file must hold `images` and `labels`. Received: {', '.join(arrays) or 'nothing'}.")
    if images.ndim != 3 or images.shape[1:] != (IMAGE_SIDE, IMAGE_SIDE) or images.dtype != np.uint8:
        raise UserDigitError(f"`images` must be (n, 28, 28) uint8. Received: {images.shape} {images.dtype}.")
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise UserDigitError(f"`labels` must be ({len(images)},) integers. Received: {labels.shape} {labels.dtype}.")
    if len(images) > MOST_DIGITS:
        raise UserDigitError(f"The file must hold {MOST_DIGITS:,} digits at most. Received: {len(images):,}.")
    strokes = unpack_strokes(arrays, len(images))
    return [
        checked_digit(new_digit_id(number), image, int(label), own)
        for number, (image, label, own) in enumerate(zip(images, labels, strokes, strict=True))
    ]


def _read_npz(content: bytes) -> dict[str, NDArray[Any]]:
    if len(content) > LARGEST_IMPORT_BYTES:
        raise UserDigitError(
            f"The file must have at most {LARGEST_IMPORT_BYTES // 1024**2} MB. "
            f"Received: {len(content) / 1024**2:.1f} MB."
        )
    names = ("images", "labels", "stroke_points", "stroke_lengths", "stroke_counts")
    try:
        # The archive's directory lists the uncompressed sizes: a zip bomb is rejected before it is unpacked.
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _LARGEST_UNPACKED_BYTES:
            raise UserDigitError(
                f"The file must have at most {_LARGEST_UNPACKED_BYTES // 1024**2} MB once it is unpacked. "
                f"Received: {unpacked / 1024**2:,.0f} MB."
            )
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names if name in arrays.files}
    except UserDigitError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have their own words for "damaged"
        raise UserDigitError("This is no `.npz` file of digits that can be read.") from error


def _check_image(image: NDArray[Any]) -> NDArray[np.uint8]:
    pixels = np.asarray(image)
    if pixels.shape != (IMAGE_SIDE, IMAGE_SIDE) or pixels.dtype.kind not in "fu":
        raise UserDigitError(f"`image` must be (28, 28) float or uint8. Received: {pixels.shape} {pixels.dtype}.")
    if pixels.dtype == np.uint8:
        return pixels.copy()
    if pixels.dtype.kind != "f" or not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > 1:
        raise UserDigitError("`image` must hold numbers from 0 to 1, or uint8 from 0 to 255.")
    return np.asarray(np.rint(pixels * 255), dtype=np.uint8)


def _check_label(label: int) -> int:
    is_whole = isinstance(label, int | np.integer) and not isinstance(label, bool)
    if not is_whole or not 0 <= label < CLASSES:
        raise UserDigitError(f"`label` must be a digit from 0 to 9. Received: {label!r}.")
    return int(label)


def _check_strokes(strokes: Sequence[NDArray[Any]]) -> tuple[NDArray[np.float32], ...]:
    checked = tuple(np.asarray(stroke, dtype=np.float32) for stroke in strokes)
    for stroke in checked:
        if stroke.ndim != 2 or stroke.shape[1] != 2 or not np.isfinite(stroke).all():
            raise UserDigitError(f"A stroke must be (points, 2) finite numbers. Received: {stroke.shape}.")
    if sum(map(len, checked)) > _MOST_STROKE_POINTS:
        return ()  # the image is kept without strokes: too many points for a replay
    return checked


def pack_strokes(digits: Sequence[UserDigit]) -> dict[str, NDArray[Any]]:
    """Flattens the strokes of all digits into three arrays (a ragged array in CSR form).

    `stroke_points` (m, 2) holds all points, `stroke_lengths` the number of points of each stroke, and `stroke_counts`
    the number of strokes of each digit.
    """
    strokes = [stroke for digit in digits for stroke in digit.strokes]
    return {
        "stroke_points": np.concatenate([np.empty((0, 2), np.float32), *strokes]),
        "stroke_lengths": np.array([len(stroke) for stroke in strokes], np.int64),
        "stroke_counts": np.array([len(digit.strokes) for digit in digits], np.int64),
    }


def unpack_strokes(arrays: Mapping[str, NDArray[Any]], count: int) -> list[tuple[NDArray[np.float32], ...]]:
    """Restores the strokes of each of `count` digits; empty tuples if the file has no strokes.

    Raises:
        UserDigitError: if the three arrays of `pack_strokes` are inconsistent.
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
        shapes = {part: array.shape for part, array in arrays.items() if part.startswith("stroke_")}
        raise UserDigitError(
            f"The strokes must be `stroke_points` (points, 2), `stroke_lengths` (strokes,) and `stroke_counts` "
            f"({count},), each adding up to the length of the one before. Received: {shapes}."
        )
    assert points is not None and lengths is not None and counts is not None
    strokes = np.split(points.astype(np.float32), np.cumsum(lengths)[:-1]) if len(lengths) else []
    ends = np.cumsum(counts)
    return [_check_strokes(strokes[end - own : end]) for end, own in zip(ends.tolist(), counts.tolist(), strict=True)]
