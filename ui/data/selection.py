"""What the visitor looks at among the data: a set, its images, one of them, a pixel. Kept, and in the address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.config.splits import held_out_images
from model_lib.config.training import TrainingConfig, with_dataset
from model_lib.datasets.browsing import IMAGES_PER_SHEET, filter_split, part_from, sheet_count
from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.label_errors import disputed_images
from model_lib.datasets.loading import CLASSES, DIGIT_NAMES, IMAGE_SIDE, TITLES, WRITERS, Split, is_on_disk
from model_lib.figure_code.image_source import ImageSource, dataset_source, exported_digits, images_from
from ui.shared.loaders import dataset
from ui.shared.url_state import UrlState
from ui.shared.user_digits import own_collection, own_image_sets
from ui.shared.visit import state_of

OWN: Final = "my_digits"
_SETS: Final = {name: TITLES[name] for name in ("mnist", "fashion_mnist", "pen_digits")}
SET_TITLES: Final[Mapping[str, str]] = _SETS | {OWN: "My digits"}
PART_TITLES: Final = {"train": "training", "validation": "validation", "test": "test"}
# What is shown below the image, as it stands in the address, and what the visitor reads.
VIEWS: Final = {
    "memory": "The pixel in memory",
    "augmentation": "The same image, twenty times",
    "preprocessing": "Preprocessing",
    "nearest": "Images like it",
    "all": "All together",
}
_LARGEST: Final = 1_000_000


@dataclass(frozen=True)
class Choice:
    """What is chosen, whether or not the data have it.

    Args:
        name: of the data set, or `OWN` for the visitor's digits.
        part: one of `PART_TITLES`.
        label: only images with this label; None for all.
        writer: only images by this writer; None for all.
        sheet: of the images that are left, from 1.
        number: index of one image in its part; None for the first on the sheet.
        pixel: row and column.
        view: what is shown below the image, one of `VIEWS`.
        is_disputed: only images with a known label error.
    """

    name: str = "mnist"
    part: str = "train"
    label: int | None = None
    writer: int | None = None
    sheet: int = 1
    number: int | None = None
    pixel: tuple[int, int] = (IMAGE_SIDE // 2, IMAGE_SIDE // 2)
    view: str = "memory"
    is_disputed: bool = False


def parse_choice(parameters: Mapping[str, str]) -> Choice:
    """Reads a choice from an address. Anything may stand there; what cannot be is left out."""
    default = Choice()
    row, _, column = parameters.get("pixel", "").partition("-")
    pixel = _whole(row, range(IMAGE_SIDE)), _whole(column, range(IMAGE_SIDE))
    name, part, view = (parameters.get(each, "") for each in ("data", "part", "view"))
    return Choice(
        name if name in SET_TITLES or is_image_set(name) else default.name,
        part if part in PART_TITLES else default.part,
        _whole(parameters.get("label", ""), range(CLASSES)),
        _whole(parameters.get("writer", ""), WRITERS),
        _whole(parameters.get("sheet", ""), range(1, _LARGEST)) or default.sheet,
        _whole(parameters.get("number", ""), range(_LARGEST)),
        default.pixel if pixel[0] is None or pixel[1] is None else (pixel[0], pixel[1]),
        view if view in VIEWS else default.view,
        parameters.get("disputed") == "1",
    )


def choice_to_params(choice: Choice) -> dict[str, str]:
    """Returns what differs from the default, as it stands in an address."""
    default = Choice()
    values: dict[str, Any] = {
        "data": choice.name,
        "part": choice.part,
        "label": choice.label,
        "writer": choice.writer,
        "sheet": choice.sheet,
        "number": choice.number,
        "view": choice.view,
        "disputed": 1 if choice.is_disputed else None,
    }
    usual = {"data": default.name, "part": default.part, "sheet": default.sheet, "view": default.view}
    found = {name: str(value) for name, value in values.items() if value is not None and value != usual.get(name)}
    return found if choice.pixel == default.pixel else found | {"pixel": f"{choice.pixel[0]}-{choice.pixel[1]}"}


def _whole(text: str, allowed: range | tuple[int, ...]) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) < len(str(_LARGEST))
    return int(text) if is_number and int(text) in allowed else None


_NAMES: Final = ("data", "part", "label", "writer", "sheet", "number", "pixel", "view", "disputed")
_CHOICE: Final = UrlState(_NAMES, parse_choice, choice_to_params)


@dataclass
class _Typed:
    """How often the visitor has chosen otherwise than by a click, which a chart keeps as its own selection."""

    images: int = 0
    pixels: int = 0


def current_choice() -> Choice:
    """Returns what is chosen, in the address too."""
    _CHOICE.write()
    return _CHOICE.value


def change(is_click: bool = False, **fields: Any) -> None:
    """Changes fields of the choice.

    Args:
        is_click: whether by a click on a chart. After any other change the charts forget their last click, so that it
            can be repeated.
        fields: new values, by their names.
    """
    if not is_click:
        typed = state_of(_Typed)
        if "pixel" in fields:
            typed.pixels += 1
        else:
            typed.images += 1
    _CHOICE.set(replace(_CHOICE.value, **fields))


def images_by_hand() -> int:
    """Returns how often another image was chosen otherwise than by a click: part of the key of a chart of images."""
    return state_of(_Typed).images


def pixels_by_hand() -> int:
    """Returns the same of pixels: part of the key of a chart of pixels."""
    return state_of(_Typed).pixels


@dataclass(frozen=True)
class Shown:
    """The images of a choice.

    Args:
        choice: what was chosen.
        split: the training or the test images; of the former the validation images are the last.
        class_names: of the labels 0 to 9.
        stamp: names the images of the part, for what is kept of them.
        indices: (n,), of those that the filters leave.
        index: of the chosen image in the split; None if there is none.
        first: index of the part's first image in the split.
        disputed: (k,), indices of the images whose label is known to be disputed.
    """

    choice: Choice
    split: Split
    class_names: tuple[str, ...]
    stamp: str
    indices: NDArray[np.int64]
    index: int | None
    first: int = 0
    disputed: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def part(self) -> Split:
        """All images of the part."""
        return part_from(self.split, self.first)

    @property
    def kind(self) -> str:
        """What a visitor calls its images, e.g. "training image"."""
        if is_image_set(self.choice.name):
            return "image"
        return "digit" if self.choice.name == OWN else f"{PART_TITLES[self.choice.part]} image"

    @property
    def source(self) -> ImageSource:
        """How a program reads all its images."""
        if self.choice.name == OWN:
            return exported_digits()
        return dataset_source(self.choice.name, "test" if self.choice.part == "test" else "train")

    @property
    def part_source(self) -> ImageSource:
        """How a program reads the images of the part alone: of the training images only those held out."""
        return images_from(self.source, self.first)

    @property
    def sheet(self) -> int:
        """The sheet that is shown, from 1: the last one if another one is asked for that does not exist."""
        return min(self.choice.sheet, sheet_count(len(self.indices)))

    @property
    def on_sheet(self) -> NDArray[np.int64]:
        """Indices of its images."""
        return self.indices[(self.sheet - 1) * IMAGES_PER_SHEET : self.sheet * IMAGES_PER_SHEET]


def names_of_sets() -> list[str]:
    """Returns the data sets that can be shown: the visitor's own digits only if there are any, and image sets."""
    return [*_SETS, *([OWN] if len(own_collection()) else []), *(each.name for each in own_image_sets().sets())]


