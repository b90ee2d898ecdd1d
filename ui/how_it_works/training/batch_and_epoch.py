"""Batch, step and epoch: 60,000 images cut into batches, and what their size does to gradients and trainings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, Literal

import streamlit as st

from model_lib.concepts.training.batches import (
    IMAGES,
    NOISE_SIZES,
    GradientNoise,
    LossCurve,
    batch_counts,
    gradient_noise,
    loss_curves,
)
from model_lib.datasets.loading import Split
from model_lib.figures.concepts.training.batches import SHOWN_BATCHES, epoch_figure, loss_curves_figure, noise_figure
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import show_chart
from ui.shared.jobs import wait_for
from ui.shared.loaders import dataset

_ALL: Final = 60_000
_BATCH_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384, _ALL)
_RATES: Final = (0.003, 0.01, 0.03, 0.1, 0.3)
_CONTROL_PX: Final = 300


def show(text: ScreenText) -> None:
    """Shows the bar that is cut, its numbers, and what has been measured."""
    words = text.words
    with st.container(horizontal=True):
        batch_size = int(
            st.select_slider(
                words["batch_size"],
                _BATCH_SIZES,
                value=32,
                format_func=lambda each: f"{each:,}",
                key="batch_size",
                help=words["batch_size_help"],
                width=_CONTROL_PX,
            )
        )
        epochs = int(
            st.slider(words["epochs"], 1, 20, 5, key="batch_epochs", help=words["epochs_help"], width=_CONTROL_PX)
        )
    counts = batch_counts(_ALL, batch_size, epochs)
    shown = min(SHOWN_BATCHES, counts.steps_per_epoch)
    numbers = {
        "images": f"{_ALL:,}",
        "size": f"{batch_size:,}",
        "per_epoch": f"{counts.steps_per_epoch:,}",
        "last": f"{counts.last_batch:,}",
        "epochs": epochs,
        "steps": f"{counts.steps:,}",
        "seen": f"{counts.images_seen:,}",
        "shown": shown,
        "part": f"{min(_ALL, shown * batch_size):,}",
    }
    rows = (words["whole"].format(**numbers), words["first"].format(**numbers))
    show_chart(
        epoch_figure(_ALL, batch_size, words["title"], rows, words["axis"]),
        "batch_epoch",
        words["alt"].format(**numbers),
    )
    st.markdown(words["counts"].format(**numbers))
    st.markdown(words["last_batch" if counts.last_batch < batch_size else "even"].format(**numbers))
    _show_measured(batch_size, words)


def _show_measured(batch_size: int, words: Mapping[str, str]) -> None:
    """Shows the noise of the gradient and the trainings, which are computed beside the page."""
    st.subheader(words["measured"], anchor=False)
    with st.container(horizontal=True):
        rate = float(
            st.select_slider(
                words["rate"],
                _RATES,
                value=0.03,
                format_func=lambda each: f"{each:g}",
                key="batch_rate",
                help=words["rate_help"],
                width=_CONTROL_PX,
            )
        )
        over = st.segmented_control(
            words["over"],
            ("images", "steps"),
            default="images",
            key="batch_over",
            format_func=lambda each: words[f"over_{each}"],
            required=True,
        )
    train = dataset("mnist").train

    def trainings(report: Callable[[float], None]) -> tuple[LossCurve, ...]:
        return loss_curves(train, rate, report=report)

    curves = wait_for(("batch_curves", rate), trainings, words["waiting"], slot="batch_curves")
    noise = wait_for(("batch_noise",), partial(_noise, train), words["waiting_noise"], slot="batch_noise")
    names = [] if curves is None else [_curve_name(curve, words) for curve in curves]
    with st.container(horizontal=True):
        if curves is not None:
            _show_curves(curves, names, "steps" if over == "steps" else "images", words)
        if noise is not None:
            _show_noise(noise, batch_size, words)
    if curves is not None:
        st.markdown(words["curves_text"].format(images=f"{IMAGES:,}", ends=_ends(curves, names, words)))
    if noise is not None:
        st.markdown(_noise_sentence(noise, min(batch_size, NOISE_SIZES[-1]), words))


def _noise(train: Split, report: Callable[[float], None]) -> GradientNoise:
    return gradient_noise(train)


def _curve_name(curve: LossCurve, words: Mapping[str, str]) -> str:
    return words["all" if curve.batch_size == IMAGES else "batches"].format(size=f"{curve.batch_size:,}")


def _ends(curves: Sequence[LossCurve], names: Sequence[str], words: Mapping[str, str]) -> str:
    """Returns where the trainings end, and after how much: they are not equally long."""
    return "; ".join(
        words["end"].format(
            name=name,
            loss=f"{curve.losses[-1]:.3f}",
            steps=f"{curve.steps[-1]:,}",
            images=f"{curve.images_seen[-1]:,}",
        )
        for name, curve in zip(names, curves, strict=True)
    )


def _show_curves(
    curves: Sequence[LossCurve], names: Sequence[str], over: Literal["steps", "images"], words: Mapping[str, str]
) -> None:
    show_chart(
        loss_curves_figure(curves, over, words[f"curves_{over}"], (words[f"over_{over}"], words["loss"]), names),
        "batch_curves",
        words["curves_alt"].format(ends=_ends(curves, names, words)),
    )


def _show_noise(noise: GradientNoise, batch_size: int, words: Mapping[str, str]) -> None:
    axes = words["batch_size"], words["noise_axis"]
    show_chart(
        noise_figure(noise, batch_size, words["noise"], axes, (words["noise_measured"], words["noise_expected"])),
        "batch_noise",
        words["noise_alt"].format(
            size=f"{NOISE_SIZES[-1]:,}", first=f"{noise.measured[0]:.3f}", last=f"{noise.measured[-1]:.3f}"
        ),
    )


def _noise_sentence(noise: GradientNoise, batch_size: int, words: Mapping[str, str]) -> str:
    """Returns what was measured for a batch size, and what is expected."""
    return words["noise_text"].format(
        single=f"{noise.expected[0]:.3f}",
        size=f"{batch_size:,}",
        expected=f"{noise.expected[NOISE_SIZES.index(batch_size)]:.3f}",
        measured=f"{noise.measured[NOISE_SIZES.index(batch_size)]:.3f}",
        length=f"{noise.gradient_length:.3f}",
    )
