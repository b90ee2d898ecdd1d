"""Overfitting: the loss on training images and on new ones, trained beside the page while the visitor looks."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from model_lib.concepts.classifiers import Settings
from model_lib.concepts.generalization import LearningCurves, learning_curves
from model_lib.figures.concepts.lines import Axis, Curve, lines_figure
from model_lib.number_format import percent
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import held_out_images, training_images
from ui.shared.charts import show_chart
from ui.shared.jobs import Report, wait_for

_COUNTS: Final = (50, 100, 300, 1_000, 5_000)
_UNITS: Final = (8, 32, 128)
_STEPS: Final = 900
_HELD_OUT: Final = 2_000


def show(text: ScreenText) -> None:
    """Shows both curves, and where the loss on new images is smallest."""
    words = text.words
    controls, picture = controls_beside_picture("overfitting")
    with controls:
        count = st.select_slider(
            words["count"],
            _COUNTS,
            100,
            format_func=lambda each: f"{each:,}",
            help=words["count_help"],
            key="overfitting_count",
        )
        units = st.select_slider(words["units"], _UNITS, 32, help=words["units_help"], key="overfitting_units")
        st.caption(words["measured"])
    with picture:
        curves = wait_for(
            ("overfitting", count, units),
            partial(_train, count, units),
            words["spinner"].format(count=count),
            slot="overfitting",
        )
    if curves is None:
        return
    best = curves.best
    numbers = {
        "steps": int(curves.steps[-1]),
        "best_step": int(curves.steps[best]),
        "best_loss": f"{curves.held_out[best]:.3f}",
        "best_accuracy": percent(float(curves.accuracy[best])),
        "last_loss": f"{curves.held_out[-1]:.3f}",
        "last_accuracy": percent(float(curves.accuracy[-1])),
        "training_loss": f"{curves.training[-1]:.3f}",
    }
    with picture:
        figure = lines_figure(
            words["title"],
            Axis(words["steps"], (0.0, float(_STEPS))),
            Axis(words["loss"], (0.0, 1.1 * float(curves.held_out.max()))),
            curves.steps.astype(float),
            [
                Curve(words["training"], curves.training, float(curves.training[best])),
                Curve(words["held_out"], curves.held_out, float(curves.held_out[best])),
            ],
            float(curves.steps[best]),
        )
        show_chart(figure, "overfitting_curves", words["alt"].format(**numbers))
        st.markdown(words["still" if best == len(curves.steps) - 1 else "best"].format(**numbers))


def _train(count: int, units: int, report: Report) -> LearningCurves:
    settings = Settings(hidden=(units,), learning_rate=0.2, steps=_STEPS, batch_size=32)
    return learning_curves(*training_images(count), held_out_images(_HELD_OUT), settings, report=report)
