"""Mistakes: from the confusion matrix to the images behind a cell, to one image, to the reason."""

import streamlit as st

from model_lib.datasets.loading import DatasetError, class_names
from model_lib.storage.run import RunError
from ui.mistakes.calibration import show_calibration
from ui.mistakes.classes import show_classes
from ui.mistakes.evaluations import evaluated
from ui.mistakes.gallery import show_first_image_button, show_gallery
from ui.mistakes.image import show_image
from ui.mistakes.label_issues import show_doubtful_labels
from ui.mistakes.matrix import show_matrix
from ui.mistakes.other_people import choose_among_test_sets, show_headline_and_lesson
from ui.mistakes.selection import VIEW_CONTAINER, VIEWS, choose_view, current_view, take_problems, views_of
from ui.mistakes.writers import show_writers
from ui.shared.layout import side_by_side
from ui.shared.loaders import dataset_of
from ui.shared.scrolling import apply_scroll
from ui.shared.selection import selected_run
from ui.shared.visit import mirrored

st.title("Review mistakes", anchor=False)
for problem in take_problems():
    st.warning(problem, icon=":material/link_off:")

run = selected_run()
choose_among_test_sets(run)
found = evaluated(run)
if found is None:
    st.stop()
evaluation = found.evaluation

view = current_view() if current_view() in views_of(evaluation) else "gallery"
with st.container(horizontal=True):
    mirrored(
        st.segmented_control,
        "View",
        views_of(evaluation),
        key="mistakes_view_control",
        value=view,
        on_change=lambda chosen: choose_view(chosen, evaluation),
        format_func=VIEWS.get,
        required=True,
        label_visibility="collapsed",
        wrap=True,
    )
    if view == "gallery":
        show_first_image_button(evaluation)
if view != "image":
    show_headline_and_lesson(run, found)
names = class_names(evaluation.dataset)
if view == "gallery":
    # Before the images are read, which takes the server's first visitor a while.
    matrix, images = side_by_side("matrix", VIEW_CONTAINER)
    with matrix:
        show_matrix(evaluation, names, found.stamp)
else:
    images = st.container(key=VIEW_CONTAINER)
try:
    data = dataset_of(run, found.other)
except (DatasetError, RunError) as error:
    st.error(str(error), icon=":material/error:")
    st.stop()

with images:
    if view == "image":
        show_image(run, found, data)
    elif view == "classes":
        show_classes(evaluation, names)
    elif view == "writers":
        show_writers(evaluation, found.stamp)
    elif view == "certainty":
        show_calibration(evaluation)
    elif view == "labels":
        show_doubtful_labels(evaluation, data, found.stamp)
    else:
        show_gallery(evaluation, data, found.stamp)
apply_scroll(VIEW_CONTAINER, is_at_top=True)
