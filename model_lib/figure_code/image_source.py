"""The lines of a program that read its images: of a data set, of the visitor's digits, or one image by itself."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.image_set_names import TEST_EVERY, is_image_set, is_split
from model_lib.datasets.image_sets import image_set_file
from model_lib.datasets.loading import FASHION_DEBIAN_FOLDER, TRAINING_IMAGES
from model_lib.environment import FASHION_MNIST_FOLDER, PROJECT

Part = Literal["train", "test"]
_IDX_NAMES: Final = {"train": "train", "test": "t10k"}


@dataclass(frozen=True)
class ImageSource:
    """How a program reads its images.

    Args:
        modules: of the standard library that it imports for that.
        first: lines that come before the others.
        arrays: the lines for each array: `images` (n, 28, 28), from 0 to 255, and where they are known `labels` (n,)
            and `writers` (n,). A program has those of the arrays that it uses.
    """

    modules: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    arrays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def dataset_source(name: str, part: Part = "test") -> ImageSource:
    """Returns how a part of a data set, or a visitor's image set, is read, in the order of `load_dataset`.

    Raises:
        ValueError: for an unknown name.
    """
    if is_image_set(name):
        return _split_image_set(name, part) if is_split(name) else _image_set(name)
    if name not in TRAINING_IMAGES:
        raise ValueError(f"`name` must be one of {', '.join(TRAINING_IMAGES)}. Received: {name!r}.")
    if name == "fashion_mnist":
        return _fashion_mnist(part)
    if name == "pen_digits":
        return _pen_digits(part)
    if name == "mnist_and_pen_digits" and part == "train":
        return _interleaved()
    first = ('data = np.load("data/mnist.npz")',)
    return ImageSource(first=first, arrays={"images": (f'images = data["x_{part}"]',), "labels": _labels(part)})


def path_in_project(path: Path) -> str:
    """Returns a path as a program names it, which runs in the project's folder."""
    return path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else str(path)


def images_from(source: ImageSource, first: int) -> ImageSource:
    """Returns how all images from one on are read, as the validation images among the training images are."""
    if not first:
        return source
    arrays = {name: (*lines, f"{name} = {name}[{first}:]") for name, lines in source.arrays.items()}
    return replace(source, arrays=arrays)


def exported_digits() -> ImageSource:
    """Returns how the visitor's own digits are read, once exported by the page My digits."""
    return ImageSource(
        first=('data = np.load("my_digits.npz")  # exported on the page My digits',),
        arrays={"images": ('images = data["images"]',), "labels": ('labels = data["labels"]',)},
    )


def single_image(pixels: NDArray[Any]) -> ImageSource:
    """Returns one image as text, rounded to 256 shades, for a drawing that lies in no file; its index is 0.

    Args:
        pixels: (28, 28), 0 to 1.
    """
    shades = np.rint(255 * np.clip(np.asarray(pixels, np.float64), 0, 1)).astype(np.uint8)
    text = base64.b64encode(zlib.compress(shades.tobytes(), 9)).decode()
    return ImageSource(
        modules=("base64", "zlib"),
        first=(f'pixels = zlib.decompress(base64.b64decode("{text}"))',),
        arrays={"images": ("images = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28)",)},
    )


def _image_set(name: str) -> ImageSource:
    return ImageSource(
        first=(f"data = np.load({path_in_project(image_set_file(name))!r})",),
        arrays={each: (f'{each} = data["{each}"]',) for each in ("images", "labels")},
    )


def _split_image_set(name: str, part: Part) -> ImageSource:
    sign = "" if part == "test" else "~"
    return ImageSource(
        modules=("hashlib",),
        first=(
            *_image_set(name).first,
            'hashes = [hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in data["images"]]',
            "order = np.array(sorted(range(len(hashes)), key=hashes.__getitem__))  # mixed, always the same way",
            "is_test = np.zeros(len(order), bool)",
            f'is_test[np.argsort(data["labels"][order], kind="stable")[{TEST_EVERY - 1}::{TEST_EVERY}]] = True',
            f"part = order[{sign}is_test]  # of each label a fifth is for the test",
        ),
        arrays={each: (f'{each} = data["{each}"][part]',) for each in ("images", "labels")},
    )


def _labels(part: Part) -> tuple[str, ...]:
    return (f'labels = data["y_{part}"]',)


def _pen_digits(part: Part) -> ImageSource:
    comparison = "==" if part == "test" else "!="
    return ImageSource(
        first=(
            'data = np.load("data/pen_digits.npz")',
            f'part = data["writers"] % 3 {comparison} 0  # every third person drew test images',
        ),
        arrays={name: (f'{name} = data["{name}"][part]',) for name in ("images", "labels", "writers")},
    )


def _interleaved() -> ImageSource:
    return ImageSource(
        first=(
            'mnist, pens = np.load("data/mnist.npz"), np.load("data/pen_digits.npz")',
            'part = pens["writers"] % 3 != 0  # every third person drew test images',
            "ranks = [(place + 0.5) / count for count in (60000, part.sum()) for place in range(count)]",
            'order = np.argsort(ranks, kind="stable")  # both evenly mixed',
        ),
        arrays={
            "images": ('images = np.concatenate([mnist["x_train"], pens["images"][part]])[order]',),
            "labels": ('labels = np.concatenate([mnist["y_train"], pens["labels"][part]])[order]',),
        },
    )


def _fashion_mnist(part: Part) -> ImageSource:
    folder = FASHION_MNIST_FOLDER.read() or FASHION_DEBIAN_FOLDER
    is_zipped = (folder / f"{_IDX_NAMES[part]}-images-idx3-ubyte.gz").exists() or not folder.is_dir()
    suffix, function = (".gz", "gzip.open") if is_zipped else ("", "open")
    return ImageSource(
        modules=("gzip",) if is_zipped else (),
        first=(f"folder = {str(folder)!r}",),
        arrays={
            "images": (
                f'with {function}(f"{{folder}}/{_IDX_NAMES[part]}-images-idx3-ubyte{suffix}", "rb") as file:',
                "    images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)",
            ),
            "labels": (
                f'with {function}(f"{{folder}}/{_IDX_NAMES[part]}-labels-idx1-ubyte{suffix}", "rb") as file:',
                "    labels = np.frombuffer(file.read(), np.uint8, offset=8)",
            ),
        },
    )
