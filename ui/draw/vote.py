"""The answers of several networks to one image, and what they predict together: their vote."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.comparison.vote import LEAST_MEMBERS, Rule, vote_of
from model_lib.number_format import probability_text
from model_lib.storage.run import Run
from ui.draw.answer import Answers, NetworkAnswer, answers_to_image
from ui.draw.canvas import SIDE_PX
from ui.draw.companion import show_answers
from ui.draw.live import show_canvas
from ui.draw.predict import Answer, AnswerError, answers_of
from ui.shared.streamlit_workarounds import Container

_TITLES: Final = {"mean": "The vote (mean of probabilities)", "majority": "The vote (majority)"}
_INVITATION: Final = (
    "Draw a digit from 0 to 9 on the black square, with the mouse, a finger, a pen or the keyboard. The vote and the "
    "answer of each network appear here when you lift the pen."
)


def show_canvas_and_vote(runs: Sequence[Run], rule: Rule) -> None:
    """Shows the canvas, with what is on it on the Draw page, and beside it the vote on it and each network's answer."""
    st.fragment(_canvas_and_vote)(tuple(runs), rule)


def _canvas_and_vote(runs: Sequence[Run], rule: Rule) -> None:
    row = st.container(horizontal=True, gap="large")
    with row.container(width=SIDE_PX):
        image = show_canvas()
    show_vote(runs, image, rule, "vote-drawing", row.container())


def show_vote(runs: Sequence[Run], image: NDArray[np.float32] | None, rule: Rule, key: str, place: Container) -> None:
    """Shows the vote of some networks on an image, and each network's answer; an invitation to draw without one.

    Args:
        runs: the networks.
        image: (28, 28) float32, 0 (black) to 1 (white).
        rule: of the vote.
        key: of the panels.
        place: where the vote stands, beside the image; the other answers follow below.
    """
    answers = Answers(answers=[], doubt="") if image is None else answers_with_vote(runs, image, rule)
    vote, members = answers["answers"][:1], answers["answers"][1:]
    with place:
        if vote:
            st.markdown(f"**{vote[0]['title']}**")
        show_answers({"answers": vote, "doubt": answers["doubt"]}, key=key, invitation=_INVITATION)
    if members:
        show_answers({"answers": members, "doubt": ""}, key=f"{key}-members")


def answers_with_vote(runs: Sequence[Run], image: NDArray[np.float32], rule: Rule) -> Answers:
    """Returns the answers of some networks to an image, with their vote before them.

    Networks that cannot answer have no vote; without two that can it says so itself.
    """
    answers = answers_to_image(runs, image)
    given = []
    for run in runs:
        with suppress(AnswerError):  # said in its own answer
            given.append(answers_of(run, [image])[0])
    return {"answers": [_vote(given, rule), *answers["answers"]], "doubt": answers["doubt"]}


def _vote(given: Sequence[Answer], rule: Rule) -> NetworkAnswer:
    if len(given) < LEAST_MEMBERS:
        problem = f"There is no vote: fewer than {LEAST_MEMBERS} of these networks can answer."
        return NetworkAnswer(title=_TITLES[rule], name="", sentence="", bars=[], parts=[], note="", problem=problem)
    names = given[0].names
    vote = vote_of([answer.probabilities[np.newaxis] for answer in given], rule)
    shares, prediction = vote.shares[0].tolist(), int(vote.predictions[0])
    texts = [probability_text(share) if rule == "mean" else f"{round(share * len(given))}" for share in shares]
    is_tied = rule == "majority" and shares.count(shares[prediction]) > 1
    sure = f"{texts[prediction]} sure on average" if rule == "mean" else f"{texts[prediction]} of {len(given)} networks"
    return {
        "title": _TITLES[rule],
        "name": names[prediction],
        "sentence": f"{names[prediction]}, {sure}",
        "bars": [(name, round(share, 5), text) for name, share, text in zip(names, shares, texts, strict=True)],
        "parts": [],
        "note": "A tie: the mean of the probabilities decides." if is_tied else "",
        "problem": "",
    }
