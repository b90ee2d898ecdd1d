"""The test images on which a vote and one of its members differ: a sheet, and one of them closely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from model_lib.comparison.vote import Rule, Vote, gain_of
from model_lib.datasets.loading import Dataset, DatasetError
from model_lib.drawing.pixels import upscale
from model_lib.figures.image_grid import Caption, image_grid_figure, render_image_grid
from model_lib.figures.text.description import describe_images
from model_lib.storage.run import RunError
from ui.compare.names import title_of
from ui.compare.vote_members import Members
from ui.shared.charts import choose_listed_image, clickable_chart
from ui.shared.loaders import dataset_of
from ui.shared.next_steps import LOOK_INSIDE, NextStep, offer_next_steps
from ui.shared.selection import select_run, select_test_image
from ui.shared.visit import state_of
from ui.shared.wording import in_markdown

_PER_SHEET: Final = 25
_PICTURE_PX: Final = 168
_EXPLAIN: Final = NextStep("pages/explain_answer.py", "Explain the answer (saliency maps)", ":material/help:")


@dataclass
class _Opened:
    """The image that was clicked: the sheets that it belongs to, and its index in the test set."""

    image: tuple[str, int] | None = None


def show_sheet(members: Members, vote: Vote, rule: Rule, place: int) -> int | None:
    """Shows the images that only the vote, or only one member, predicts correctly.

    Args:
        members: the networks.
        vote: what they predict together.
        rule: of the vote.
        place: of the member in `members`.

    Returns:
        The index of the test image that was clicked; None if none was.
    """
    gain, stamp = gain_of(vote, members.evaluations[place]), f"{members.stamp}-{rule}-{members.records[place].id}"
    sides = {
        "vote": (f"the vote ({len(gain.only_vote):,})", gain.only_vote),
        "member": (f"the network ({len(gain.only_member):,})", gain.only_member),
    }
    side = st.segmented_control(
        "Images that only one of the two predicts correctly",
        list(sides),
        default="vote" if len(gain.only_vote) or not len(gain.only_member) else "member",
        required=True,
        format_func=lambda key: sides[key][0] if key in sides else key,
        key=f"vote-images-{stamp}",
        help="Which of the two is correct on the images below: the vote, or the network that it is compared with.",
        wrap=True,
    )
    indices = sides[side][1]
    if not len(indices):
        st.info("There is no such image.", icon=":material/info:")
        return None
    pages = -(-len(indices) // _PER_SHEET)
    page = st.pagination(pages, key=f"vote-sheet-{stamp}-{side}") if pages > 1 else 1
    on_sheet = indices[(page - 1) * _PER_SHEET : page * _PER_SHEET]
    try:
        data = _data(members)
    except (DatasetError, RunError) as error:  # the answers may be there without the images
        st.error(str(error), icon=":material/error:")
        return None
    evaluation = members.evaluations[place]
    names, opened = data.class_names, state_of(_Opened)
    captions = []
    for index in on_sheet.tolist():
        answers = names[vote.predictions[index]], names[evaluation.predictions[index]]
        correct, wrong = answers if side == "vote" else answers[::-1]
        detail = f"test image {index}: the vote predicts {answers[0]}, the network {answers[1]}"
        captions.append(Caption(f"{correct}, not {wrong}", False, "", detail))
    sheet_name = f"{stamp}-{side}-{page}"

    def choose(index: int) -> None:
        opened.image = (stamp, int(index))

    choose_listed_image(
        "Open an image of this sheet",
        {index: caption.detail for index, caption in zip(on_sheet.tolist(), captions, strict=True)},
        f"vote-{sheet_name}",
        choose,
    )
    st.caption("Above each image: what is correct, and what the other predicts. Click an image for all answers to it.")
    figure = _sheet(data, tuple(on_sheet.tolist()), captions)
    clickable_chart(
        figure, f"vote-sheet-{sheet_name}", describe_images([each.detail for each in captions]), choose, "vote"
    )
    return opened.image[1] if opened.image is not None and opened.image[0] == stamp else None


def _sheet(data: Dataset, indices: tuple[int, ...], captions: list[Caption]) -> go.Figure:
    grid = render_image_grid(data.test.images[list(indices)], captions)
    return image_grid_figure(grid, indices, [caption.detail for caption in captions])


def _data(members: Members) -> Dataset:
    return dataset_of(members.records[0].run, members.other)


def show_image(members: Members, place: int, index: int) -> NDArray[np.float32]:
    """Shows one test image, and the way with it into the member of this place.

    Returns:
        The image, (28, 28) float32, 0 (black) to 1 (white).
    """
    data, record = _data(members), members.records[place]
    pixels: NDArray[np.float32] = data.test.images[index].astype(np.float32) / 255
    label = int(data.test.labels[index])
    st.subheader(f"Test image {index}, label {data.class_names[label]}", anchor=False)
    right = sum(int(each.predictions[index]) == label for each in members.evaluations)
    st.image(upscale(pixels, _PICTURE_PX), width=_PICTURE_PX, alt=f"Test image {index}")
    st.markdown(f"{right} of the {len(members.records)} networks predict it correctly.")
    offer_next_steps([LOOK_INSIDE, _EXPLAIN], lambda: _select(members, place, index))
    st.caption(f"These two open {in_markdown(title_of(record))}, which the vote is compared with.")
    return pixels


def _select(members: Members, place: int, index: int) -> None:
    select_run(members.records[place].run)
    select_test_image(index, members.other)
