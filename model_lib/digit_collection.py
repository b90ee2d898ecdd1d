"""My digits: what a visitor has drawn and labelled, kept as files, one a digit, in a folder of the visitor's own."""

from __future__ import annotations

import io
import os
import re
import time
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets import Split
from model_lib.files import read_arrays, write_arrays
from model_lib.specs import CLASSES

MOST_DIGITS: Final = 5_000
LARGEST_IMPORT_BYTES: Final = 10 * 1024 * 1024
_SIDE: Final = 28
_MOST_STROKE_POINTS: Final = 20_000
# Eight bytes a value, and NumPy's header: no honest set of 5,000 digits is larger when unpacked.
_LARGEST_UNPACKED_BYTES: Final = 256 * 1024 * 1024


DIGITS_VARIABLE: Final = "DIGITS_FOLDER"


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


class DigitCollection:
    """A folder with one file a digit, so that two pages can add and delete at once without harm.

    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __len__(self) -> int:
        return len(self._files())

    def add(self, image: NDArray[Any], label: int, strokes: Sequence[NDArray[Any]] = ()) -> OwnDigit:
        """Keeps a digit.

        Args:
            image: (28, 28), float 0 to 1 or uint8 0 to 255, framed like MNIST.
            label: 0 to 9.
            strokes: what it was drawn with, if known.

        Raises:
            CollectionError: for another shape, values out of their range, or a collection that is full.
            OSError: if the disk is full or the folder cannot be written.
        """
        if len(self) >= MOST_DIGITS:
            raise CollectionError(f"A collection holds {MOST_DIGITS:,} digits at most. Delete some first.")
        digit = OwnDigit(_new_id(), _check_image(image), _check_label(label), _check_strokes(strokes))
        self.folder.mkdir(parents=True, exist_ok=True)
        write_arrays(self._file(digit.id), {"image": digit.image, "label": np.array(digit.label), **_pack([digit])})
        return digit

    def digits(self) -> list[OwnDigit]:
        """Returns all digits, the oldest first. A damaged file is left out, so that it does not hide the others."""
        found = []
        for file in self._files():
            try:
                arrays = read_arrays(file)
                image, label = _check_image(arrays["image"]), _check_label(arrays["label"].item())
                found.append(OwnDigit(file.stem, image, label, _unpack(arrays, 1)[0]))
            except (OSError, ValueError, KeyError):
                continue
        return found

    def as_split(self) -> Split:
        """Returns images (n, 28, 28) uint8 and labels (n,) uint8, oldest first, as data sets have them."""
        return _as_split(self.digits())

    def delete(self, digit_id: str) -> None:
        """Deletes a digit; one that is already gone is no error.

        Raises:
            CollectionError: for what is no id of a digit.
        """
        self._file(digit_id).unlink(missing_ok=True)

    def delete_all(self) -> int:
        """Deletes every digit and returns how many there were."""
        files = self._files()
        for file in files:
            file.unlink(missing_ok=True)
        return len(files)

    def export(self) -> bytes:
        """Returns the whole collection as one `.npz`: `images` (n, 28, 28) uint8, `labels` (n,) uint8, and the strokes.

        All points of all strokes stand in `stroke_points` (m, 2); `stroke_lengths` says how many belong to each stroke
        and `stroke_counts` how many strokes to each digit.
        """
        digits = self.digits()
        split = _as_split(digits)
        stream = io.BytesIO()
        np.savez_compressed(stream, images=split.images, labels=split.labels, **_pack(digits))  # type: ignore[arg-type]
        return stream.getvalue()

    def import_(self, content: bytes) -> int:
        """Adds the digits of an exported `.npz`, after everything in it has been checked.

        Args:
            content: the file's bytes; `images` and `labels` are needed, strokes are not.

        Returns:
            How many digits were added: all of them or, with an error, none.

        Raises:
            CollectionError: if it is no such file, or anything in it is out of its range.
            OSError: if the disk is full or the folder cannot be written.
        """
        digits = read_export(content)
        if len(self) + len(digits) > MOST_DIGITS:
            raise CollectionError(
                f"A collection holds {MOST_DIGITS:,} digits at most; there are {len(self):,} and the file has "
                f"{len(digits):,} more."
            )
        added: list[OwnDigit] = []
        try:
            for digit in digits:
                added.append(self.add(digit.image, digit.label, digit.strokes))
        except OSError:
            for digit in added:
                self.delete(digit.id)
            raise
        return len(added)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.npz")) if self.folder.is_dir() else []

    def _file(self, digit_id: str) -> Path:
        # An id comes from a browser: it must not lead out of the folder.
        if not digit_id or not all(letter in "0123456789abcdef-" for letter in digit_id):
            raise CollectionError(f"This is no id of a digit: {digit_id!r:.60}.")
        return self.folder / f"{digit_id}.npz"


def digits_root() -> Path:
    """Returns the folder of all visitors' sets: the variable DIGITS_FOLDER, else `digits/` in the project."""
    return Path(os.environ.get(DIGITS_VARIABLE) or Path(__file__).parent.parent / "digits").resolve()


def is_collection_name(name: str) -> bool:
    """Whether a set could bear this name: twelve hexadecimal digits, and so nothing that leads out of the folder."""
    return re.fullmatch(r"[0-9a-f]{12}", name) is not None


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
    if images.ndim != 3 or images.shape[1:] != (_SIDE, _SIDE) or images.dtype != np.uint8:
        raise CollectionError(f"`images` must be (n, 28, 28) uint8. Received: {images.shape} {images.dtype}.")
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise CollectionError(f"`labels` must be ({len(images)},) integers. Received: {labels.shape} {labels.dtype}.")
    if len(images) > MOST_DIGITS:
        raise CollectionError(f"The file must hold {MOST_DIGITS:,} digits at most. Received: {len(images):,}.")
    strokes = _unpack(arrays, len(images))
    return [
        OwnDigit(_new_id(), _check_image(image), _check_label(int(label)), own)
        for image, label, own in zip(images, labels, strokes, strict=True)
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


def _new_id() -> str:
    return f"{time.time_ns():016x}-{uuid.uuid4().hex[:6]}"


def _check_image(image: NDArray[Any]) -> NDArray[np.uint8]:
    pixels = np.asarray(image)
    if pixels.shape != (_SIDE, _SIDE) or pixels.dtype.kind not in "fu":
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


def _pack(digits: Sequence[OwnDigit]) -> dict[str, NDArray[Any]]:
    """Returns the strokes of all digits as three arrays of plain numbers."""
    strokes = [stroke for digit in digits for stroke in digit.strokes]
    return {
        "stroke_points": np.concatenate([np.empty((0, 2), np.float32), *strokes]),
        "stroke_lengths": np.array([len(stroke) for stroke in strokes], np.int64),
        "stroke_counts": np.array([len(digit.strokes) for digit in digits], np.int64),
    }


def _unpack(arrays: dict[str, NDArray[Any]], count: int) -> list[tuple[NDArray[np.float32], ...]]:
    """Returns the strokes of each digit; none for all of them if the file has no strokes."""
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


def _as_split(digits: Sequence[OwnDigit]) -> Split:
    images = np.array([digit.image for digit in digits], np.uint8).reshape(-1, _SIDE, _SIDE)
    return Split(images, np.array([digit.label for digit in digits], np.uint8))
