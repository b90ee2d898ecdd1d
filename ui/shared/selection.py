"""What the visitor has chosen: one network and one image, the same on every page, and part of the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.datasets.image_set_names import NAME_PATTERN
from model_lib.datasets.loading import TEST_SET_TITLES, dataset_title
from model_lib.runs import runs_root
from model_lib.storage.run import Run
from ui.shared.url_state import UrlState
from ui.shared.visit import state_of

# As it stands in the address, for the network that comes with the app.
PRETRAINED: Final = "pretrained"
PRETRAINED_TITLE: Final = "Ready-made network (pretrained)"


@dataclass(frozen=True)
class TestImage:
    """An image of a test set.

    Args:
        index: its place, from 0; that of an address may lie beyond the last image, see `index_within`.
        other: name of the test set; None for that of whichever network is chosen.
    """

    index: int
    other: str | None = None

    @property
    def title(self) -> str:
        """What a visitor calls it."""
        return f"Test image {self.index}" if self.other is None else f"{dataset_title(self.other)}, image {self.index}"

    def to_param(self) -> str:
        """Returns it as it stands in an address."""
        return f"{self.other or 'test'}-{self.index}"


@dataclass(frozen=True)
class DrawnImage:
    """The visitor's last drawing."""

    title: ClassVar[str] = "My drawing"

    def to_param(self) -> str:
        """Returns it as it stands in an address."""
        return "drawing"


@dataclass(frozen=True)
class UploadedImage:
    """The visitor's last uploaded picture."""

    title: ClassVar[str] = "My picture"

    def to_param(self) -> str:
        """Returns it as it stands in an address."""
        return "upload"


@dataclass(frozen=True)
class UnknownImage:
    """What an address asks for and is none of the others.

    Args:
        text: as it stands in the address.
    """

    text: str

    def to_param(self) -> str:
        """Returns it as it stands in an address."""
        return self.text


OwnImage: TypeAlias = DrawnImage | UploadedImage
ImageChoice: TypeAlias = TestImage | OwnImage | UnknownImage
OWN_IMAGES: Final[tuple[OwnImage, ...]] = (DrawnImage(), UploadedImage())


def parse_image(text: str) -> ImageChoice:
    """Reads an image from an address; anything may stand there, also a number of thousands of digits."""
    for own in OWN_IMAGES:
        if text == own.to_param():
            return own
    found = re.fullmatch(rf"(test|{'|'.join(TEST_SET_TITLES)}|{NAME_PATTERN})-([0-9]{{1,9}})", text)
    if found is None:
        return UnknownImage(text)
    return TestImage(int(found[2]), None if found[1] == "test" else found[1])


def index_within(image: ImageChoice, images: int, other: str | None = None) -> int | None:
    """Returns the index of an image in a test set; None for one of another set or no set, and for one beyond the last.

    Args:
        image: the image.
        images: how many the test set has.
        other: name of the test set; None for the chosen network's own.
    """
    is_within = isinstance(image, TestImage) and image.other == other and image.index < images
    return image.index if isinstance(image, TestImage) and is_within else None


def find_run(name: str) -> Run | None:
    """Returns the run of this id; None if there is none, also for a name that leads out of the runs' folder or into the
    bin.
    """
    root = runs_root()
    try:
        is_run = name != "" and not name.startswith(".") and (root / name).parent == root and Run(root / name).exists
    except (OSError, ValueError):  # a name that no file system accepts
        is_run = False
    return Run(root / name) if is_run else None


def _named_run(parameters: Mapping[str, str]) -> str:
    """Returns the id of the run that an address asks for, if there is such a run."""
    run = find_run(parameters.get("run", PRETRAINED))
    return PRETRAINED if run is None else run.id


_RUN: Final = UrlState(("run",), _named_run, lambda name: {"run": name})
_IMAGE: Final[UrlState[ImageChoice]] = UrlState(
    ("image",),
    lambda parameters: parse_image(parameters.get("image", "test-0")),
    lambda image: {"image": image.to_param()},
)


@dataclass
class _OwnImages:
    pixels: dict[OwnImage, NDArray[np.float32]] = field(default_factory=dict)


def resolve_selection() -> None:
    """Puts the selection in order and into the address: called once in each run of the app, before anything is shown.

    A run that has been deleted is replaced by the network that comes with the app, and a toast says so.
    """
    if _RUN.value != PRETRAINED and selected_run() is None:
        _RUN.set(PRETRAINED)
        st.toast(f"The chosen network has been deleted. Chosen now: {PRETRAINED_TITLE}.", icon=":material/info:")
    _RUN.write()
    _IMAGE.write()


def selected_run() -> Run | None:
    """Returns the chosen run; None for the network that comes with the app, also where the run has been deleted."""
    run = Run(runs_root() / _RUN.value)
    return None if _RUN.value == PRETRAINED or not run.exists else run


def select_run(run: Run | None) -> None:
    """Makes a run the chosen one, on all pages; None stands for the network that comes with the app."""
    _RUN.set(PRETRAINED if run is None else run.id)


def selected_image() -> ImageChoice:
    """Returns the chosen image, which need not exist: an address may ask for anything."""
    return _IMAGE.value


def select_image(image: ImageChoice) -> None:
    """Makes an image the chosen one, on all pages."""
    _IMAGE.set(image)


def select_test_image(index: int, other: str | None = None) -> None:
    """Makes a test image the chosen one, on all pages; see `TestImage`."""
    select_image(TestImage(index, other))


def select_own_image(image: OwnImage, pixels: NDArray[np.float32]) -> None:
    """Keeps the visitor's last drawing or upload, and makes it the chosen image on all pages.

    Args:
        image: which of the two.
        pixels: (28, 28) float32, 0 (black) to 1 (white).
    """
    state_of(_OwnImages).pixels[image] = pixels
    select_image(image)


def own_images() -> Mapping[OwnImage, NDArray[np.float32]]:
    """Returns the visitor's last drawing and upload, (28, 28) float32 each, as far as there are any."""
    return state_of(_OwnImages).pixels
