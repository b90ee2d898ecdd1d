"""The user's digits: a set of labelled drawings, stored as one file a digit in one folder a visitor."""

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

from model_lib.datasets.loading import IMAGE_SIDE, Split
from model_lib.datasets.user_digit_files import (
    MOST_DIGITS,
    UserDigit,
    UserDigitError,
    checked_digit,
    digit_arrays,
    fingerprint,
    new_digit_id,
    pack_strokes,
    read_digit,
    read_export,
    read_fingerprint,
)
from model_lib.environment import DIGITS_FOLDER, PROJECT
from model_lib.files import write_arrays

__all__ = [
    "AlreadyKeptError",
    "ImportResult",
    "UserDigit",
    "UserDigitError",
    "UserDigitSet",
    "digits_root",
    "is_user_digit_set_id",
    "new_digit_id",
    "sweep_deleted_digits",
]

# Twelve hexadecimal digits, and so no path traversal.
SET_ID_PATTERN: Final = "[0-9a-f]{12}"
# Deleted digits are moved here for a day; a hidden folder, so that no glob finds them.
_DELETED: Final = ".deleted"
_DELETED_STAY_SECONDS: Final = 24 * 60 * 60
# Striped locks: one a folder; two folders with the same stripe merely wait for each other.
_LOCKS: Final = tuple(threading.Lock() for _ in range(64))


