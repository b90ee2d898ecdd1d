"""Names of image sets that visitors bring: data sets like the others, named by their contents.

`own_2500_<hash>` is a set of 2,500 images, all of them test images. `own_2500_<hash>_split` is the same set for a
training, split into training and test images. The hash is that of images and labels: the same name means the same
images on every server, and a set that has been changed has another name.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SPLIT_SUFFIX: Final = "_split"
# No separator of a path, and none of the hyphens that part a name from an index in an address.
NAME_PATTERN: Final = "own_[0-9]{1,6}_[0-9a-f]{32}"
_ANY: Final = re.compile(f"({NAME_PATTERN})({SPLIT_SUFFIX})?")
# Every fifth image is for the test.
TEST_EVERY: Final = 5


def name_images(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> str:
    """Returns the name of a set from its images (n, 28, 28) and labels (n,)."""
    digest = hashlib.blake2b(images.tobytes() + labels.tobytes(), digest_size=16).hexdigest()
    return f"own_{len(labels)}_{digest}"


def is_image_set(name: Any) -> bool:
    """Whether this is a well-formed name of a visitor's image set, split or not."""
    return isinstance(name, str) and _ANY.fullmatch(name) is not None


def is_split(name: str) -> bool:
    """Whether this is the name of a visitor's image set that is split for a training."""
    return is_image_set(name) and name.endswith(SPLIT_SUFFIX)


def unsplit(name: str) -> str:
    """Returns the name of the whole set."""
    return name.removesuffix(SPLIT_SUFFIX)


def split_name(name: str) -> str:
    """Returns the name of the same set, split for a training."""
    return unsplit(name) + SPLIT_SUFFIX


def image_count(name: str) -> int:
    """Returns how many images a set has, as its name says."""
    return int(name.split("_")[1])


def training_image_count(name: str) -> int:
    """Returns how many of them are for training: none of a set that is not split."""
    images = image_count(name)
    return images - images // TEST_EVERY if is_split(name) else 0
