"""How the page Side by side shows the chosen runs: axes, smoothing, which settings, which price. In the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

import streamlit as st

from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored
from ui.shared.wording import as_written

if TYPE_CHECKING:
    from model_lib.comparison.cost import Judge, Price
    from model_lib.comparison.curves import Axis

# As they stand in the address, and what the visitor reads. The first of each is the usual one.
_TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    "over": {"epochs": "epochs", "steps": "steps", "seconds": "seconds"},
    "lines": {"both": "both", "training": "training", "validation": "validation"},
    "range": {"whole": "whole range", "close": "close-up"},
    "settings": {"differing": "only what differs", "all": "all settings"},
    "price": {
        "parameters": "parameters",
        "seconds": "seconds",
        "multiplications": "multiplications",
    },
    "judge": {"validation": "validation", "test": "test (the last look)"},
    "of": {"chosen": "the chosen runs", "all": "all runs"},
}
USUAL_SMOOTHING: Final = 60
MOST_SMOOTHING: Final = 99


@dataclass(frozen=True)
class View:
    """What is chosen beside the runs.

    Args:
        words: by the names of `_TITLES`.
        smoothing: weight of the moving average in hundredths, 0 to `MOST_SMOOTHING`.
        problems: a sentence for each value of the address that made no sense, as Markdown.
    """

    words: Mapping[str, str]
    smoothing: int = USUAL_SMOOTHING
    problems: tuple[str, ...] = ()

    @property
    def over(self) -> Axis:
        """The horizontal axis of the curves."""
        return cast("Axis", self.words["over"])

    @property
    def price(self) -> Price:
        """The horizontal axis of the chart of accuracy and price."""
        return cast("Price", self.words["price"])

    @property
    def judge(self) -> Judge:
        """Which images the accuracy of that chart is of."""
        return cast("Judge", self.words["judge"])

    def has(self, name: str, word: str) -> bool:
        """Whether this is what is chosen under a name of the address."""
        return self.words[name] == word


def parse_view(parameters: Mapping[str, str]) -> View:
    """Reads a view from an address. Anything may stand there; what cannot be is replaced, with a sentence."""
    words, problems = {}, []
    for name, titles in _TITLES.items():
        usual = next(iter(titles))
        words[name] = parameters.get(name, usual)
        if words[name] not in titles:
            problems.append(_problem(name, words[name], usual))
            words[name] = usual
    text = parameters.get("smooth", str(USUAL_SMOOTHING))
    is_number = text.isascii() and text.isdecimal() and len(text) <= 2
    if not is_number:
        problems.append(_problem("smooth", text, str(USUAL_SMOOTHING)))
    return View(words, int(text) if is_number else USUAL_SMOOTHING, tuple(problems))


def _problem(name: str, received: str, usual: str) -> str:
    return f"The address asks for {as_written(f'{name}={received}')}, which does not exist: {usual} is shown."


def view_to_params(view: View) -> dict[str, str]:
    """Returns what differs from the usual view, as it stands in an address."""
    words = {name: word for name, word in view.words.items() if word != next(iter(_TITLES[name]))}
    return words if view.smoothing == USUAL_SMOOTHING else words | {"smooth": str(view.smoothing)}


_VIEW: Final = UrlState((*_TITLES, "smooth"), parse_view, view_to_params)


def current_view() -> View:
    """Returns how the runs are shown, in the address too; says once what of the address made no sense."""
    view = _VIEW.value
    for problem in view.problems:
        st.warning(problem, icon=":material/link_off:")
    if view.problems:
        _VIEW.set(replace(view, problems=()))
    _VIEW.write()
    return view


def choose_word(name: str, label: str, help_text: str) -> None:
    """Shows what can be chosen under a name of the address.

    Args:
        name: one of `_TITLES`.
        label: what stands above the control.
        help_text: what it changes.
    """
    titles = _TITLES[name]
    mirrored(
        st.segmented_control,
        label,
        list(titles),
        key=f"side-{name}",
        value=_VIEW.value.words[name],
        on_change=lambda word: _VIEW.set(replace(_VIEW.value, words={**_VIEW.value.words, name: word})),
        format_func=lambda word: titles.get(word, word),
        required=True,
        help=help_text,
    )


def choose_smoothing() -> None:
    """Shows the slider of the moving average."""

    def keep(hundredths: Any) -> None:
        _VIEW.set(replace(_VIEW.value, smoothing=int(hundredths)))

    mirrored(
        st.slider,
        "Smoothing (moving average)",
        0,
        MOST_SMOOTHING,
        key="side-smooth",
        value=_VIEW.value.smoothing,
        format="%d %%",
        on_change=keep,
        help="How much of each point is the mean of the points before it (exponential moving average, debiased). "
        "0 shows every point as it was measured. The pale line behind is always what was measured. "
        "Validation is never smoothed: it has one point an epoch.",
    )
