"""Where in the app the thing lives that a part of a program does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import streamlit as st

from model_lib.config.layer_kinds import LAYER_KINDS
from model_lib.programs.source import Part, Program
from model_lib.storage.run import Run
from ui.shared.selection import PRETRAINED
from ui.shared.url_state import open_address

_IDEAS: Final = "pages/how_it_works.py"
_DATA: Final = "pages/browse_data.py"
_MISTAKES: Final = "pages/review_mistakes.py"
_TRAIN: Final = "pages/train.py"


class Place(NamedTuple):
    """A page of the app.

    Args:
        page: its file.
        text: of the button.
        icon: of the button.
        parameters: of the address.
        needs_run: whether it shows what a training has left; its run is then added to the address.
    """

    page: str
    text: str
    icon: str
    parameters: Mapping[str, str] = {}
    needs_run: bool = False


def _idea(screen: str, text: str) -> Place:
    return Place(_IDEAS, f"How it works: {text}", ":material/lightbulb:", {"screen": screen})


def _data(text: str, **parameters: str) -> Place:
    return Place(_DATA, text, ":material/dataset:", parameters)


def _training(text: str) -> Place:
    return Place(_TRAIN, text, ":material/show_chart:", needs_run=True)


def _mistakes(text: str, **parameters: str) -> Place:
    return Place(_MISTAKES, text, ":material/grid_on:", parameters, needs_run=True)


_IMAGES: Final = {"images": "all", "sort": "index"}
# By the kind of a part.
_PLACES: Final[Mapping[str, tuple[Place, ...]]] = {
    "settings": (_idea("batch_and_epoch", "batch and epoch"),),
    "load": (_data("Browse the data"),),
    "scale": (_data("The numbers of an image", number="0", pixel="14-13"), _idea("pixels", "pixels")),
    "raw": (_data("The numbers of an image", number="0", pixel="14-13"), _idea("pixels", "pixels")),
    "channels": (_data("The pixel in memory", number="0", pixel="14-13"),),
    "one_hot": (_data("A label as a one-hot vector", number="0"), _idea("one_hot", "one-hot vectors")),
    "network": (_idea("three_models", "three networks"),),
    "Dense": (_idea("neuron", "a unit"), _idea("activation", "activation")),
    "Dropout": (_idea("dropout", "dropout"),),
    "Conv2D": (
        _idea("convolution", "convolution"),
        Place("pages/try_convolutions.py", "Random filters on a digit", ":material/casino:"),
    ),
    "MaxPooling2D": (_idea("pooling", "pooling"),),
    "BatchNormalization": (_idea("batch_normalization", "batch normalisation"),),
    "output": (_idea("softmax", "softmax"),),
    "summary": (_training("The network as a table"), _idea("parameters", "parameters")),
    "compile": (_idea("cross_entropy", "cross-entropy"), _idea("optimizers", "optimizers")),
    "fit": (_training("Its training"), _idea("training_step", "one training step")),
    "callback": (_training("Its training"),),
    "curve": (_training("Its curves"), _idea("overfitting", "overfitting")),
    "evaluate": (_mistakes("Review its mistakes"), _idea("test_set", "the test set")),
    "predict": (_mistakes("Predictions, image by image", **_IMAGES, captions="labels"),),
    "grid": (_mistakes("These hundred images", **_IMAGES, per_page="100", captions="predictions"),),
    "captions": (_mistakes("These 25 images", **_IMAGES, captions="labels"),),
    "confusion": (_mistakes("Click its cells"),),
    "chosen": (_mistakes("These images", label="5", read_as="3"),),
    "gallery": (_mistakes("All mistakes"),),
    "architecture": (_training("Its training"),),
    "weights": (_training("Its training"),),
}


def places_of(part: Part) -> tuple[Place, ...]:
    """Returns the places of a part."""
    places = _PLACES.get(part.kind, ())
    if part.layer is not None and part.layer.kind in LAYER_KINDS:
        layer = {"layer": part.layer.name}
        places = (Place("pages/look_inside.py", "Look inside this layer", ":material/search:", layer, True), *places)
    return places


def address_of(place: Place, run: Run | None) -> dict[str, str]:
    """Returns the parameters of the address of a place."""
    return dict(place.parameters) | ({"run": PRETRAINED if run is None else run.id} if place.needs_run else {})


def show_places(program: Program, part: Part, run: Run | None) -> None:
    """Shows a button for each place in the app; those that need a training wait for one.

    Args:
        program: the program.
        part: the part.
        run: the newest result of its training; None if there is none.
    """
    places = places_of(part)
    if not places:
        return
    st.markdown("**In the app**")
    with st.container(horizontal=True):
        for number, place in enumerate(places):
            is_waiting = place.needs_run and run is None
            if st.button(
                place.text,
                icon=place.icon,
                key=f"place-{program.name}-{part.id}-{number}",
                disabled=is_waiting,
                help="After the first training" if is_waiting else None,
            ):
                open_address(place.page, address_of(place, run))
