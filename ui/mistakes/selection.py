"""What the visitor looks at on the page Review mistakes: kept across pages, and part of the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.loading import TEST_SET_TITLES
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.image_filter import ImageFilter, filter_images
from ui.mistakes.filter_url import PARAMETERS, format_filter, parse_filter
from ui.shared.loaders import names_of_test_sets
from ui.shared.scrolling import scroll_to
from ui.shared.selection import TestImage, select_test_image, selected_image, selected_run
from ui.shared.url_state import UrlState
from ui.shared.user_digits import own_image_sets

# As they stand in the address, and what the visitor reads.
VIEWS: Final = {
    "gallery": "Confusion matrix",
    "image": "One image",
    "classes": "Class by class",
    "writers": "Person by person",
    "certainty": "Calibration",
    "labels": "Doubtful labels",
}


# Key of the container of the page in which the chosen view stands; of the gallery, beside the matrix.
VIEW_CONTAINER: Final = "view"


@dataclass(frozen=True)
class _Shown:
    """What the page shows, and a sentence for each value of the address that made no sense.

    Args:
        view: one of `VIEWS`.
        choice: which images the gallery shows.
        test_set: name of the test set, as it was chosen; empty for the network's own.
        problems: the sentences.
    """

    view: str = "gallery"
    choice: ImageFilter = field(default_factory=ImageFilter)
    test_set: str = ""
    problems: tuple[str, ...] = ()


def _parse(parameters: Mapping[str, str]) -> _Shown:
    choice, problems = parse_filter(parameters)
    view = parameters.get("view", "gallery")
    if view not in VIEWS:
        problems.append(f"The address asks for view={view:.40}, which does not exist: the gallery is shown.")
        view = "gallery"
    test_set = parameters.get("test", "")
    if is_image_set(test_set):
        if all(each.name != test_set for each in own_image_sets().sets()):
            problems.append("The address asks for an image set that this browser has not brought. It is left out.")
            test_set = ""
    elif test_set not in ("", *TEST_SET_TITLES):
        problems.append(f"The address asks for test={test_set:.40}, which does not exist. It is left out.")
        test_set = ""
    return _Shown(view, choice, test_set, tuple(problems))


def _to_params(shown: _Shown) -> dict[str, str]:
    view = {} if shown.view == "gallery" else {"view": shown.view}
    return format_filter(shown.choice) | view | ({"test": shown.test_set} if shown.test_set else {})


_SHOWN: Final = UrlState(("view", "test", *PARAMETERS), _parse, _to_params)


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


def other_test_set() -> str | None:
    """Returns the name of the test set that is shown; None for the network's own, also where it cannot read the other.

    Raises:
        RunError: if the settings of the chosen run are damaged.
    """
    others = names_of_test_sets(selected_run())[1:]
    return _SHOWN.value.test_set if _SHOWN.value.test_set in others else None


def views_of(evaluation: Evaluation) -> tuple[str, ...]:
    """Returns which of `VIEWS` an evaluation has: writers are known of pen digits alone."""
    return tuple(view for view in VIEWS if view != "writers" or evaluation.writers is not None)


def choose_test_set(name: str) -> None:
    """Shows another test set, from the first page of its gallery."""
    view = "gallery" if current_view() in ("image", "writers") else current_view()
    _SHOWN.set(replace(_SHOWN.value, test_set=name, view=view))
    change(writer=None)


def choose(choice: ImageFilter) -> None:
    """Shows other images in the gallery."""
    _SHOWN.set(replace(_SHOWN.value, choice=choice))


def change(**values: Any) -> None:
    """Changes some of what the gallery shows, from its first page unless a page is named."""
    choose(replace(current_choice(), **({"page": 1} | values)))


def choose_cell(label: int, prediction: int) -> None:
    """Shows exactly the images of a cell of the confusion matrix."""
    choose(current_choice().cell(label, prediction))
    open_view("gallery")


def choose_writer(writer: int) -> None:
    """Shows one writer's mistakes in the gallery."""
    choose(ImageFilter(writer=writer))
    open_view("gallery")


def open_image(index: int) -> None:
    """Shows one test image at its top; it becomes the chosen one on all pages."""
    select_test_image(index, other_test_set())
    open_view("image")


def open_view(view: str) -> None:
    """Shows another part of the page and brings it into view, for a click that may be far below its top."""
    show_view(view)
    scroll_to(VIEW_CONTAINER)


def choose_view(view: str, evaluation: Evaluation) -> None:
    """Shows the part of the page that was chosen; one image begins at the gallery's first where none was chosen yet."""
    first = filter_images(evaluation, current_choice())
    if view == "image" and selected_image() == TestImage(0) and len(first):
        open_image(int(first[0]))
    else:
        show_view(view)


def show_view(view: str) -> None:
    """Shows another part of the page."""
    _SHOWN.set(replace(_SHOWN.value, view=view))


def open_doubtful_labels(test_set: str) -> None:
    """Shows the doubtful labels of a test set when the page is next opened; called on another page.

    The gallery's filters are those of the beginning: what stands in the address of that page is not meant for them.

    Args:
        test_set: its name; if the chosen network cannot read it, its own is shown.
    """
    _SHOWN.set(_Shown("labels", test_set=test_set))
