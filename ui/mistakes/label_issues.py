"""Doubtful labels: the images on which all good networks agree against the label."""

from __future__ import annotations

import numpy as np
import streamlit as st

from model_lib.datasets.label_errors import disputed_images
from model_lib.datasets.loading import Dataset
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.label_issues import NEAR_BEST_MARGIN, find_label_issues, label_issues_csv, near_best
from model_lib.figures.image_grid import Caption, image_grid_figure, render_image_grid
from model_lib.figures.text.description import describe_images
from model_lib.number_format import probability_text
from ui.mistakes.evaluations import all_evaluations, source_of_shown
from ui.mistakes.selection import open_image
from ui.shared.charts import choose_listed_image, clickable_chart
from ui.shared.figure_code import code_of_data, runs_text

_MOST = 100


def show_doubtful_labels(evaluation: Evaluation, data: Dataset, stamp: str) -> None:
    """Shows the images whose label is probably wrong, as all good networks see it."""
    # The chosen network may be in training; it counts like the others if its accuracy is near the best.
    evaluations = all_evaluations(evaluation.dataset) or {"this network": evaluation}
    good = near_best(evaluations)
    issues = find_label_issues(list(good.values()))
    known = [each for each in issues if each.dispute]
    st.markdown(
        f"**{len(issues):,} images** for which all good networks predict the same class, and the label is another one. "
        f"Good are those whose accuracy is at most {100 * NEAR_BEST_MARGIN:g} percentage points below the best: "
        f"{len(good)} of {len(evaluations)}."
    )
    if disputed := len(disputed_images(evaluation.dataset)):
        st.caption(
            f"Of these, {len(known)} are among the {disputed} labels of this test set that "
            "people dispute too (Northcutt and others, 2021)."
        )
    if len(good) < 2:
        st.info("With one network alone these are just its mistakes. Train some others and come back.")
    if not issues:
        return
    names = data.class_names
    shown = issues[:_MOST]
    indices = np.array([each.index for each in shown])
    captions = [
        Caption(
            f"{names[each.label][:5]}: {names[each.prediction][:5]}?{'*' if each.dispute else ''}",
            True,
            str(each.index),
            f"test image {each.index}: label {names[each.label]}, all networks predict {names[each.prediction]} "
            f"({probability_text(each.confidence)}). {each.dispute or ''}",
        )
        for each in shown
    ]
    grid = render_image_grid(data.test.images[indices], captions)
    clickable_chart(
        image_grid_figure(grid, indices.tolist(), [each.detail for each in captions]),
        f"label-issues-{stamp}-{len(issues)}",
        f"Doubtful labels: {describe_images([each.detail for each in captions])}",
        open_image,
        "doubtful-labels",
        code=code_of_data("mistakes/doubtful_labels", source_of_shown(), RUNS=runs_text(), TEST_SET=evaluation.dataset),
    )
    choose_listed_image(
        "Open an image",
        {each.index: f"Test image {each.index}: {names[each.label]} or {names[each.prediction]}?" for each in shown},
        f"label-issues-{stamp}-{len(issues)}",
        open_image,
    )
    st.caption("`4: 9?` means: the label is 4, the networks predict 9. A star: people dispute this label.")
    st.download_button(
        "Doubtful labels as CSV",
        label_issues_csv(issues, names),
        "doubtful-labels.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key="label_issues_csv",
    )
