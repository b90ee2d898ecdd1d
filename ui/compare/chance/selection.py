"""What the page Is it chance? shows: kept for the visit, and part of its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from model_lib.comparison.paired_predictions import CELLS, Cell
from model_lib.comparison.record import RunRecord
from ui.shared.scrolling import scroll_to
from ui.shared.url_state import UrlState
from ui.shared.visit import Once, state_of
from ui.shared.wording import as_written

# As they stand in the address, and what the visitor reads.
VIEWS: Final = {"pair": "Two networks", "all": "All pairs", "seeds": "A setting, over seeds"}
# Key of the container in which the images of a cell stand, or one of them.
IMAGES_CONTAINER: Final = "chance_images"
_NAMES: Final = ("view", "pair", "on", "cell", "sheet", "number", "groups")
_SEPARATOR: Final = ","


@dataclass(frozen=True)
class Choice:
    """What is shown.

    Args:
        view: one of `VIEWS`.
        pair: ids of the runs A and B, as they were chosen; empty for the first two of those that are compared.
        test_set: name of the test set, as it was chosen; empty for the first that there is.
        cell: whose images are shown; None for the first of interest.
        sheet: of these images, from 1.
        number: index of the image that is shown in their place, or None.
        groups: ids of the two groups of seeds, as they were chosen.
    """

    view: str = "pair"
    pair: tuple[str, ...] = ()
    test_set: str = ""
    cell: Cell | None = None
    sheet: int = 1
    number: int | None = None
    groups: tuple[str, ...] = ()


class _Problems(Once[tuple[str, ...]]):
    """A sentence for each value of the address that made no sense."""


def _parse(parameters: Mapping[str, str]) -> Choice:
    problems = []
    view, cell = parameters.get("view", "pair"), parameters.get("cell", "")
    if view not in VIEWS:
        problems.append(f"The address asks for view={as_written(view)}, which does not exist: two networks are shown.")
        view = "pair"
    if cell not in ("", *CELLS):
        problems.append(f"The address asks for cell={as_written(cell)}, which does not exist. It is left out.")
        cell = ""
    sheet, number = (_whole(parameters.get(name, "")) for name in ("sheet", "number"))
    for name, value in (("sheet", sheet), ("number", number)):
        if value is None and name in parameters:
            problems.append(f"The address asks for {name}={as_written(parameters[name])}, which is no whole number.")
    if problems:
        state_of(_Problems).put(tuple(problems))
    return Choice(
        view,
        _two(parameters.get("pair", "")),
        parameters.get("on", ""),
        cast("Cell", cell) if cell else None,
        max(1, sheet or 1),
        number,
        _two(parameters.get("groups", "")),
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def _two(text: str) -> tuple[str, ...]:
    names = tuple(text.split(_SEPARATOR))
    return names if len(names) == 2 else ()


def _to_params(choice: Choice) -> dict[str, str]:
    values = {
        "view": "" if choice.view == "pair" else choice.view,
        "pair": _SEPARATOR.join(choice.pair),
        "on": choice.test_set,
        "cell": choice.cell or "",
        "sheet": str(choice.sheet) if choice.sheet > 1 else "",
        "number": "" if choice.number is None else str(choice.number),
        "groups": _SEPARATOR.join(choice.groups),
    }
    return {name: value for name, value in values.items() if value}


_CHOICE: Final = UrlState(_NAMES, _parse, _to_params)


def current_choice() -> Choice:
    """Returns what is shown."""
    return _CHOICE.value


def write_choice() -> None:
    """Puts what is shown into the address; called by the page."""
    _CHOICE.write()


def take_problems() -> tuple[str, ...]:
    """Returns a sentence for each value of the address that makes no sense, once."""
    return state_of(_Problems).take() or ()


def change(**values: Any) -> None:
    """Changes some of what is shown."""
    _CHOICE.set(replace(_CHOICE.value, **values))


def choose_pair(first: str, second: str) -> None:
    """Compares two other runs: the images of another pair are other ones."""
    change(view="pair", pair=(first, second), cell=None, sheet=1, number=None)


def open_cell(cell: Cell) -> None:
    """Shows the images of a cell."""
    change(cell=cell, sheet=1, number=None)
    scroll_to(IMAGES_CONTAINER)


def open_image(index: int) -> None:
    """Shows one image with both answers."""
    change(number=index)
    scroll_to(IMAGES_CONTAINER)


def chosen_pair(records: Sequence[RunRecord]) -> tuple[RunRecord, RunRecord]:
    """Returns the runs A and B: those of the address that are compared, and the first others for what is missing."""
    by_id = {record.id: record for record in records}
    named = [by_id[name] for name in dict.fromkeys(_CHOICE.value.pair) if name in by_id]
    others = [record for record in records if record not in named]
    first, second = [*named, *others][:2]
    return first, second
