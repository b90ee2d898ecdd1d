"""One training step in numbers: a batch of four images, one layer, from its sums to the loss after the update."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.concepts.training.softmax_regression import (
    TrainingStep,
    finite_difference,
    initial_weights,
    losses_of,
    telling_weights,
    training_step,
)
from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.figures.concepts.training.step import (
    LossSeries,
    batch_figure,
    gradient_figure,
    kernel_change_figure,
    losses_figure,
    ten_numbers_figure,
)
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import show_chart
from ui.shared.loaders import dataset
from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored, state_of

_BATCH: Final = 4
_OTHERS: Final = 1_000
_STAGES: Final = ("sums", "probabilities", "loss", "gradient", "update", "again")
_RATES: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_SEED: Final = 0
_DISTANCE: Final = 1e-4
_MOST_DIGITS: Final = 5


@dataclass
class _Stage:
    """Which stage of the step is shown."""

    name: str = _STAGES[0]

    def set(self, name: str) -> None:
        self.name = name


@dataclass(frozen=True)
class _Batch:
    """Four training images, and what a step on them computes."""

    first: int
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    names: list[str]
    pixels: NDArray[np.float64]
    step: TrainingStep
    rate: float


def _parse(parameters: Mapping[str, str]) -> int:
    text = parameters.get("batch", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0


_FIRST_IMAGE: Final = UrlState(("batch",), _parse, lambda first: {} if first == 0 else {"batch": str(first)})


def show(text: ScreenText) -> None:
    """Shows the batch, the controls, and one stage of the step."""
    words = text.words
    _FIRST_IMAGE.write()
    train = dataset("mnist").train
    last = len(train.labels) - _BATCH
    first = min(_FIRST_IMAGE.value, last)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rate = st.select_slider(
            words["rate"],
            _RATES,
            value=0.02,
            format_func=lambda each: f"{each:g}",
            key="training_step_rate",
            help=words["rate_help"],
            width=300,
        )
        st.button(
            words["another"],
            icon=":material/casino:",
            key="training_step_batch",
            on_click=lambda: _FIRST_IMAGE.set(random.randrange(last + 1)),
        )
    stage = _choose_stage(words)
    batch = _computed_batch(first, float(rate), words)
    with st.container(horizontal=True):
        show_chart(
            batch_figure(batch.images, batch.names, words["batch"].format(first=first, last=first + _BATCH - 1)),
            "training_step_images",
            words["batch_alt"].format(labels=", ".join(str(label) for label in batch.labels)),
        )
        with st.container():
            _SHOWERS[stage](batch, words)


def _choose_stage(words: Mapping[str, str]) -> str:
    """Shows the six stages and the button that leads to the next one; returns the one that is shown."""
    stage = state_of(_Stage)
    place = _STAGES.index(stage.name)
    mirrored(
        st.segmented_control,
        words["stage"],
        _STAGES,
        key="training_step_stage",
        value=stage.name,
        on_change=stage.set,
        format_func=lambda name: f"{_STAGES.index(name) + 1}. {words[f'stage_{name}']}",
        required=True,
    )
    following = _STAGES[(place + 1) % len(_STAGES)]
    is_last = place == len(_STAGES) - 1
    st.button(
        words["restart" if is_last else "next"],
        icon=":material/replay:" if is_last else ":material/arrow_forward:",
        key="training_step_next",
        on_click=stage.set,
        args=(following,),
    )
    return stage.name


def _computed_batch(first: int, rate: float, words: Mapping[str, str]) -> _Batch:
    train = dataset("mnist").train
    images, labels = train.images[first : first + _BATCH], train.labels[first : first + _BATCH]
    pixels = images.reshape(_BATCH, -1) / 255.0
    names = [words["name"].format(label=label) for label in labels]
    step = training_step(initial_weights(_SEED), pixels, labels, rate)
    return _Batch(first, images, labels, names, pixels, step, rate)


def _show_sums(batch: _Batch, words: Mapping[str, str]) -> None:
    sums = batch.step.logits
    labels = batch.labels.tolist()
    st.markdown(words["sums_text"])
    show_chart(
        ten_numbers_figure(sums, labels, batch.names, words["sums_title"], words["digit"], 2),
        "training_step_sums",
        words["sums_alt"].format(label=labels[0], sum=f"{sums[0, labels[0]]:.3f}"),
    )


def _show_probabilities(batch: _Batch, words: Mapping[str, str]) -> None:
    shares, sums = batch.step.probabilities, batch.step.logits
    labels = batch.labels.tolist()
    power, total = np.exp(sums[0, labels[0]]), np.exp(sums[0]).sum()
    st.markdown(
        words["probabilities_text"].format(
            label=labels[0],
            sum=f"{sums[0, labels[0]]:.4f}",
            power=f"{power:.4f}",
            total=f"{total:.4f}",
            share=f"{shares[0, labels[0]]:.4f}",
        )
    )
    show_chart(
        ten_numbers_figure(shares, labels, batch.names, words["probabilities_title"], words["digit"], 3),
        "training_step_probabilities",
        words["probabilities_alt"].format(label=labels[0], share=f"{shares[0, labels[0]]:.4f}"),
    )


def _show_loss(batch: _Batch, words: Mapping[str, str]) -> None:
    losses = batch.step.losses
    shares = batch.step.probabilities[np.arange(_BATCH), batch.labels]
    st.markdown(
        words["loss_text"].format(
            share=f"{shares[0]:.4f}",
            loss=f"{losses[0]:.4f}",
            all=" + ".join(f"{loss:.4f}" for loss in losses),
            mean=f"{losses.mean():.4f}",
        )
    )
    series = [LossSeries(words["before"], losses)]
    show_chart(
        losses_figure(series, batch.names, words["loss_title"], words["loss"]),
        "training_step_losses",
        words["loss_alt"].format(mean=f"{losses.mean():.4f}"),
    )


def _show_gradient(batch: _Batch, words: Mapping[str, str]) -> None:
    places = telling_weights(batch.pixels, batch.labels)
    gradient = batch.step.gradient.kernel
    st.markdown(words["gradient_text"])
    show_chart(
        gradient_figure(gradient, places, words["gradient_title"], words["gradient"]),
        "training_step_gradient",
        words["gradient_alt"].format(
            weights="; ".join(f"{_weight_name(place, words)}: {gradient[place]:.6f}" for place in places)
        ),
    )
    measured = [finite_difference(batch.step.weights, batch.pixels, batch.labels, place, _DISTANCE) for place in places]
    st.dataframe(
        {
            words["weight"]: [_weight_name(place, words) for place in places],
            words["gradient"]: [f"{gradient[place]:.8f}" for place in places],
            words["difference"]: [f"{quotient:.8f}" for _, _, quotient in measured],
            words["above"]: [f"{above:.8f}" for above, _, _ in measured],
            words["below"]: [f"{below:.8f}" for _, below, _ in measured],
        },
        hide_index=True,
    )
    above, below, quotient = measured[0]
    st.markdown(
        words["difference_text"].format(
            above=f"{above:.8f}",
            below=f"{below:.8f}",
            quotient=f"{quotient:.6f}",
            gradient=f"{gradient[places[0]]:.6f}",
        )
    )


def _show_update(batch: _Batch, words: Mapping[str, str]) -> None:
    step = batch.step
    places = telling_weights(batch.pixels, batch.labels)
    st.markdown(words["update_text"])
    old, new, slopes = step.weights.kernel, step.new_weights.kernel, step.gradient.kernel
    st.dataframe(
        {
            words["weight"]: [_weight_name(place, words) for place in places],
            words["old"]: [f"{old[place]:.6f}" for place in places],
            words["gradient"]: [f"{slopes[place]:.6f}" for place in places],
            words["change"]: [f"{0.0 - batch.rate * slopes[place]:.6f}" for place in places],
            words["new"]: [f"{new[place]:.6f}" for place in places],
        },
        hide_index=True,
    )
    label = int(batch.labels[0])
    show_chart(
        kernel_change_figure(
            np.stack([old[:, label], new[:, label]]),
            [words["before"], words["after"]],
            words["update_title"].format(label=label),
            words["weight"],
        ),
        "training_step_kernels",
        words["update_alt"].format(label=label, largest=f"{np.abs(new - old).max():.6f}"),
    )
    place = places[0]
    st.markdown(
        words["update_sum"].format(
            old=f"{old[place]:.6f}", rate=f"{batch.rate:g}", slope=f"{slopes[place]:.6f}", new=f"{new[place]:.6f}"
        )
    )


def _show_again(batch: _Batch, words: Mapping[str, str]) -> None:
    step = batch.step
    others = slice(batch.first + _BATCH, batch.first + _BATCH + _OTHERS)
    train = dataset("mnist").train
    # Near the end of the training set those before the batch.
    if others.stop > len(train.labels):
        others = slice(batch.first - _OTHERS, batch.first)
    pixels, labels = train.images[others].reshape(_OTHERS, -1) / 255.0, train.labels[others]
    before, after = (float(losses_of(weights, pixels, labels).mean()) for weights in (step.weights, step.new_weights))
    st.markdown(
        words["again_text"].format(
            before=f"{step.losses.mean():.4f}",
            after=f"{step.new_losses.mean():.4f}",
            others=f"{_OTHERS:,}",
            others_before=f"{before:.4f}",
            others_after=f"{after:.4f}",
        )
    )
    series = [LossSeries(words["before"], step.losses), LossSeries(words["after"], step.new_losses)]
    show_chart(
        losses_figure(series, batch.names, words["again_title"], words["loss"]),
        "training_step_again",
        words["again_alt"].format(before=f"{step.losses.mean():.4f}", after=f"{step.new_losses.mean():.4f}"),
    )


def _weight_name(place: tuple[int, int], words: Mapping[str, str]) -> str:
    pixel, digit = place
    return words["weight_name"].format(row=pixel // IMAGE_SIDE, column=pixel % IMAGE_SIDE, digit=digit)


_SHOWERS: Final = {
    "sums": _show_sums,
    "probabilities": _show_probabilities,
    "loss": _show_loss,
    "gradient": _show_gradient,
    "update": _show_update,
    "again": _show_again,
}