class AlreadyKeptError(UserDigitError):
    """A duplicate: a drawing, or an image with the same pixels, that is in the set already.

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
    """Outcome of an import.

    Args:
        added: how many are new.
        known: duplicates with the same label, skipped.
        labelled_otherwise: duplicates with another label, skipped; the stored label is kept.
    """

    added: int
    known: int
    labelled_otherwise: int


class UserDigitSet:
    """A set of digits as a folder with one file each, safe for concurrent writers.

    Images are unique: a duplicate would be weighted twice, or contradict itself under two labels.

    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __len__(self) -> int:
        return len(self._files())

    def add(
        self, image: NDArray[Any], label: int, strokes: Sequence[NDArray[Any]] = (), digit_id: str | None = None
    ) -> UserDigit:
        """Stores a digit.

        Args:
            image: (28, 28), float 0 to 1 or uint8 0 to 255, framed like MNIST.
            label: 0 to 9.
            strokes: what it was drawn with, if known.
            digit_id: idempotency key of the drawing, from `new_digit_id`: a second call with it changes nothing.

        Raises:
            AlreadyKeptError: if a digit with this id or these pixels is stored; its label is kept.
            UserDigitError: for another shape, values out of range, or a full set.
            OSError: if the disk is full or the folder cannot be written.
        """
        digit = checked_digit(new_digit_id() if digit_id is None else digit_id, image, label, strokes)
        with self._lock:
            if (first := self.label_of(digit.id)) is not None:
                raise AlreadyKeptError(digit.id, first)
            if kept := self._kept_images().get(fingerprint(digit.image)):
                raise AlreadyKeptError(*kept)
            if len(self) >= MOST_DIGITS:
                raise UserDigitError(f"A set holds {MOST_DIGITS:,} digits at most. Delete some first.")
            self._write(digit)
        return digit

    def label_of(self, digit_id: str) -> int | None:
        """Returns the label of a stored digit, or None if there is no such digit.

        Raises:
            UserDigitError: for a malformed id.
        """
        kept = read_fingerprint(self._file(digit_id))
        return None if kept is None else kept[1]

    def digits(self) -> list[UserDigit]:
        """Returns all digits, the oldest first; damaged files are skipped."""
        found = []
        for file in self._files():
            with contextlib.suppress(OSError, UserDigitError):
                found.append(read_digit(file))
        return found

    def as_split(self) -> Split:
        """Returns images (n, 28, 28) uint8 and labels (n,) uint8, oldest first, as data sets have them."""
        return _as_split(self.digits())

    def delete(self, digit_id: str) -> None:
        """Deletes a digit, idempotently. `restore` undoes it for a day.

        Raises:
            UserDigitError: for a malformed id.
            OSError: if the folder cannot be written.
        """
        with self._lock:
            self._put_aside([self._file(digit_id)])

    def delete_all(self) -> list[str]:
        """Deletes every digit. `restore` undoes it for a day.

        Returns:
            The ids of the deleted digits.

        Raises:
            OSError: if the folder cannot be written.
        """
        with self._lock:
            return self._put_aside(self._files())

    def restore(self, digit_ids: Iterable[str]) -> int:
        """Restores deleted digits under their ids, and so in their order.

        Args:
            digit_ids: of the digits; expired ones, and images that were added again since, are skipped.

        Returns:
            How many were restored.

        Raises:
            UserDigitError: for a malformed id, or if the set would grow beyond its limit.
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
                # Older sets may hold duplicates: only an image added after the deletion counts as one.
                if written.get(deleted[0], 0) <= aside.stat().st_mtime_ns:
                    wanted.append(name)
            if len(self) + len(wanted) > MOST_DIGITS:
                raise UserDigitError(f"A set holds {MOST_DIGITS:,} digits at most. Delete some first.")
            for name in wanted:
                (self.folder / _DELETED / name).replace(self.folder / name)
        return len(wanted)

    def export(self) -> bytes:
        """Returns the whole set as one `.npz`: `images` (n, 28, 28) uint8, `labels` (n,) uint8, and `pack_strokes`."""
        digits = self.digits()
        split = _as_split(digits)
        stream = io.BytesIO()
        strokes = pack_strokes(digits)
        np.savez_compressed(stream, images=split.images, labels=split.labels, **strokes)  # type: ignore[arg-type]
        return stream.getvalue()

    def import_(self, content: bytes) -> ImportResult:
        """Validates an exported `.npz` and adds those of its digits that are not in the set yet.

        Args:
            content: the file's bytes; `images` and `labels` are needed, strokes are not.

        Returns:
            The numbers of digits added and skipped. With an error, none was added.

        Raises:
            UserDigitError: for another format, a value out of range, or a set that would grow beyond its limit.
            OSError: if the disk is full or the folder cannot be written.
        """
        digits = read_export(content)
        with self._lock:
            labels = {image: label for image, (_, label) in self._kept_images().items()}
            new: list[UserDigit] = []
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
        # The id is untrusted input from a browser: no path traversal.
        if not digit_id or not all(letter in "0123456789abcdef-" for letter in digit_id):
            raise UserDigitError(f"`digit_id` must be hexadecimal digits and hyphens. Received: {digit_id!r:.60}.")
        return self.folder / f"{digit_id}.npz"

    def _kept_images(self) -> dict[bytes, tuple[str, int]]:
        """Maps the fingerprint of each stored image to its id and label; of duplicates, the oldest."""
        images: dict[bytes, tuple[str, int]] = {}
        for file in self._files():
            if (kept := read_fingerprint(file)) is not None:
                images.setdefault(kept[0], (file.stem, kept[1]))
        return images

    def _write(self, digit: UserDigit) -> None:
        """Writes the file of a digit atomically; it must not exist yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(digit.id)
        beside = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}")
        try:
            write_arrays(beside, digit_arrays(digit))
            _rename_exclusive(beside, file)
        except FileExistsError as error:
            first = self.label_of(digit.id)
            raise AlreadyKeptError(digit.id, digit.label if first is None else first) from error
        finally:
            beside.unlink(missing_ok=True)

    def _write_all(self, digits: Sequence[UserDigit]) -> None:
        """Writes all digits or, on an error, none."""
        if (there := len(self)) + len(digits) > MOST_DIGITS:
            raise UserDigitError(
                f"A set holds {MOST_DIGITS:,} digits at most; there are {there:,} and the file has "
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
        """Moves files into the folder of deleted ones, purges expired ones, and returns the ids that existed."""
        aside = self.folder / _DELETED
        moved = []
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # two tabs may delete the same digit
                os.utime(file)  # starts the retention period
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
    return Path(DIGITS_FOLDER.read() or PROJECT / "digits").resolve()


def sweep_deleted_digits() -> None:
    """Removes what all visitors deleted more than a day ago: a visitor who deletes nothing more does not do so."""
    root = digits_root()
    with contextlib.suppress(OSError):  # said in the page to whoever keeps a digit
        for folder in root.iterdir() if root.is_dir() else ():
            with contextlib.suppress(OSError):  # another visitor's folder may still be swept
                UserDigitSet(folder).sweep()


def is_user_digit_set_id(text: str) -> bool:
    """Whether this is a well-formed id of a set."""
    return re.fullmatch(SET_ID_PATTERN, text) is not None


def _rename_exclusive(whole: Path, file: Path) -> None:
    """Renames a complete file, failing if the target exists.

    Raises:
        FileExistsError: if the target exists, also if another process has just created it.
    """
    try:
        os.link(whole, file)
    except FileExistsError:
        raise
    except OSError:
        # The file system has no hard links: exclusive within this process only, by the lock.
        if file.exists():
            raise FileExistsError(f"{file.name} exists.") from None
        whole.rename(file)


def _as_split(digits: Sequence[UserDigit]) -> Split:
    images = np.array([digit.image for digit in digits], np.uint8).reshape(-1, IMAGE_SIDE, IMAGE_SIDE)
    return Split(images, np.array([digit.label for digit in digits], np.uint8))
