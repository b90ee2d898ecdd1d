"""Gradient descent: a path from a start that the visitor chooses, on the plane through three trained networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.training.loss_surface import NETWORK_NAMES, TICKS
from model_lib.concepts.training.optimizers import Descent
from model_lib.figures.concepts.training.surface import PATH_STYLES, SurfacePath, path_losses_figure
from model_lib.number_format import probability_text
from ui.how_it_works.example import Example, choose_example
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.training.surface import CONTROL_PX, choose_start, choose_steps, descent, loss_surface, show_surface
from ui.shared.charts import show_chart

_RATES: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
_ROWS: Final = 6
# A 9 that the network at the first start takes for a 7, and the one at the end of its path does not.
_FIRST_EXAMPLE: Final = 9


def show(text: ScreenText) -> None:
    """Shows the controls, the surface with the path, the losses, and the numbers of the first steps."""
    words = text.words
    with st.container(horizontal=True):
        rate = st.select_slider(
            words["rate"],
            _RATES,
            value=0.02,
            format_func=lambda each: f"{each:g}",
            key="gradient_descent_rate",
            help=words["rate_help"],
            width=CONTROL_PX,
        )
        steps = choose_steps(words)
        start = choose_start(words)
    whole = descent("sgd", rate, start)
    path = whole.first(steps)
    shown = SurfacePath(words["path"], path.points, path.losses, PATH_STYLES[0])
    alt = words["alt"].format(
        x=f"{start[0]:g}",
        y=f"{start[1]:g}",
        first=f"{path.losses[0]:.3f}",
        last=f"{path.losses[-1]:.4g}",
        steps=path.steps,
    )
    with st.container(horizontal=True):
        show_surface([shown], words, "gradient_descent_surface", alt)
        show_chart(
            path_losses_figure([shown], words["losses"], words["step"], words["loss"]), "gradient_descent_losses", alt
        )
    st.markdown(_result(path, words))
    _show_steps(path, rate, words)
    _show_networks(path, choose_example(_FIRST_EXAMPLE), words)


def _result(path: Descent, words: Mapping[str, str]) -> str:
    """Returns what has become of the path, in a sentence with its numbers."""
    surface = loss_surface()
    rises = int((np.diff(path.losses) > 0).sum())
    sentence = words["result"].format(
        steps=path.steps, first=f"{path.losses[0]:.4f}", last=f"{path.losses[-1]:.4g}", rises=rises
    )
    networks = ", ".join(f"{name} {loss:.4f}" for name, loss in zip(NETWORK_NAMES, surface.network_losses, strict=True))
    end = path.points[-1]
    is_inside = bool((end >= TICKS[0]).all() and (end <= TICKS[-1]).all())
    return f"{sentence} {words['networks'].format(losses=networks)}" + ("" if is_inside else f" {words['outside']}")


def _show_steps(path: Descent, rate: float, words: Mapping[str, str]) -> None:
    """Shows the arithmetic of the first step, and the first steps as a table."""
    (x, y), (slope_x, slope_y) = path.points[0], path.gradients[0]
    st.markdown(
        words["arithmetic"].format(
            rate=f"{rate:g}",
            x=f"{x:g}",
            y=f"{y:g}",
            slope_x=f"{slope_x:.4f}",
            slope_y=f"{slope_y:.4f}",
            new_x=f"{path.points[1][0]:.4f}",
            new_y=f"{path.points[1][1]:.4f}",
        )
    )
    first = path.first(_ROWS - 1)
    st.dataframe(
        {
            words["step"]: range(len(first.losses)),
            "x": np.round(first.points[:, 0], 4),
            "y": np.round(first.points[:, 1], 4),
            words["loss"]: np.round(first.losses, 4),
            words["slope_x"]: np.round(first.gradients[:, 0], 4),
            words["slope_y"]: np.round(first.gradients[:, 1], 4),
        },
        hide_index=True,
        width=700,
    )


def _show_networks(path: Descent, example: Example, words: Mapping[str, str]) -> None:
    """Says what the networks at the start and at the end of the path predict for the chosen image."""
    start, end = (_prediction(path.points[place], example) for place in (0, -1))
    st.markdown(
        words["example"].format(
            index=example.index,
            label=example.label,
            start=probability_text(float(start[example.label])),
            start_digit=int(start.argmax()),
            end=probability_text(float(end[example.label])),
            end_digit=int(end.argmax()),
        )
    )


def _prediction(point: NDArray[np.float64], example: Example) -> NDArray[np.float64]:
    """Returns the ten probabilities that the network at a point of the plane gives an image."""
    pixels = example.pixels.reshape(1, -1) / 255.0
    (probabilities,) = loss_surface().plane.weights(point).probabilities(pixels)
    return np.asarray(probabilities, np.float64)
