"""Image sets that visitors bring: kept by their contents, listed for each visitor, loaded like any data set.

The images lie once in `image_sets/`, whoever has brought them, under the name that follows from them (see
`image_set_names`). A visitor's folder holds an entry for each of their sets: what they call it, and the names of the
files. Runs name the data set that they were trained on, so its images stay as long as an entry or a run names them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from model_lib.datasets.image_set_names import (
    NAME_PATTERN,
    TEST_EVERY,
    image_count,
    is_image_set,
    is_split,
    name_images,
    unsplit,
)
from model_lib.datasets.loading import CLASSES, DIGIT_NAMES, IMAGE_SIDE, Dataset, DatasetError, Split, dataset_title
from model_lib.datasets.user_digits import digits_root
from model_lib.files import read_arrays, read_json, write_atomic, write_json

MOST_SETS: Final = 5
MOST_IMAGES: Final = 20_000
# So that after the split, with a share for validation, every class has some images left to learn from.
FEWEST_TO_TRAIN: Final = 125
LONGEST_TITLE: Final = 40
_IMAGES_FOLDER: Final = "image_sets"
_ENTRIES_FOLDER: Final = "sets"
_DELETED: Final = ".deleted"
_DELETED_STAY_SECONDS: Final = 24 * 60 * 60
_LOCK: Final = threading.Lock()


class ImageSetError(ValueError):
    """An image set that cannot be kept; the message says what was expected."""


@dataclass(frozen=True)
class ImageSet:
    """One set of a visitor.

    Args:
        name: as `load_dataset` takes it.
        title: what the visitor calls it; any text.
        added: when it was brought, in seconds since 1970.
    """

    name: str
    title: str
    added: float

    @property
    def images(self) -> int:
        """How many images it has."""
        return image_count(self.name)


class ImageSetCollection:
    """The image sets of one visitor.

    Args:
        owner: the name of the visitor's folder, see `is_user_digit_set_id`.
    """

    def __init__(self, owner: str) -> None:
        self._folder = digits_root() / owner / _ENTRIES_FOLDER

    def sets(self) -> list[ImageSet]:
        """Returns all sets, the oldest first; damaged entries, and those whose images are gone, are skipped."""
        found = []
        for file in self._folder.glob("own_*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                entry = read_json(file)
                if is_image_set(file.stem) and image_set_file(file.stem).is_file():
                    found.append(ImageSet(file.stem, str(entry["title"])[:LONGEST_TITLE], float(entry["added"])))
        return sorted(found, key=lambda each: (each.added, each.name))

    def add(self, split: Split, title: str, file_names: Sequence[str]) -> ImageSet:
        """Keeps a set.

        Args:
            split: images (n, 28, 28) uint8 and labels (n,) uint8, 1 to `MOST_IMAGES`.
            title: what the visitor calls it; blanks are tidied up, and it is cut to `LONGEST_TITLE` characters.
            file_names: (n,), of the files that the images come from, or of their lines.

        Raises:
            ImageSetError: if it is kept already, or there are too many sets.
            OSError: if the disk is full or the folder cannot be written.
        """
        images, labels = split.images, split.labels
        if not 1 <= len(labels) <= MOST_IMAGES or len(file_names) != len(labels):
            raise ImageSetError(f"A set has 1 to {MOST_IMAGES:,} images. Received: {len(labels):,}.")
        name = name_images(images, labels)
        tidy = " ".join("".join(each if each.isprintable() else " " for each in title).split())[:LONGEST_TITLE]
        added = ImageSet(name, tidy or f"{len(labels):,} images", time.time())
        with _LOCK:
            kept = self.sets()
            if any(each.name == name for each in kept):
                raise ImageSetError("These very images are kept already.")
            if len(kept) >= MOST_SETS:
                raise ImageSetError(f"You can keep {MOST_SETS} image sets. Delete one of them first.")
            file = image_set_file(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            if file.is_file():
                os.utime(file)  # its time to stay begins again
            else:
                write_atomic(file, lambda stream: np.savez_compressed(stream, images=images, labels=labels))
            write_json(self._files_file(name), {"files": list(file_names)})
            write_json(self._folder / f"{name}.json", {"title": added.title, "added": added.added})
        return added

    def file_names(self, name: str) -> tuple[str, ...]:
        """Returns the names of the files that the images of a set come from; empty ones if they are damaged."""
        try:
            names = read_json(self._files_file(name))["files"]
        except (OSError, ValueError, KeyError):
            names = []
        count = image_count(name)
        return tuple(map(str, names)) if isinstance(names, list) and len(names) == count else ("",) * count

    def delete(self, name: str) -> None:
        """Deletes a set, idempotently. `restore` undoes it for a day.

        Raises:
            OSError: if the folder cannot be written.
        """
        with _LOCK, contextlib.suppress(FileNotFoundError):
            entry = self._entry(name)
            os.utime(entry)  # its time to stay begins
            (self._folder / _DELETED).mkdir(exist_ok=True)
            entry.replace(self._folder / _DELETED / entry.name)

    def restore(self, name: str) -> bool:
        """Brings a deleted set back; returns whether that was possible.

        Raises:
            ImageSetError: if there are too many sets meanwhile.
            OSError: if the folder cannot be written.
        """
        with _LOCK:
            entry = self._entry(name)
            aside = self._folder / _DELETED / entry.name
            if entry.exists() or not aside.exists() or not image_set_file(name).is_file():
                return entry.exists()
            if len(self.sets()) >= MOST_SETS:
                raise ImageSetError(f"You can keep {MOST_SETS} image sets. Delete one of them first.")
            aside.replace(entry)
        return True

    def _entry(self, name: str) -> Path:
        return self._folder / f"{_checked(name)}.json"

    def _files_file(self, name: str) -> Path:
        return self._folder / f"files-{_checked(name)}.json"


def load_image_set(name: str) -> Dataset:
    """Loads an image set and verifies that its contents are those that its name says.

    Args:
        name: see `image_set_names`.

    Returns:
        All images as the test set, in the visitor's order; of a set that is split, a fifth of each label as the test
        set and all others as the training set, both in an order that mixes the labels and is always the same.

    Raises:
        DatasetError: if it is not on this server (any more), or damaged.
    """
    file = image_set_file(name)
    try:
        arrays = read_arrays(file)
        whole = Split(arrays["images"], arrays["labels"])
    except FileNotFoundError as error:
        raise DatasetError(
            f"{dataset_title(name)}: these images are not on this server, or have been deleted. "
            "Bring the same file again on the page Your image set."
        ) from error
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{dataset_title(name)}: the file {file.name} is damaged: {error}") from error
    if not _is_well_formed(whole) or name_images(whole.images, whole.labels) != unsplit(name):
        raise DatasetError(f"{dataset_title(name)}: the file {file.name} is damaged.")
    train, test = _split(whole) if is_split(name) else (_none_of(whole), whole)
    return Dataset(name, dataset_title(name), DIGIT_NAMES, train, test)


def image_set_file(name: str) -> Path:
    """Returns where the images of a set lie, split or not: arrays `images` (n, 28, 28) and `labels` (n,), uint8.

    Raises:
        ImageSetError: for a name that is none of an image set.
    """
    return digits_root() / _IMAGES_FOLDER / f"{_checked(unsplit(name))}.npz"


def sweep_image_sets(in_use: Collection[str]) -> None:
    """Removes for good what was deleted more than a day ago, and images that nobody needs any more.

    Args:
        in_use: the data sets that runs were trained on, whose images stay.
    """
    oldest = time.time() - _DELETED_STAY_SECONDS
    needed = {unsplit(name) for name in in_use}
    root = digits_root()
    with _LOCK, contextlib.suppress(OSError):
        for entry in [*root.glob(f"*/{_ENTRIES_FOLDER}/own_*.json"), *_deleted_entries(root)]:
            if entry.parent.name == _DELETED and entry.stat().st_mtime < oldest:
                entry.unlink(missing_ok=True)
                if not (entry.parent.parent / entry.name).exists():  # it may have been brought again
                    (entry.parent.parent / f"files-{entry.name}").unlink(missing_ok=True)
            else:
                needed.add(entry.stem)
        for file in (root / _IMAGES_FOLDER).glob("own_*.npz"):
            # Younger ones may be about to get their entry.
            if file.stem not in needed and file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)


def _deleted_entries(root: Path) -> list[Path]:
    return list(root.glob(f"*/{_ENTRIES_FOLDER}/{_DELETED}/own_*.json"))


def _checked(name: str) -> str:
    # The name is untrusted input from a browser: no path traversal.
    if not is_image_set(name) or is_split(name):
        raise ImageSetError(f"`name` must match {NAME_PATTERN}. Received: {name!r:.80}.")
    return name


def _is_well_formed(split: Split) -> bool:
    images, labels = split.images, split.labels
    return (
        images.dtype == labels.dtype == np.uint8
        and labels.ndim == 1
        and images.shape == (len(labels), IMAGE_SIDE, IMAGE_SIDE)
        and len(labels) > 0
        and int(labels.max()) < CLASSES
    )


def _split(whole: Split) -> tuple[Split, Split]:
    """Splits a set into training and test images, see `load_image_set`."""
    # In the order of a hash: random enough, and the same with every version of NumPy.
    hashes = [hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in whole.images]
    mixed = np.array(sorted(range(len(hashes)), key=lambda place: (hashes[place], place)))
    by_label = mixed[np.argsort(whole.labels[mixed], kind="stable")]
    is_test = np.zeros(len(mixed), bool)
    is_test[by_label[TEST_EVERY - 1 :: TEST_EVERY]] = True
    return _part(whole, mixed[~is_test[mixed]]), _part(whole, mixed[is_test[mixed]])


def _part(whole: Split, indices: np.ndarray) -> Split:
    return Split(whole.images[indices], whole.labels[indices])


def _none_of(whole: Split) -> Split:
    return Split(whole.images[:0], whole.labels[:0])
