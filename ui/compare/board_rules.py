"""The rules of the leaderboard: part of the address, so that a class shares them by a link."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import streamlit as st

from model_lib.comparison.ranking import Rules
from model_lib.datasets.loading import TITLES, dataset_title, is_known
from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored
from ui.shared.wording import as_written

_BOX_PX: Final = 220
_MOST_DIGITS: Final = 12  # of a number in the address


@dataclass(frozen=True)
class _Asked:
    """What the address asks for: the rules, whether runs without a nickname are shown, and what was no rule."""

    rules: Rules = field(default_factory=Rules)
    shows_all: bool = False
    problems: tuple[str, ...] = ()


def _parse(parameters: Mapping[str, str]) -> _Asked:
    problems: list[str] = []
    dataset = parameters.get("trained_on", Rules.dataset)
    if not is_known(dataset):
        problems.append(f"There is no data set {as_written(dataset)}.")
        dataset = Rules.dataset
    most = _number(parameters, "most_parameters", "parameters", problems)
    seconds = _number(parameters, "most_seconds", "seconds", problems)
    rules = Rules(dataset, None if most is None else int(most), seconds)
    return _Asked(rules, parameters.get("all") == "yes", tuple(problems))


def _number(parameters: Mapping[str, str], name: str, title: str, problems: list[str]) -> float | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        number = float(text) if len(text) <= _MOST_DIGITS else math.nan
    except ValueError:
        number = math.nan
    if number >= 1 and math.isfinite(number):
        return number
    problems.append(f"`{name}` must be a number of {title} from 1. Received: {as_written(text)}.")
    return None


def _to_params(asked: _Asked) -> dict[str, str]:
    rules, parameters = asked.rules, {}
    if rules.dataset != Rules.dataset:
        parameters["trained_on"] = rules.dataset
    if rules.most_parameters is not None:
        parameters["most_parameters"] = str(rules.most_parameters)
    if rules.most_seconds is not None:
        parameters["most_seconds"] = f"{rules.most_seconds:.12g}"
    return parameters | ({"all": "yes"} if asked.shows_all else {})


_ASKED: Final = UrlState(("trained_on", "most_parameters", "most_seconds", "all"), _parse, _to_params)


def write_rules() -> None:
    """Puts the rules into the address; called by the page Leaderboard."""
    _ASKED.write()


def _set_rule(name: str) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        asked = _ASKED.value
        _ASKED.set(replace(asked, rules=replace(asked.rules, **{name: value}), problems=()))

    return change


def choose_rules() -> Rules:
    """Shows the rules, and returns them."""
    asked = _ASKED.value
    if asked.problems:
        st.warning(f"A rule of the address was left out. {' '.join(asked.problems)}", icon=":material/warning:")
    rules = asked.rules
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mirrored(
            st.selectbox,
            "Trained on",
            list(dict.fromkeys([*TITLES, rules.dataset])),
            key="board-dataset",
            value=rules.dataset,
            on_change=_set_rule("dataset"),
            format_func=dataset_title,
            width=_BOX_PX,
            help="Only networks that were trained on this data set are on the board.",
        )
        mirrored(
            partial(st.number_input, value=None),
            "Most parameters allowed",
            min_value=1,
            step=1000,
            key="board-parameters",
            value=rules.most_parameters,
            on_change=_set_rule("most_parameters"),
            placeholder="any number",
            width=_BOX_PX,
            help="A rule for all: weights and biases of the network. Empty: any number. It stands in the address.",
        )
        mirrored(
            partial(st.number_input, value=None),
            "Most seconds allowed",
            min_value=1.0,
            step=10.0,
            format="%g",
            key="board-seconds",
            value=rules.most_seconds,
            on_change=_set_rule("most_seconds"),
            placeholder="any time",
            width=_BOX_PX,
            help="A rule for all: how long the training took. Empty: any time. It stands in the address.",
        )
    st.caption("The rules stand in the address of this page: send the link to your class.")
    return rules


def shows_all_runs() -> bool:
    """Shows the switch for runs without a nickname, and returns whether it is on."""
    mirrored(
        st.toggle,
        "Show all runs",
        key="board-all",
        value=_ASKED.value.shows_all,
        on_change=lambda shows_all: _ASKED.set(replace(_ASKED.value, shows_all=shows_all)),
        help="Also those that nobody has entered with a nickname.",
    )
    return _ASKED.value.shows_all