def has_parts(name: str) -> bool:
    """Whether a data set is divided into training and test images: what a visitor has brought is not."""
    return name != OWN and not is_image_set(name)


def title_of_set(name: str) -> str:
    """Returns what a data set is called, as plain text."""
    own = {each.name: each.title for each in own_image_sets().sets()} if is_image_set(name) else {}
    return own.get(name) or SET_TITLES.get(name, name)


def shown_images(choice: Choice) -> Shown | None:
    """Returns the images of a choice, or None and a message if they are not on this machine.

    Raises:
        DatasetError: if their files are damaged.
    """
    if choice.name == OWN:
        split, names = own_collection().as_split(), DIGIT_NAMES
        digest = hashlib.blake2b(split.images.tobytes() + split.labels.tobytes(), digest_size=16)
        stamp, first, disputed = f"{OWN}-{digest.hexdigest()}", 0, disputed_images(OWN)
    elif not is_on_disk(choice.name):
        st.info(
            f"{TITLES[choice.name]} are not on this machine yet. Put the four files of Fashion-MNIST into the folder "
            "that the variable FASHION_MNIST_FOLDER names, or install Debian's package dataset-fashion-mnist.",
            icon=":material/download:",
        )
        return None
    else:
        data = dataset(choice.name)
        is_test = choice.part == "test" or not has_parts(choice.name)
        split, names = (data.test if is_test else data.train), data.class_names
        stamp = f"{choice.name}-{choice.part}"
        first = held_out(choice.name).start if choice.part == "validation" and has_parts(choice.name) else 0
        disputed = disputed_images(choice.name if choice.part == "test" else "")
    if split.writers is None or choice.writer not in split.writers[first:]:
        choice = replace(choice, writer=None)
    if not len(disputed):
        choice = replace(choice, is_disputed=False)
    indices = filter_split(split, choice.label, choice.writer, first, disputed if choice.is_disputed else None)
    shown = Shown(choice, split, names, stamp, indices, None, first, disputed)
    first_shown = int(shown.on_sheet[0]) if len(indices) else None
    is_there = choice.number is not None and first <= choice.number < len(split.labels)
    return replace(shown, index=choice.number if is_there else first_shown)


def held_out(name: str) -> range:
    """Returns the indices of the training images that the usual settings hold out for validation.

    Args:
        name: of a data set.
    """
    return held_out_images(with_dataset(TrainingConfig(), name))


def choose_image(shown: Shown, number: int, is_click: bool = False) -> None:
    """Chooses an image by its number; its sheet too, if it is among the images that are left."""
    place = int(np.searchsorted(shown.indices, number))
    is_among = place < len(shown.indices) and shown.indices[place] == number
    change(is_click, number=number, sheet=place // IMAGES_PER_SHEET + 1 if is_among else shown.sheet)
