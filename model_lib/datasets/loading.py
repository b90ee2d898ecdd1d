"""MNIST, pen digits and Fashion-MNIST: locate, verify by checksum, load."""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.image_set_names import image_count, is_image_set, is_split, training_image_count
from model_lib.environment import FASHION_MNIST_FOLDER

# Called with the fraction done, 0 to 1.
ProgressCallback = Callable[[float], None]

MNIST_FILE: Final = Path(__file__).parent.parent.parent / "data" / "mnist.npz"
MNIST_SHA256: Final = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"

# Rasterised by `python -m model_lib.drawing.pen_digits`.
PEN_DIGITS_FILE: Final = MNIST_FILE.with_name("pen_digits.npz")
PEN_DIGITS_SHA256: Final = "7d7c4f10b1fcd828e83664a03ecc2b32d2a477a83ec82d3b97577ca9877c1dfb"
WRITERS: Final = tuple(range(1, 31))
# Every third. Never changed: networks of older versions have learnt from all others.
TEST_WRITERS: Final = WRITERS[2::3]
TRAINING_WRITERS: Final = tuple(writer for writer in WRITERS if writer not in TEST_WRITERS)

FASHION_DEBIAN_FOLDER: Final = Path("/usr/share/datasets/fashion-mnist")
# The four parts and the md5 of each one unzipped: gzip's own bytes differ between distributors.
FASHION_FILES: Final[Mapping[str, str]] = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}

CLASSES: Final = 10
IMAGE_SIDE: Final = 28
# Size of each training set, so that settings are validated without reading the images.
TRAINING_IMAGES: Final[Mapping[str, int]] = {
    "mnist": 60_000,
    "fashion_mnist": 60_000,
    "pen_digits": 4_996,
    "mnist_and_pen_digits": 64_996,
}
TITLES: Final[Mapping[str, str]] = {
    "mnist": "MNIST digits",
    "fashion_mnist": "Fashion-MNIST articles",
    "pen_digits": "Pen digits",
    "mnist_and_pen_digits": "MNIST and pen digits",
}
# On whose test images a network is tested, by the data set that it learnt: its own first; those of MNIST and pen digits
# together are MNIST's.
TEST_SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "mnist": ("mnist", "pen_digits"),
    "fashion_mnist": ("fashion_mnist",),
    "pen_digits": ("pen_digits", "mnist"),
    "mnist_and_pen_digits": ("mnist", "pen_digits"),
}
TEST_SET_TITLES: Final[Mapping[str, str]] = {
    "mnist": "MNIST's test images",
    "fashion_mnist": "Fashion-MNIST's test images",
    "pen_digits": "Other people's digits",
}

DIGIT_NAMES: Final = tuple(str(digit) for digit in range(10))
# Names as in the data set's own README (H. Xiao, K. Rasul, R. Vollgraf, 2017).
FASHION_NAMES: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_CLASS_NAMES: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(TITLES, DIGIT_NAMES) | {
    "fashion_mnist": FASHION_NAMES
}


class DatasetError(Exception):
    """A data set that is missing or damaged; the message says how to mend it."""


@dataclass(frozen=True)
class Split:
    """Images with their labels.

    Args:
        images: (n, 28, 28) uint8, 0 (black, background) to 255 (white, ink).
        labels: (n,) uint8, 0 to 9.
        writers: (n,) uint8, who wrote each image; None where that is not known.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    writers: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Dataset:
    """A data set of 28 x 28 images in ten classes.

    Args:
        name: as `load_dataset` takes it.
        title: display name.
        class_names: of the labels 0 to 9.
        train: the training set, in its original order; pen digits writer by writer.
        test: the test set, in its original order; pen digits writer by writer.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    train: Split
    test: Split


