"""Class by class: precision, recall and F1, and the worst confusions in words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from model_lib.evaluation.confusion import class_csv, class_metrics, confusion_counts, top_confusions
from model_lib.evaluation.evaluation import Evaluation
from ui.mistakes.selection import choose_cell
from ui.shared.layout import side_by_side


def show_classes(evaluation: Evaluation, names: Sequence[str]) -> None:
    """Shows precision and recall of each class, and the most frequent confusions."""
    counts = confusion_counts(evaluation)
    words, table = side_by_side("classes")
    with table:
        st.header("Each class")
        rows = class_metrics(counts, names)
        count = st.column_config.NumberColumn(format="localized")
        share = st.column_config.NumberColumn(format="%.2f %%")
        st.dataframe(
            {
                "class": [row.name for row in rows],
                "precision": [100 * row.precision for row in rows],
                "recall": [100 * row.recall for row in rows],
                "F1": [100 * row.f1 for row in rows],
                "images": [row.images for row in rows],
                "mistakes": [row.mistakes for row in rows],
            },
            column_config={"precision": share, "recall": share, "F1": share, "images": count, "mistakes": count},
            hide_index=True,
            width="stretch",
            height="content",
        )
        st.caption(
            "Precision: of the images predicted as this class, how many are of it. Recall: of the images of this "
            "class, how many are predicted as it. F1 is the harmonic mean of the two."
        )
        st.download_button(
            "Classes as CSV",
            class_csv(rows),
            "classes.csv",
            "text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="classes_csv",
        )
    with words:
        st.header("Most frequent confusions")
        confusions = top_confusions(counts)
        if not confusions:
            st.success("This network makes no mistake on the test images.")
        for confusion in confusions:
            st.button(
                confusion.in_words(names),
                key=f"confusion_{confusion.label}_{confusion.prediction}",
                icon=":material/image_search:",
                on_click=choose_cell,
                args=(confusion.label, confusion.prediction),
            )
