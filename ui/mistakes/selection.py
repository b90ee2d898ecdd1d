"""What the visitor looks at on the Mistakes page: kept across pages, and part of the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from model_lib.evaluation.image_filter import ImageFilter
from ui.mistakes.filter_url import PARAMETERS, format_filter, parse_filter
from ui.shared.selection import select_test_image
from ui.shared.url_state import UrlState

# As they stand in the address, and what the visitor reads.
VIEWS: Final = {
    "gallery": "Confusions and images",
    "image": "One image",
    "classes": "Class by class",
    "certainty": "Certainty",
    "labels": "Doubtful labels",
}


@dataclass(frozen=True)
class _Shown:
    """What the page shows, and a sentence for each value of the address that made no sense."""

    view: str = "gallery"
    choice: ImageFilter = field(default_factory=ImageFilter)
    problems: tuple[str, ...] = ()


def _parse(parameters: Mapping[str, str]) -> _Shown:
    choice, problems = parse_filter(parameters)
    view = parameters.get("view", "gallery")
    if view not in VIEWS:
        problems.append(f"The address asks for view={view:.40}, which does not exist: the gallery is shown.")
        view = "gallery"
    return _Shown(view, choice, tuple(problems))


def _to_params(shown: _Shown) -> dict[str, str]:
    return format_filter(shown.choice) | ({} if shown.view == "gallery" else {"view": shown.view})


_SHOWN: Final = UrlState(("view", *PARAMETERS), _parse, _to_params)


def take_problems() -> tuple[str, ...]:
    """Returns a sentence for each value of the address that makes no sense, once."""
    problems = _SHOWN.value.problems
    _SHOWN.set(replace(_SHOWN.value, problems=()))
    return problems


def current_choice() -> ImageFilter:
    """Returns which images the gallery shows."""
    return _SHOWN.value.choice


def current_view() -> str:
    """Returns which part of the page is shown, one of `VIEWS`."""
    return _SHOWN.value.view


def choose(choice: ImageFilter) -> None:
    """Shows other images in the gallery."""
    _SHOWN.set(replace(_SHOWN.value, choice=choice))


def change(**values: Any) -> None:
    """Changes some of what the gallery shows, from its first page unless a page is named."""
    choose(replace(current_choice(), **({"page": 1} | values)))


def choose_cell(label: int, prediction: int) -> None:
    """Shows exactly the images of a cell of the confusion matrix."""
    choose(current_choice().cell(label, prediction))
    show_view("gallery")


def open_image(index: int) -> None:
    """Shows one test image, which becomes the chosen one on all pages."""
    select_test_image(index)
    show_view("image")


def show_view(view: str) -> None:
    """Shows another part of the page."""
    _SHOWN.set(replace(_SHOWN.value, view=view))
