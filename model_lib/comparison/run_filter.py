"""Which runs of the table are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from model_lib.comparison.record import RunRecord
from model_lib.comparison.run_columns import COLUMNS, network_title

ACCURACIES: Final = tuple(name for name, column in COLUMNS.items() if column.kind == "accuracy")
# The one that may choose: it was measured on images that are not test images.
VALIDATION: Final = "validation"
_SEPARATOR: Final = ","
_LONGEST_TEXT: Final = 100
_MOST_PERCENT: Final = 100.0


@dataclass(frozen=True)
class RunFilter:
    """What is asked of a run; all of it must hold.

    Args:
        text: each of its words stands in name, nickname, note or network, in capitals or not.
        networks: names of networks, one of which it has; empty for any.
        datasets: names of data sets, likewise.
        states: likewise.
        is_starred: whether it must have a star.
        accuracy: which of `ACCURACIES` counts.
        at_least_percent: what that must reach; 0 for any run, those without that accuracy too.
    """

    text: str = ""
    networks: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    is_starred: bool = False
    accuracy: str = VALIDATION
    at_least_percent: float = 0.0

    @property
    def conditions(self) -> int:
        """How many conditions there are beside the text."""
        return sum(map(bool, (self.networks, self.datasets, self.states, self.is_starred, self.at_least_percent)))

    def to_params(self) -> dict[str, str]:
        """Returns it as it stands in an address; empty if it lets every run pass."""
        parameters = {
            "find": self.text,
            "network": _SEPARATOR.join(self.networks),
            "data": _SEPARATOR.join(self.datasets),
            "state": _SEPARATOR.join(self.states),
            "starred": "yes" if self.is_starred else "",
            "by": self.accuracy if self.at_least_percent and self.accuracy != VALIDATION else "",
            "least": f"{self.at_least_percent:g}" if self.at_least_percent else "",
        }
        return {name: value for name, value in parameters.items() if value}


PARAMETERS: Final = ("find", "network", "data", "state", "starred", "by", "least")


def parse_filter(parameters: Mapping[str, str]) -> RunFilter:
    """Reads a filter from an address; what cannot be read asks for nothing."""
    by = parameters.get("by", VALIDATION)
    return RunFilter(
        text=parameters.get("find", "")[:_LONGEST_TEXT],
        networks=_several(parameters, "network"),
        datasets=_several(parameters, "data"),
        states=_several(parameters, "state"),
        is_starred=parameters.get("starred") == "yes",
        accuracy=by if by in ACCURACIES else VALIDATION,
        at_least_percent=_percentage(parameters.get("least", "")),
    )


def filter_runs(records: Iterable[RunRecord], chosen: RunFilter) -> tuple[RunRecord, ...]:
    """Returns the runs that pass, in their order."""
    words = chosen.text.casefold().split()
    read = COLUMNS[chosen.accuracy].value

    def passes(record: RunRecord) -> bool:
        if words:
            notes = record.notes
            text = " ".join((record.title, notes.nickname, notes.note, network_title(record), record.spec.name))
            if not all(word in text.casefold() for word in words):
                return False
        if chosen.at_least_percent:
            accuracy = read(record)
            if not isinstance(accuracy, float) or 100 * accuracy < chosen.at_least_percent:
                return False
        return (
            (not chosen.networks or record.spec.name in chosen.networks)
            and (not chosen.datasets or record.config.dataset in chosen.datasets)
            and (not chosen.states or record.state in chosen.states)
            and (not chosen.is_starred or record.notes.is_starred)
        )

    return tuple(record for record in records if passes(record))


def _several(parameters: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(each for each in dict.fromkeys(parameters.get(name, "").split(_SEPARATOR)) if each)


def _percentage(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 < number <= _MOST_PERCENT else 0.0
