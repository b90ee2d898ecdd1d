"""What the screens on a loss surface share: the surface, the start that the visitor chooses, the paths from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.training.loss_surface import NETWORK_NAMES, TICKS, LossSurface, load_surface
from model_lib.concepts.training.optimizers import OPTIMIZERS, Descent, descend
from model_lib.figures.concepts.training.surface import SurfacePath, SurfaceWords, surface_figure
from ui.shared.charts import clickable_chart
from ui.shared.loaders import dataset
from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored, state_of

Point = tuple[float, float]
MOST_STEPS: Final = 60
# Four fit side by side on a laptop.
CONTROL_PX: Final = 205
# High on a slope, from which some optimizers go to B, others to C.
_FIRST: Final = (1.35, 0.75)
_LONGEST: Final = 20


@dataclass
class _Moves:
    """How often the start was moved other than by a click: the chart is then a new one, see `clickable_chart`."""

    count: int = 0


def _parse(parameters: Mapping[str, str]) -> Point:
    text = parameters.get("start", "")
    try:
        x, y = (float(part) for part in text[:_LONGEST].split(","))
    except ValueError:
        return _FIRST
    lowest, highest = float(TICKS[0]), float(TICKS[-1])
    return (x, y) if lowest <= x <= highest and lowest <= y <= highest else _FIRST


_START: Final = UrlState(
    ("start",), _parse, lambda point: {} if point == _FIRST else {"start": f"{point[0]:g},{point[1]:g}"}
)


@st.cache_resource(show_spinner=False)
def loss_surface() -> LossSurface:
    """Returns the surface, read once for all visitors."""
    return load_surface(dataset("mnist").train)


@st.cache_data(max_entries=3000, show_spinner=False)
def descent(optimizer: str, rate: float, start: Point) -> Descent:
    """Returns the path of an optimizer, of 60 steps or as far as it goes; 30 ms of one core."""
    plane = loss_surface().plane
    return descend(plane.loss_and_gradient, OPTIMIZERS[optimizer](rate), np.array(start), MOST_STEPS)


def set_start(point: Point) -> None:
    """Moves the start, by hand."""
    state_of(_Moves).count += 1
    _START.set(point)


def choose_start(words: Mapping[str, str]) -> Point:
    """Shows a slider for each coordinate of the start, and returns it."""
    _START.write()
    x, y = _START.value
    options = {"step": 0.05, "width": CONTROL_PX, "help": words["start_help"]}
    lowest, highest = float(TICKS[0]), float(TICKS[-1])
    mirrored(
        st.slider,
        words["start_x"],
        lowest,
        highest,
        key="surface_x",
        value=x,
        on_change=lambda new: set_start((new, y)),
        **options,
    )
    mirrored(
        st.slider,
        words["start_y"],
        lowest,
        highest,
        key="surface_y",
        value=y,
        on_change=lambda new: set_start((x, new)),
        **options,
    )
    return x, y


def choose_steps(words: Mapping[str, str]) -> int:
    """Shows the slider for the number of steps."""
    explanation = words["steps_help"]
    return int(st.slider(words["steps"], 1, MOST_STEPS, 30, key="surface_steps", width=CONTROL_PX, help=explanation))


def show_surface(paths: Sequence[SurfacePath], words: Mapping[str, str], key: str, alt: str) -> None:
    """Shows the surface with paths. A click on it moves their start."""
    surface = loss_surface()
    networks = [(name, float(x), float(y)) for name, (x, y) in zip(NETWORK_NAMES, surface.plane.corners, strict=True)]
    texts = SurfaceWords(words["surface"], words["axis_x"], words["axis_y"], words["loss"])
    clickable_chart(
        surface_figure(surface.losses, TICKS, networks, paths, texts),
        f"{key}-{state_of(_Moves).count}",
        alt,
        lambda place: _START.set((float(place[0]), float(place[1]))),
    )
