"""My digits: what a visitor has drawn and labelled, kept as files, one a digit, in a folder of the visitor's own."""

from __future__ import annotations

import contextlib
import io
import os
import re
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import Split
from model_lib.datasets.user_digit_files import (
    MOST_DIGITS,
    SIDE,
    CollectionError,
    OwnDigit,
    arrays_of_digit,
    checked_digit,
    fingerprint,
    new_digit_id,
    pack_strokes,
    read_digit,
    read_export,
    read_fingerprint,
)
from model_lib.files import write_arrays

__all__ = [
    "AlreadyKeptError",
    "CollectionError",
    "DigitCollection",
    "ImportResult",
    "OwnDigit",
    "digits_root",
    "is_collection_name",
    "new_digit_id",
    "sweep_deleted_digits",
]

DIGITS_VARIABLE: Final = "DIGITS_FOLDER"
# Deleted digits lie here for a day, out of the sight of everything that counts or reads digits.
_DELETED: Final = ".deleted"
_DELETED_STAY_SECONDS: Final = 24 * 60 * 60
# Two sessions of a visitor share a folder, and so a lock; two folders that share one wait for each other, no more.
_LOCKS: Final = tuple(threading.Lock() for _ in range(64))


class AlreadyKeptError(CollectionError):
    """A drawing that stands in the collection already, or the very image of one that does.

    Args:
        digit_id: of the digit that is kept.
        label: under which it is kept.
    """

    def __init__(self, digit_id: str, label: int) -> None:
        super().__init__(f"This very drawing is kept already, as {'an' if label == 8 else 'a'} {label}.")
        self.digit_id = digit_id
        self.label = label


@dataclass(frozen=True)
class ImportResult:
    """What became of the digits of a file.

    Args:
        added: how many are new.
        known: how many were there already under the same label; they were left out.
        labelled_otherwise: how many were there under another label; they were left out, and the first label stands.
    """

    added: int
    known: int
    labelled_otherwise: int


