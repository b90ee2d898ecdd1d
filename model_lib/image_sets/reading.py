"""What reading a file of labelled images gives, its limits, and the choice of the reader."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.image_sets import MOST_IMAGES
from model_lib.datasets.loading import IMAGE_SIDE, ProgressCallback, Split

LARGEST_BYTES: Final = 10 * 1024 * 1024
# 20,000 lines of a CSV have some 37 MB, most of them zeros.
LARGEST_UNPACKED_BYTES: Final = 64 * 1024 * 1024
Framing = Literal["as_is", "photograph"]
FRAMINGS: Final[tuple[Framing, ...]] = get_args(Framing)
_LONGEST_NAME: Final = 120


class ImageFileError(ValueError):
    """A file without any image that can be used; the message says what was expected."""


@dataclass(frozen=True)
class Skipped:
    """A member or a line that gave no image.

    Args:
        name: what the visitor finds it by; any text.
        reason: why, in words.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class ReadImages:
    """The images of a file.

    Args:
        split: images (n, 28, 28) and labels (n,), in the file's order; n is at least 1.
        names: (n,), the members of the archive or the lines that they come from; any text.
        skipped: what gave no image, in the file's order.
        notes: what else was found or done, a sentence each.
    """

    split: Split
    names: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]


def read_images(
    content: bytes, framing: Framing = "as_is", progress: ProgressCallback = lambda share: None
) -> ReadImages:
    """Reads labelled images from a file; its contents decide what it is, not its name.

    Args:
        content: at most 10 MB. A zip with PNG or JPEG pictures in folders named 0 to 9, or with one CSV; or a CSV,
            gzipped or not, with the label and 784 pixels a line.
        framing: of pictures: "as_is" takes those of 28 x 28 pixels as they are, "photograph" preprocesses pictures of
            any size like an uploaded photograph of one digit.
        progress: called with 0 to 1.

    Returns:
        The images, white on black.

    Raises:
        ImageFileError: if there is no image in it, or it goes beyond a limit.
    """
    # Here, not above: they need this module.
    from model_lib.image_sets.archive import read_archive
    from model_lib.image_sets.table import read_table

    if len(content) > LARGEST_BYTES:
        raise ImageFileError(
            f"The file must have at most {LARGEST_BYTES // 1024**2} MB. Received: {len(content) / 1024**2:.1f} MB. "
            "Packed as a zip it is smaller."
        )
    if content.startswith(b"PK"):
        return read_archive(content, framing, progress)
    if content.startswith(b"\x1f\x8b"):
        return read_table(_gunzip(content), progress)
    return read_table(content, progress)


def finish(
    images: Sequence[NDArray[np.uint8]],
    labels: Sequence[int],
    names: Sequence[str],
    skipped: Sequence[Skipped],
    notes: Sequence[str] = (),
) -> ReadImages:
    """Makes the result of what a reader has found; images that are black on white are inverted.

    Raises:
        ImageFileError: if there is none; the message gives the first reasons.
    """
    if not images:
        reasons = list(dict.fromkeys(each.reason for each in skipped))[:3]
        why = f" What was wrong: {'; '.join(reasons)}." if reasons else ""
        raise ImageFileError(f"There is no image in this file that can be used.{why} {EXPECTED}")
    stack = np.stack(images)
    found = [*notes]
    is_light = border_brightness(stack) > 127.5
    if 2 * int(is_light.sum()) > len(stack):
        stack = 255 - stack
        found.append("The images are black on white; networks here take white on black, so all of them were inverted.")
        is_light = ~is_light
    if odd := int(is_light.sum()):
        found.append(f"{_count(odd)} with a light border, unlike the others: they were taken as they are.")
    copies = len(stack) - len({image.tobytes() for image in stack})
    if copies:
        found.append(f"{_count(copies)} with the very same pixels as another one in the file.")
    split = Split(stack, np.array(labels, np.uint8))
    return ReadImages(split, tuple(names), tuple(skipped), tuple(found))


EXPECTED: Final = (
    "Expected is a zip with pictures in folders named 0 to 9, or a CSV with a label and 784 pixels in each line."
)


def too_many_images() -> ImageFileError:
    """Returns the error of a file with more images than a set may have."""
    return ImageFileError(f"The file has more than {MOST_IMAGES:,} images. Bring {MOST_IMAGES:,} or fewer.")


def border_brightness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns the median (n,) of the outermost pixels of images (n, 28, 28), 0 to 255."""
    is_border = np.ones((IMAGE_SIDE, IMAGE_SIDE), bool)
    is_border[1:-1, 1:-1] = False
    return np.asarray(np.median(images[:, is_border], axis=1))


def printable(name: str) -> str:
    """Returns a name without control characters, cut in its middle if it is long."""
    text = "".join(each if each.isprintable() else "?" for each in name)
    half = _LONGEST_NAME // 2
    return text if len(text) <= _LONGEST_NAME else f"{text[:half]}…{text[1 - half :]}"


def _gunzip(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(LARGEST_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImageFileError("This gzip file is damaged or cut off. Pack or download it again.") from error
    if len(unpacked) > LARGEST_UNPACKED_BYTES:
        raise too_large_unpacked()
    return unpacked


def too_large_unpacked() -> ImageFileError:
    """Returns the error of a file that is too large once it is unpacked."""
    return ImageFileError(
        f"The file must have at most {LARGEST_UNPACKED_BYTES // 1024**2} MB once it is unpacked. Bring fewer images."
    )


def _count(images: int) -> str:
    return "1 image" if images == 1 else f"{images:,} images"
