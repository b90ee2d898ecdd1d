"""Least squares, softmax regression and a dense network side by side, trained in a job that all visitors share."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st

from model_lib.concepts.three_models import MODELS, ThreeModels, train_three_models
from model_lib.figures.concepts.lines import Axis, Curve, lines_figure
from model_lib.figures.concepts.pictures import digit_picture, weight_pictures
from model_lib.number_format import accuracy_text
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.how_it_works.trained import HELD_OUT
from ui.shared.charts import show_chart
from ui.shared.jobs import Report, wait_for
from ui.shared.loaders import dataset

_COUNTS: Final = (100, 300, 1_000, 3_000, 10_000, 30_000)
_FIRST_COUNT: Final = 3_000


def show(text: ScreenText) -> None:
    """Shows the accuracies over the number of training images, the weights, and the images of disagreement."""
    words = text.words
    found = wait_for("three_models", _train, words["waiting"])
    if found is None:
        return
    controls, picture = controls_beside_picture("three_models")
    with controls:
        count = st.select_slider(
            words["count"],
            _COUNTS,
            value=_FIRST_COUNT,
            format_func=lambda each: f"{each:,}",
            help=words["count_help"],
            key="three_models_count",
        )
        models = found[_COUNTS.index(count)]
        table = words["head"].lstrip()
        for name in MODELS:
            accuracy = models.accuracies[name]
            mistakes = round(HELD_OUT * (1 - accuracy))
            table += words["line"].format(name=words[name], accuracy=accuracy_text(accuracy), mistakes=f"{mistakes:,}")
        st.markdown(table)
    with picture:
        curves = [
            Curve(
                words[name],
                np.array([100 * each.accuracies[name] for each in found]),
                100 * models.accuracies[name],
                is_measured=True,
            )
            for name in MODELS
        ]
        show_chart(
            lines_figure(
                words["title"],
                Axis(words["axis"], (80, 38_000), is_logarithmic=True, ticks=(100, 1_000, 10_000)),
                Axis(words["accuracy"], (65, 100), suffix=" %"),
                np.array(_COUNTS),
                curves,
                count,
            ),
            "three_models_accuracies",
            words["alt"].format(
                count=f"{count:,}", **{name: accuracy_text(models.accuracies[name]) for name in MODELS}
            ),
        )
    st.caption(words["how"])
    st.markdown(words["weights_text"])
    with st.container(horizontal=True):
        for name, model in models.linear.items():
            show_chart(
                weight_pictures(model.layers[0].kernel, words["weights"].format(name=words[name])),
                f"three_models_weights_{name}",
                words["alt_weights"].format(name=words[name], count=f"{count:,}"),
            )
    _show_disagreements(models, text)


def _show_disagreements(models: ThreeModels, text: ScreenText) -> None:
    words = text.words
    st.subheader(words["disagree_title"], anchor=False)
    places = models.disagreements()
    if not len(places):
        st.markdown(words["agree"])
        return
    train = dataset("mnist").train
    controls, picture = controls_beside_picture("disagreement")
    with controls:
        number = st.number_input(
            words["disagree"].format(count=len(places)),
            1,
            len(places),
            help=words["disagree_help"],
            key=f"three_models_disagreement_{models.count}",
            width=250,
        )
        place = int(places[number - 1])
        index = len(train.labels) - HELD_OUT + place
        label = int(train.labels[index])
        lines = [words["disagree_count"].format(count=f"{len(places):,}", index=index, label=label), ""]
        for name in MODELS:
            prediction = int(models.predictions[name][place])
            line = words["right" if prediction == label else "wrong"]
            lines.append("- " + line.format(name=words[name], prediction=prediction))
        st.markdown("\n".join(lines))
    with picture:
        title = words["picture"].format(index=index, label=label)
        show_chart(digit_picture(train.images[index], title), "three_models_image", title, tools="none")


def _train(report: Report) -> tuple[ThreeModels, ...]:
    train = dataset("mnist").train
    return train_three_models(train.images, train.labels, _COUNTS, HELD_OUT, report)
