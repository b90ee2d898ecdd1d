"""One-hot vectors: the label of an image beside another digit, and how far they are from each other."""

from __future__ import annotations

import numpy as np
import streamlit as st

from model_lib.concepts.losses import label_distances
from model_lib.datasets.browsing import one_hot
from model_lib.figures.concepts.bars import pairs_figure
from model_lib.figures.concepts.pictures import vectors_figure
from ui.how_it_works.example import choose_example
from ui.how_it_works.layout import controls_beside_picture
from ui.how_it_works.texts import ScreenText
from ui.shared.charts import show_chart


def show(text: ScreenText) -> None:
    """Shows two vectors, the slider of the second, and the distances to all ten digits."""
    words = text.words
    controls, picture = controls_beside_picture("one_hot")
    with controls:
        label = choose_example().label
        other = st.slider(words["other"], 0, 9, 9, help=words["other_help"], key="one_hot_other")
        numbers, vectors = label_distances(label)
        both = np.stack([one_hot(label), one_hot(other)])
        if label == other:
            st.markdown(words["same"])
        else:
            st.markdown(
                words["sum"].format(
                    label=label,
                    other=other,
                    number=f"{numbers[other]:g}",
                    terms=" + ".join(f"({one} - {two})²" for one, two in both.T.tolist() if one != two),
                    vector=f"{vectors[other]:g}",
                )
            )
    with picture:
        show_chart(
            vectors_figure(
                both,
                [words["label"].format(digit=label), words["digit"].format(digit=other)],
                words["vectors"],
                words["place"],
            ),
            "one_hot_vectors",
            words["alt_vectors"].format(label=label, vector=both[0], other=other, other_vector=both[1]),
            tools="none",
        )
        show_chart(
            pairs_figure(
                {words["number"]: numbers, words["vector"]: vectors},
                words["title"].format(label=label),
                words["axis"],
                words["distance"],
            ),
            "one_hot_distances",
            words["alt"].format(label=label, other=other, number=f"{numbers[other]:g}", vector=f"{vectors[other]:g}"),
        )
