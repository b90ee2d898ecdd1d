"""Five optimizers from one start on the plane through three trained networks: paths, losses, update rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.training.optimizers import OPTIMIZERS, Descent
from model_lib.figures.concepts.training.surface import PATH_STYLES, SurfacePath, path_losses_figure
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.training.surface import (
    CONTROL_PX,
    Point,
    choose_start,
    choose_steps,
    descent,
    set_start,
    show_surface,
)
from ui.shared.charts import show_chart
from ui.shared.visit import mirrored, state_of

_RATES: Final = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
# With which each comes far on this surface; Keras's own are for trainings.
_FIRST_RATES: Final[Mapping[str, float]] = {
    "sgd": 0.02,
    "momentum": 0.005,
    "rmsprop": 0.02,
    "adam": 0.05,
    "adadelta": 10.0,
}
_STEEP: Final = (-0.4, 1.4)
_FLAT: Final = (0.05, 0.1)


class _Chosen:
    """Which optimizers are shown, in their order."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = tuple(OPTIMIZERS)

    def set(self, names: Sequence[str]) -> None:
        """Changes them; none at all would leave nothing to see."""
        self.names = tuple(name for name in OPTIMIZERS if name in names) or self.names


def show(text: ScreenText) -> None:
    """Shows the controls, the surface with all paths, the losses, the numbers of each, and the rules."""
    words = text.words
    chosen = state_of(_Chosen)
    mirrored(
        st.pills,
        words["optimizers"],
        list(OPTIMIZERS),
        selection_mode="multi",
        key="optimizers_shown",
        value=list(chosen.names),
        on_change=chosen.set,
        format_func=lambda name: words[name],
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = choose_start(words)
        steps = choose_steps(words)
        _start_button("steep", ":material/landscape:", _STEEP, words)
        _start_button("flat", ":material/horizontal_rule:", _FLAT, words)
    with st.expander(words["rates"], icon=":material/tune:"), st.container(horizontal=True):
        rates = {name: _choose_rate(name, words) for name in OPTIMIZERS}
    paths = {name: descent(name, rates[name], start).first(steps) for name in chosen.names}
    shown = [_path(name, path, words) for name, path in paths.items()]
    alt = words["alt"].format(
        x=f"{start[0]:g}",
        y=f"{start[1]:g}",
        losses=", ".join(f"{words[name]} {path.losses[-1]:.3f}" for name, path in paths.items()),
    )
    with st.container(horizontal=True):
        show_surface(shown, words, "optimizers_surface", alt)
        show_chart(path_losses_figure(shown, words["losses"], words["step"], words["loss"]), "optimizers_losses", alt)
    _show_numbers(paths, rates, start, steps, words)
    with st.expander(words["rules"], icon=":material/function:"):
        st.markdown(words["rules_text"])
        for name in chosen.names:
            st.markdown(f"**{words[name]}**: {words[f'says_{name}']}")
            st.latex(words[f"formula_{name}"])


def _start_button(name: str, icon: str, start: Point, words: Mapping[str, str]) -> None:
    st.button(words[name], icon=icon, key=f"optimizers_{name}", on_click=set_start, args=(start,))


def _choose_rate(name: str, words: Mapping[str, str]) -> float:
    return float(
        st.select_slider(
            words[name],
            _RATES,
            value=_FIRST_RATES[name],
            format_func=lambda each: f"{each:g}",
            key=f"optimizers_rate_{name}",
            help=words["rate_help"],
            width=CONTROL_PX,
        )
    )


def _path(name: str, path: Descent, words: Mapping[str, str]) -> SurfacePath:
    """Returns the path in the style that its optimizer has, whichever others are shown."""
    return SurfacePath(words[name], path.points, path.losses, PATH_STYLES[list(OPTIMIZERS).index(name)])


def _show_numbers(
    paths: Mapping[str, Descent], rates: Mapping[str, float], start: Point, steps: int, words: Mapping[str, str]
) -> None:
    """Shows the gradient at the start, and of each optimizer its first step and its end."""
    first = next(iter(paths.values()))
    slope = first.gradients[0]
    st.markdown(
        words["gradient"].format(
            x=f"{start[0]:g}",
            y=f"{start[1]:g}",
            slope_x=f"{slope[0]:.4f}",
            slope_y=f"{slope[1]:.4f}",
            length=f"{np.linalg.norm(slope):.4f}",
        )
    )
    st.dataframe(
        {
            words["optimizer"]: [words[name] for name in paths],
            words["rate"]: [f"{rates[name]:g}" for name in paths],
            words["first_length"]: [f"{path.first_length:.4f}" for path in paths.values()],
            words["after"].format(steps=steps): [_end(path, steps, words) for path in paths.values()],
            words["smallest"]: [f"{path.losses.min():.4f}" for path in paths.values()],
        },
        hide_index=True,
        width=700,
    )


def _end(path: Descent, steps: int, words: Mapping[str, str]) -> str:
    """Returns the last loss of a path, and after how many steps if it has left the plane before all are taken."""
    loss = f"{path.losses[-1]:.4g}"
    return loss if path.steps == steps else words["left"].format(loss=loss, steps=path.steps)