class DigitCollection:
    """A folder with one file a digit, so that two pages can add and delete at once without harm.

    No image is added twice: under one label it would be learnt and counted twice, under two it would be wrong data.

    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __len__(self) -> int:
        return len(self._files())

    def add(
        self, image: NDArray[Any], label: int, strokes: Sequence[NDArray[Any]] = (), digit_id: str | None = None
    ) -> OwnDigit:
        """Keeps a digit.

        Args:
            image: (28, 28), float 0 to 1 or uint8 0 to 255, framed like MNIST.
            label: 0 to 9.
            strokes: what it was drawn with, if known.
            digit_id: names the drawing, from `new_digit_id`. Whatever arrives under it a second time changes nothing,
                also with another label or another stroke.

        Raises:
            AlreadyKeptError: if a digit of this id, or with exactly this image, is kept; its label stands.
            CollectionError: for another shape, values out of their range, or a collection that is full.
            OSError: if the disk is full or the folder cannot be written.
        """
        digit = checked_digit(new_digit_id() if digit_id is None else digit_id, image, label, strokes)
        with self._lock:
            if (first := self.label_of(digit.id)) is not None:
                raise AlreadyKeptError(digit.id, first)
            if kept := self._kept_images().get(fingerprint(digit.image)):
                raise AlreadyKeptError(*kept)
            if len(self) >= MOST_DIGITS:
                raise CollectionError(f"A collection holds {MOST_DIGITS:,} digits at most. Delete some first.")
            self._write(digit)
        return digit

    def label_of(self, digit_id: str) -> int | None:
        """Returns the label of a kept digit, or None if there is no such digit.

        Raises:
            CollectionError: for what is no id of a digit.
        """
        kept = read_fingerprint(self._file(digit_id))
        return None if kept is None else kept[1]

    def digits(self) -> list[OwnDigit]:
        """Returns all digits, the oldest first. A damaged file is left out, so that it does not hide the others."""
        found = []
        for file in self._files():
            with contextlib.suppress(OSError, CollectionError):
                found.append(read_digit(file))
        return found

    def as_split(self) -> Split:
        """Returns images (n, 28, 28) uint8 and labels (n,) uint8, oldest first, as data sets have them."""
        return _as_split(self.digits())

    def delete(self, digit_id: str) -> None:
        """Deletes a digit; one that is already gone is no error. For a day, `restore` brings it back.

        Raises:
            CollectionError: for what is no id of a digit.
            OSError: if the folder cannot be written.
        """
        with self._lock:
            self._put_aside([self._file(digit_id)])

    def delete_all(self) -> list[str]:
        """Deletes every digit. For a day, `restore` brings them back.

        Returns:
            The ids of the deleted digits.

        Raises:
            OSError: if the folder cannot be written.
        """
        with self._lock:
            return self._put_aside(self._files())

    def restore(self, digit_ids: Iterable[str]) -> int:
        """Brings deleted digits back, each under its id and so in its old place.

        Args:
            digit_ids: of the digits. What is gone for good, or whose image has been added again since, stays away.

        Returns:
            How many have come back.

        Raises:
            CollectionError: for what is no id of a digit, or if there is no room for all of them.
            OSError: if the folder cannot be written.
        """
        names = sorted({self._file(digit_id).name for digit_id in digit_ids})
        with self._lock:
            written: dict[bytes, int] = {}
            for file in self._files():
                if (kept := read_fingerprint(file)) is not None:
                    written[kept[0]] = max(file.stat().st_mtime_ns, written.get(kept[0], 0))
            wanted = []
            for name in names:
                aside = self.folder / _DELETED / name
                deleted = read_fingerprint(aside)
                if deleted is None or (self.folder / name).exists():
                    continue
                # Older sets may hold an image twice; only one that was added since its deletion keeps this one away.
                if written.get(deleted[0], 0) <= aside.stat().st_mtime_ns:
                    wanted.append(name)
            if len(self) + len(wanted) > MOST_DIGITS:
                raise CollectionError(f"A collection holds {MOST_DIGITS:,} digits at most. Delete some first.")
            for name in wanted:
                (self.folder / _DELETED / name).replace(self.folder / name)
        return len(wanted)

    def export(self) -> bytes:
        """Returns the whole collection as one `.npz`: `images` (n, 28, 28) uint8, `labels` (n,) uint8, and the strokes.

        The strokes stand in it as `pack_strokes` says.
        """
        digits = self.digits()
        split = _as_split(digits)
        stream = io.BytesIO()
        strokes = pack_strokes(digits)
        np.savez_compressed(stream, images=split.images, labels=split.labels, **strokes)  # type: ignore[arg-type]
        return stream.getvalue()

    def import_(self, content: bytes) -> ImportResult:
        """Adds those digits of an exported `.npz` that are not there yet, after everything in it has been checked.

        Args:
            content: the file's bytes; `images` and `labels` are needed, strokes are not.

        Returns:
            How many digits were added and how many left out. With an error, none was added.

        Raises:
            CollectionError: if it is no such file, anything in it is out of its range, or there is no room for it.
            OSError: if the disk is full or the folder cannot be written.
        """
        digits = read_export(content)
        with self._lock:
            labels = {image: label for image, (_, label) in self._kept_images().items()}
            new: list[OwnDigit] = []
            known = 0
            for digit in digits:
                image = fingerprint(digit.image)
                if image in labels:
                    known += labels[image] == digit.label
                else:
                    labels[image] = digit.label
                    new.append(digit)
            self._write_all(new)
        return ImportResult(len(new), known, len(digits) - len(new) - known)

    @property
    def _lock(self) -> threading.Lock:
        return _LOCKS[hash(str(self.folder.absolute())) % len(_LOCKS)]

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.npz")) if self.folder.is_dir() else []

    def _file(self, digit_id: str) -> Path:
        # An id comes from a browser: it must not lead out of the folder.
        if not digit_id or not all(letter in "0123456789abcdef-" for letter in digit_id):
            raise CollectionError(f"This is no id of a digit: {digit_id!r:.60}.")
        return self.folder / f"{digit_id}.npz"

    def _kept_images(self) -> dict[bytes, tuple[str, int]]:
        """Returns the id and the label of each image that is kept, by its fingerprint; of several, the oldest."""
        images: dict[bytes, tuple[str, int]] = {}
        for file in self._files():
            if (kept := read_fingerprint(file)) is not None:
                images.setdefault(kept[0], (file.stem, kept[1]))
        return images

    def _write(self, digit: OwnDigit) -> None:
        """Writes the file of a digit, which must not exist yet, whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(digit.id)
        beside = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}")
        try:
            write_arrays(beside, arrays_of_digit(digit))
            _name_once(beside, file)
        except FileExistsError as error:
            first = self.label_of(digit.id)
            raise AlreadyKeptError(digit.id, digit.label if first is None else first) from error
        finally:
            beside.unlink(missing_ok=True)

    def _write_all(self, digits: Sequence[OwnDigit]) -> None:
        """Writes all digits or, if there is no room for them, none."""
        if (there := len(self)) + len(digits) > MOST_DIGITS:
            raise CollectionError(
                f"A collection holds {MOST_DIGITS:,} digits at most; there are {there:,} and the file has "
                f"{len(digits):,} more."
            )
        written = []
        try:
            for digit in digits:
                self._write(digit)
                written.append(digit)
        except OSError:
            for digit in written:
                self._file(digit.id).unlink(missing_ok=True)
            raise

    def _put_aside(self, files: Iterable[Path]) -> list[str]:
        """Moves files to the deleted ones, and returns the ids of those that were there."""
        aside = self.folder / _DELETED
        moved = []
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # two tabs may delete the same digit
                os.utime(file)  # its day begins now
                aside.mkdir(exist_ok=True)
                file.replace(aside / file.name)
                moved.append(file.stem)
        if moved:
            self._sweep()
        return moved

    def sweep(self) -> None:
        """Removes what was deleted more than a day ago for good.

        Raises:
            OSError: if the folder cannot be written.
        """
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        times = sorted(((file.stat().st_mtime, file) for file in (self.folder / _DELETED).glob("*.npz")), reverse=True)
        oldest = time.time() - _DELETED_STAY_SECONDS
        for number, (deleted, file) in enumerate(times):
            if number >= MOST_DIGITS or deleted < oldest:
                file.unlink(missing_ok=True)


