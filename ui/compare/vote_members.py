"""Which networks vote, by which rule and on which test images: part of the address of the page Vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.comparison.vote import LEAST_MEMBERS, RULES, USUAL_MEMBERS, Rule, best_by_validation, have_same_images
from model_lib.datasets.loading import dataset_title, is_known, names_of_test_sets
from model_lib.evaluation.evaluation import Evaluation, evaluation_file
from ui.compare.names import title_of
from ui.compare.records import recorded_runs
from ui.compare.run_choice import list_runs
from ui.compare.selection import choose_runs, chosen_records
from ui.compare.stored_answers import stamp_of, stored_answers
from ui.shared.next_steps import NextStep, offer_next_steps
from ui.shared.url_state import UrlState
from ui.shared.user_digits import title_in_markdown
from ui.shared.visit import mirrored
from ui.shared.wording import as_written, in_markdown

_RULE_TITLES: Final = {"mean": "Mean of probabilities", "majority": "Majority"}
_RULE_HELP: Final = (
    "Mean: each network's ten probabilities are averaged, so a network that is sure counts more. Majority: each "
    "network has one vote for the digit it predicts; a tie is broken by the mean."
)
_BEST_HELP: Final = (
    f"The {USUAL_MEMBERS} ended trainings with the highest validation accuracy, of one data set. The test images "
    "choose nothing, or the vote's test accuracy would be too good."
)


@dataclass(frozen=True)
class _Choice:
    rule: Rule = "mean"
    other: str | None = None  # name of a test set in place of the networks' own


def _parse(parameters: Mapping[str, str]) -> _Choice:
    asked_for = [rule for rule in RULES if rule == parameters.get("how")]
    return _Choice(asked_for[0] if asked_for else "mean", parameters.get("on"))


def _to_params(choice: _Choice) -> dict[str, str]:
    on = {} if choice.other is None else {"on": choice.other}
    return on if choice.rule == "mean" else {"how": choice.rule} | on


_CHOICE: Final = UrlState(("how", "on"), _parse, _to_params)


@dataclass(frozen=True)
class Members:
    """The networks that vote, with their answers to the test images.

    Args:
        records: at least two.
        evaluations: one a record.
        other: name of the test set; None for the networks' own.
        stamp: changes whenever the answers do.
    """

    records: tuple[RunRecord, ...]
    evaluations: tuple[Evaluation, ...]
    other: str | None
    stamp: str


def write_choice() -> None:
    """Puts rule and test set into the address; called by the page Vote."""
    _CHOICE.write()


def choose_members() -> tuple[RunRecord, ...] | None:
    """Lets the visitor choose the networks; returns them, or says what is missing and returns None."""
    chosen, ended = chosen_records(), _ended()
    if len(ended) < LEAST_MEMBERS:
        st.info(
            f"A vote needs at least {LEAST_MEMBERS} trained networks. On this server there "
            f"{'is one' if ended else 'are none'}: train {'another one' if ended else 'two'}, with different layers or "
            "another random seed.",
            icon=":material/how_to_vote:",
        )
        offer_next_steps([NextStep("pages/train.py", "Train a network", ":material/play_circle:")])
        return None
    options = {record.id: record for record in (*chosen, *ended)}
    list_runs([options[record.id] for record in recorded_runs() if record.id in options], chosen)
    _offer_best(chosen, ended)
    return _fitting(chosen)


def _ended() -> tuple[RunRecord, ...]:
    return tuple(record for record in recorded_runs() if record.state in ("finished", "stopped"))


def _offer_best(chosen: Sequence[RunRecord], ended: Sequence[RunRecord]) -> None:
    """Shows the button that chooses the best networks by validation, of the data set that was chosen first."""
    validated = best_by_validation(ended, len(ended))
    wanted = chosen[0].config.dataset if chosen else next((each.config.dataset for each in validated), "")
    best = [record for record in validated if record.config.dataset == wanted][:USUAL_MEMBERS]
    st.button(
        "Choose the best by validation",
        icon=":material/auto_awesome:",
        type="secondary" if len(chosen) >= LEAST_MEMBERS else "primary",
        disabled=len(best) < LEAST_MEMBERS,
        help=_BEST_HELP
        if len(best) >= LEAST_MEMBERS
        else "Needs two trainings with validation images, of one data set. Set *Validation on* when you train.",
        on_click=choose_runs,
        args=([record.id for record in best],),
        key="vote-best",
    )


def _fitting(chosen: tuple[RunRecord, ...]) -> tuple[RunRecord, ...] | None:
    """Returns the chosen networks if they can vote together, or says why not."""
    if len(chosen) < LEAST_MEMBERS:
        st.info("Choose at least two networks above, or let the page choose.", icon=":material/how_to_vote:")
        return None
    for record in chosen:
        if not is_known(record.config.dataset):
            st.info(
                f"{in_markdown(title_of(record))} was trained on {as_written(record.config.dataset)}, a data set that "
                "this version does not know. Take it out above.",
                icon=":material/help:",
            )
            return None
        if record.state not in ("finished", "stopped"):
            st.info(
                f"{in_markdown(title_of(record))} has not ended its training ({record.state}). Take it out above, or "
                "wait.",
                icon=":material/hourglass_top:",
            )
            return None
    by_dataset = {record.config.dataset: record for record in reversed(chosen)}
    if len(by_dataset) > 1:
        which = "; ".join(
            f"{in_markdown(title_of(record))}: {dataset_title(name)}" for name, record in by_dataset.items()
        )
        st.warning(
            f"These networks were trained on different data sets, so they have no vote together. {which}. Take out "
            "those of the other data set above.",
            icon=":material/warning:",
        )
        return None
    return chosen


def choose_rule(records: Sequence[RunRecord]) -> Rule:
    """Lets the visitor choose how the networks vote, and on which test images where there is a choice."""
    choice = _CHOICE.value
    mirrored(
        st.segmented_control,
        "How they vote",
        RULES,
        key="vote-rule",
        value=choice.rule,
        on_change=lambda rule: _CHOICE.set(replace(_CHOICE.value, rule=rule)),
        format_func=_RULE_TITLES.__getitem__,
        required=True,
        help=_RULE_HELP,
    )
    own, *others = names_of_test_sets(records[0].config.dataset)
    answered = [name for name in others if all((each.run.folder / evaluation_file(name)).exists() for each in records)]
    if choice.other is not None and choice.other not in answered:
        st.info(
            "Not all of these networks were tested on the other test images that the address asks for. Shown are their "
            "own.",
            icon=":material/info:",
        )
    if answered:
        mirrored(
            st.segmented_control,
            "Tested on",
            [own, *answered],
            key=f"vote-test-set-{own}",
            value=_other(records) or own,
            on_change=lambda name: _CHOICE.set(replace(_CHOICE.value, other=None if name == own else name)),
            format_func=title_in_markdown,
            required=True,
            help="The test images on which the vote and its members are measured.",
        )
    return choice.rule


def _other(records: Sequence[RunRecord]) -> str | None:
    other = _CHOICE.value.other
    if other is None or other not in names_of_test_sets(records[0].config.dataset)[1:]:
        return None
    return other if all((each.run.folder / evaluation_file(other)).exists() for each in records) else None


def members_of(records: tuple[RunRecord, ...]) -> Members | None:
    """Returns the networks with their answers, or says in the page which answers are missing."""
    other, evaluations, stamps = _other(records), [], []
    for record in records:
        evaluation = stored_answers(record, other)
        if evaluation is None:
            st.error(
                f"The answers of {in_markdown(title_of(record))} to the test images are missing or damaged. Take it "
                "out above.",
                icon=":material/error:",
            )
            return None
        evaluations.append(evaluation)
        stamps.append(f"{record.id}-{stamp_of(record, other)}")
    if not have_same_images(evaluations):
        st.error("These networks were not tested on the same images.", icon=":material/error:")
        return None
    return Members(records, tuple(evaluations), other, "+".join(stamps) + f"-{other}")
