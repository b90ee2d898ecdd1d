"""The runs that are compared: the same on all pages under Compare, and part of their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from model_lib.comparison.record import RunRecord
from ui.compare.records import recorded_runs
from ui.shared.selection import find_run
from ui.shared.url_state import UrlState
from ui.shared.visit import state_of

# As many as there are colours, see `RUNS` in model_lib/figures/style.py.
MOST_CHOSEN: Final = 8
_SEPARATOR: Final = ","
# More ids of an address are not read.
_MOST_READ: Final = 4 * MOST_CHOSEN


def _named_runs(parameters: Mapping[str, str]) -> tuple[str, ...]:
    names = dict.fromkeys(parameters.get("runs", "").split(_SEPARATOR))
    return tuple(name for name in names if name)[:_MOST_READ]


_RUNS: Final = UrlState(("runs",), _named_runs, lambda names: {"runs": _SEPARATOR.join(names)} if names else {})


@dataclass
class _Places:
    """Place of each run in the list of colours: kept for the visit, so that a run has one colour on all pages."""

    by_id: dict[str, int] = field(default_factory=dict)


def write_selection() -> None:
    """Puts the chosen runs into the address; called by each page under Compare."""
    _RUNS.write()


def chosen_records() -> tuple[RunRecord, ...]:
    """Returns the records of the chosen runs, at most `MOST_CHOSEN`; runs that have been deleted are left out."""
    by_id = {record.id: record for record in recorded_runs()}
    return tuple(by_id[name] for name in _RUNS.value if name in by_id)[:MOST_CHOSEN]


def missing_runs() -> tuple[str, ...]:
    """Returns what the address or the visit asks for and is not there: ids of deleted runs, or anything else."""
    known = {record.id for record in recorded_runs()}
    return tuple(name for name in _RUNS.value if name not in known and find_run(name) is None)


def surplus_runs() -> int:
    """Returns how many runs the address asks for beyond `MOST_CHOSEN`."""
    known = {record.id for record in recorded_runs()}
    return max(0, sum(name in known for name in _RUNS.value) - MOST_CHOSEN)


def toggle_run(name: str) -> bool:
    """Chooses a run, or no longer if it was chosen; returns False, and changes nothing, where there is no room."""
    chosen = [record.id for record in chosen_records()]
    if name in chosen:
        chosen.remove(name)
    elif len(chosen) == MOST_CHOSEN:
        return False
    else:
        chosen.append(name)
    choose_runs(chosen)
    return True


def choose_runs(names: Iterable[str]) -> None:
    """Makes these the chosen runs, on all pages under Compare; those beyond `MOST_CHOSEN` are left out.

    Args:
        names: ids of runs.
    """
    _RUNS.set(tuple(dict.fromkeys(names))[:MOST_CHOSEN])


def colour_places(records: Iterable[RunRecord]) -> dict[str, int]:
    """Returns the place of each run's colour in `RUNS`, from 0, by its id: two runs of the same set never share one.

    Args:
        records: those that are shown together, at most `MOST_CHOSEN`.
    """
    shown, kept = [record.id for record in records], state_of(_Places).by_id
    for name in shown:
        taken = {kept[other] for other in shown if other != name and other in kept}
        if name not in kept or kept[name] in taken:
            kept[name] = next(place for place in range(MOST_CHOSEN) if place not in taken)
    return {name: kept[name] for name in shown}