def digits_root() -> Path:
    """Returns the folder of all visitors' sets: the variable DIGITS_FOLDER, else `digits/` in the project."""
    return Path(os.environ.get(DIGITS_VARIABLE) or Path(__file__).parent.parent.parent / "digits").resolve()


def sweep_deleted_digits() -> None:
    """Removes what all visitors deleted more than a day ago: a visitor who deletes nothing more does not do so."""
    root = digits_root()
    for folder in root.iterdir() if root.is_dir() else ():
        with contextlib.suppress(OSError):  # another visitor's folder may still be swept
            DigitCollection(folder).sweep()


def is_collection_name(name: str) -> bool:
    """Whether a set could bear this name: twelve hexadecimal digits, and so nothing that leads out of the folder."""
    return re.fullmatch(r"[0-9a-f]{12}", name) is not None


def _name_once(whole: Path, file: Path) -> None:
    """Gives a whole file its name.

    Raises:
        FileExistsError: if another file has that name, also if it came at the same moment from another process.
    """
    try:
        os.link(whole, file)
    except FileExistsError:
        raise
    except OSError:
        # No links on this file system. The lock still keeps the sessions of one process apart.
        if file.exists():
            raise FileExistsError(f"{file.name} exists.") from None
        whole.rename(file)


def _as_split(digits: Sequence[OwnDigit]) -> Split:
    images = np.array([digit.image for digit in digits], np.uint8).reshape(-1, SIDE, SIDE)
    return Split(images, np.array([digit.label for digit in digits], np.uint8))