def load_dataset(name: str, folder: str | Path | None = None, progress: ProgressCallback | None = None) -> Dataset:
    """Loads a data set and verifies its checksums.

    Args:
        name: "mnist", "pen_digits" and both together, "mnist_and_pen_digits", lie in the repository; "fashion_mnist"
            does not. Visitors' image sets have the names of `image_set_names`.
        folder: where Fashion-MNIST's four idx files lie; also read from the variable FASHION_MNIST_FOLDER.
        progress: is called with 0 to 1 while Fashion-MNIST is downloaded.

    Returns:
        The data set: train (60,000 images) and test (10,000). Pen digits are split by writer, 4,996 by 20 people and
        2,498 by the 10 `TEST_WRITERS`; MNIST and pen digits together have MNIST's test images.

    Raises:
        DatasetError: for an unknown name, or files that are missing or damaged.
    """
    if name == "mnist":
        return _load_mnist()
    if name == "fashion_mnist":
        return _load_fashion_mnist(folder, progress)
    if name == "pen_digits":
        return _load_pen_digits()
    if name == "mnist_and_pen_digits":
        mnist = _load_mnist()
        return Dataset(name, TITLES[name], DIGIT_NAMES, _interleave(mnist.train, _load_pen_digits().train), mnist.test)
    if is_image_set(name):
        from model_lib.datasets.image_sets import load_image_set  # here, not above: it needs this module

        return load_image_set(name)
    raise DatasetError(f"The data set must be one of {', '.join(TRAINING_IMAGES)}. Received: {name!r}.")


# For processes that use the same data set again and again; reading it takes half a second.
cached_dataset: Final = functools.lru_cache(maxsize=3)(load_dataset)


def class_names(name: str) -> tuple[str, ...]:
    """Returns the class names of a data set, in the order of the labels, without reading its images."""
    return DIGIT_NAMES if is_image_set(name) else _CLASS_NAMES[name]


def is_known(name: str) -> bool:
    """Whether this version has a data set of this name, or a visitor may have brought it."""
    return name in TITLES or is_image_set(name)


def dataset_title(name: str) -> str:
    """Returns the display name of a data set; that of a visitor's image set tells how many images it has."""
    return f"Own image set ({image_count(name):,} images)" if is_image_set(name) else TITLES[name]


def training_images(name: str) -> int:
    """Returns the size of a training set without reading its images: `TRAINING_IMAGES`, and image sets."""
    return training_image_count(name) if is_image_set(name) else TRAINING_IMAGES[name]


def names_of_test_sets(name: str) -> tuple[str, ...]:
    """Returns on whose test images a network is tested that learnt this data set: `TEST_SETS`, and image sets."""
    if is_image_set(name):
        return (name, "mnist") if is_split(name) else (name,)
    return TEST_SETS[name]


def title_of_test_set(name: str) -> str:
    """Returns the display name of a test set."""
    if is_split(name):
        return "Test images of the own set"
    return dataset_title(name) if is_image_set(name) else TEST_SET_TITLES[name]


def is_on_disk(name: str) -> bool:
    """Whether a data set can be loaded without Keras, which takes seconds, and without the internet."""
    return name != "fashion_mnist" or _fashion_folder() is not None


