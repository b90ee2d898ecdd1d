"""What a vote gains: its accuracy beside its members', and the images on which it and one member differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from model_lib.comparison.sentences import chance_in_cases
from model_lib.comparison.significance import is_told_apart
from model_lib.comparison.vote import Gain, Rule, Vote, accuracy_of, best_by_validation, chance_of, gain_of, vote_of
from model_lib.figures.comparison.vote import vote_accuracies
from model_lib.number_format import accuracy_text
from ui.compare.names import title_of, unique_titles
from ui.compare.selection import colour_places
from ui.compare.vote_members import Members
from ui.shared.charts import show_chart
from ui.shared.jobs import wait_for
from ui.shared.visit import mirrored, state_of
from ui.shared.wording import in_markdown

_CHANCE_HELP: Final = (
    "If the vote and this network were equally good, each image on which only one of them is correct would be as "
    "likely the one's as the other's."
)


@dataclass
class _Shown:
    member: str = ""  # id of the run that the vote is compared with


def vote_of_members(members: Members, rule: Rule) -> Vote:
    """Returns what the networks predict together."""
    return vote_of([each.probabilities for each in members.evaluations], rule)


def show_accuracies(members: Members, vote: Vote) -> None:
    """Shows the accuracy of the vote beside those of its members."""
    labels = members.evaluations[0].labels
    accuracy, accuracies = accuracy_of(vote, labels), [each.accuracy for each in members.evaluations]
    names = [title_of(record) for record in members.records]
    number, chart = st.columns([1, 3], gap="large")
    with number:
        st.metric(
            "Accuracy of the vote",
            accuracy_text(accuracy),
            border=True,
            help=f"Share of the {len(labels):,} test images that the {len(names)} networks predict correctly together.",
        )
        st.caption(
            f"{len(labels):,} test images. Where two lines share a part, the difference may be chance: that is judged "
            "below."
        )
    with chart:
        alt = f"Test accuracy of the vote: {accuracy_text(accuracy)}; of its members: " + ", ".join(
            f"{name} {accuracy_text(each)}" for name, each in zip(names, accuracies, strict=True)
        )
        places = list(colour_places(members.records).values())
        show_chart(vote_accuracies(names, places, accuracies, accuracy, len(labels)), "vote-accuracies", alt)


def show_gain(members: Members, vote: Vote) -> int:
    """Shows on how many images the vote and one member differ, and whether by chance; returns the member's place."""
    shown = state_of(_Shown)
    by_id = {record.id: place for place, record in enumerate(members.records)}
    best, titles = best_by_validation(members.records), unique_titles(members.records)
    for record in best:
        titles[record.id] += " (best by validation)"
    member = shown.member if shown.member in by_id else (best or members.records)[0].id
    st.header("What the vote changes", anchor=False)
    mirrored(
        st.selectbox,
        "Compare the vote with",
        list(by_id),
        key="vote-against",
        value=member,
        on_change=lambda name: setattr(shown, "member", name),
        format_func=lambda name: titles.get(name, name),
        help="One of its members. The one with the highest validation accuracy stands here first: the test images must "
        "not choose.",
    )
    place = by_id[member]
    gain, name = gain_of(vote, members.evaluations[place]), in_markdown(title_of(members.records[place]))
    st.markdown(
        f"The vote predicts **{_images(len(gain.only_vote))}** correctly that {name} does not. {name} predicts "
        f"**{_images(len(gain.only_member))}** correctly that the vote does not."
    )
    _show_chance(gain, name)
    if not best:
        st.caption(
            "None of these networks has validation images, so none of them can be called the best. Set *Validation on* "
            "when you train."
        )
    return place


def _images(count: int) -> str:
    return f"{count:,} test image{'' if count == 1 else 's'}"


def _show_chance(gain: Gain, name: str) -> None:
    chance = wait_for(
        ("vote-chance", len(gain.only_vote), len(gain.only_member)),
        lambda _report: chance_of(gain),
        "Computing whether it is chance",
    )
    if chance is None:
        return
    is_better = len(gain.only_vote) > len(gain.only_member)
    if is_told_apart(chance):
        verdict = f"So the vote is {'better' if is_better else 'worse'} than {name}, and that is more than chance"
    else:
        verdict = f"So the vote and {name} are not told apart"
    st.markdown(
        f"{verdict}: if both were equally good, chance alone would make a difference this large, or larger, "
        f"{chance_in_cases(chance)} (McNemar's exact test). "
        "That is said of these trained networks, not of others with the same settings.",
        help=_CHANCE_HELP,
    )