def _load_mnist() -> Dataset:
    arrays = _read_arrays(MNIST_FILE, MNIST_SHA256, "MNIST")
    train, test = (Split(arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in ("train", "test"))
    return Dataset("mnist", TITLES["mnist"], DIGIT_NAMES, train, test)


def _load_pen_digits() -> Dataset:
    arrays = _read_arrays(PEN_DIGITS_FILE, PEN_DIGITS_SHA256, "The file of pen digits")
    is_test = np.isin(arrays["writers"], TEST_WRITERS)
    train, test = (
        Split(arrays["images"][chosen], arrays["labels"][chosen], arrays["writers"][chosen])
        for chosen in (~is_test, is_test)
    )
    return Dataset("pen_digits", TITLES["pen_digits"], DIGIT_NAMES, train, test)


def _interleave(first: Split, second: Split) -> Split:
    """Merges two splits, each in its own order, so that every leading part holds the same fraction of both.

    The last part, which is held out for validation, then is of the same mixture, and its pen digits are of writers
    that the rest does not have.
    """
    ranks = np.concatenate([(np.arange(len(each.labels)) + 0.5) / len(each.labels) for each in (first, second)])
    order = np.argsort(ranks, kind="stable")
    return Split(
        np.concatenate([first.images, second.images])[order], np.concatenate([first.labels, second.labels])[order]
    )


def _read_arrays(file: Path, checksum: str, title: str) -> dict[str, NDArray[np.uint8]]:
    """Reads an archive that lies in the repository, and compares its sha256."""
    cure = f"Restore it with `git checkout -- data/{file.name}`, or copy it from a fresh clone."
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DatasetError(f"{title} could not be read from {file}: {error.strerror}. {cure}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != checksum:
        raise DatasetError(
            f"{file} ({len(content):,} bytes) is damaged: its sha256 should be {checksum}, but is {found}. {cure}"
        )
    with np.load(io.BytesIO(content)) as arrays:
        return dict(arrays)


def _load_fashion_mnist(folder: str | Path | None, progress: ProgressCallback | None) -> Dataset:
    source = _fashion_folder(folder) or _download_fashion_mnist(progress)
    train_images, train_labels, test_images, test_labels = (_read_idx(source, part) for part in FASHION_FILES)
    return Dataset(
        "fashion_mnist",
        TITLES["fashion_mnist"],
        FASHION_NAMES,
        Split(train_images, train_labels),
        Split(test_images, test_labels),
    )


def _fashion_folder(folder: str | Path | None = None) -> Path | None:
    """Returns where Fashion-MNIST lies, or None if it has to be downloaded."""
    named = folder or FASHION_MNIST_FOLDER.read()
    if named is not None:
        return Path(named)
    return FASHION_DEBIAN_FOLDER if FASHION_DEBIAN_FOLDER.is_dir() else None


def _read_idx(folder: Path, part: str) -> NDArray[np.uint8]:
    """Reads one idx file, gzipped or not, and compares its md5.

    Source: the idx format as described with MNIST: four bytes of type and number of axes, each axis as a big-endian
    32-bit integer, then the values.
    """
    zipped, plain = folder / f"{part}.gz", folder / part
    try:
        content = gzip.decompress(zipped.read_bytes()) if zipped.exists() else plain.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"Fashion-MNIST: {part} could not be read from {folder}: {error}. {_WAYS}") from error
    checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if checksum != FASHION_FILES[part]:
        raise DatasetError(
            f"Fashion-MNIST: {part} in {folder} is damaged: "
            f"its md5 should be {FASHION_FILES[part]}, but is {checksum}. {_WAYS}"
        )
    axes = content[3]
    shape = np.frombuffer(content, ">u4", count=axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


_WAYS: Final = (
    f"It is looked for in three places: the folder named by the variable {FASHION_MNIST_FOLDER.name}; "
    f"{FASHION_DEBIAN_FOLDER}, where Debian's package dataset-fashion-mnist puts it (`apt install "
    "dataset-fashion-mnist`); and Keras's download, which needs the internet once."
)


def _download_fashion_mnist(progress: ProgressCallback | None) -> Path:
    """Downloads the four files with Keras and returns their folder."""
    import keras  # here, not above: it takes seconds, and whoever has the files does not need it

    base = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
    target: Path | None = None
    for done, part in enumerate(FASHION_FILES):
        if progress is not None:
            progress(done / len(FASHION_FILES))
        try:
            file = keras.utils.get_file(f"{part}.gz", origin=f"{base}{part}.gz", cache_subdir="datasets/fashion-mnist")
        except Exception as error:  # Keras raises a bare Exception when the download fails
            raise DatasetError(f"Fashion-MNIST is not on this machine and cannot be downloaded. {_WAYS}") from error
        target = Path(file).parent
    assert target is not None
    if progress is not None:
        progress(1.0)
    return target
