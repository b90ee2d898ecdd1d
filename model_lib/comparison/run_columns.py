"""The columns of the table of all runs: what each one has of a record, and how a spreadsheet gets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from model_lib.comparison.record import RunRecord
from model_lib.comparison.settings_text import set_otherwise
from model_lib.datasets.loading import TEST_SET_TITLES, dataset_title
from model_lib.files import as_csv

Value: TypeAlias = str | float | int | datetime | None
Kind = Literal["text", "accuracy", "count", "seconds", "time"]
# A spreadsheet takes a text that begins with one of them for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Args:
        name: its id, as the address has it.
        title: its heading.
        kind: how its values are shown.
        value: reads it from a record; None where there is none.
        help: what it says.
    """

    name: str
    title: str
    kind: Kind
    value: Callable[[RunRecord], Value]
    help: str


def network_title(record: RunRecord) -> str:
    """Returns what a run's network is called."""
    return record.spec.title or record.spec.name


def data_title(record: RunRecord) -> str:
    """Returns what a run's data set is called; its id for one of another version."""
    try:
        return dataset_title(record.config.dataset)
    except KeyError:
        return record.config.dataset


_LIST: Final = (
    Column("name", "Name", "text", lambda record: record.title, "The run's name; you can give it another one below."),
    Column(
        "settings",
        "Set otherwise",
        "text",
        lambda record: "" if record.run.has_no_training else set_otherwise(record.spec, record.config),
        "What differs from the usual settings of its network, and its random seed. Empty: nothing, or a network that "
        "was brought as a file.",
    ),
    Column("state", "State", "text", lambda record: record.state, "Whether the training waits, runs, or has ended."),
    Column(
        "validation",
        "Best validation",
        "accuracy",
        lambda record: record.best_validation,
        "Highest accuracy on the validation images after any epoch, the number to choose by. Empty: trained without "
        "validation images, or brought as a file.",
    ),
    Column(
        "test",
        "Test accuracy",
        "accuracy",
        lambda record: record.test_accuracy,
        "Share of the test images of its data set that it predicts correctly. For a last look, not to choose by.",
    ),
    Column(
        "people",
        TEST_SET_TITLES["pen_digits"],
        "accuracy",
        lambda record: record.test_accuracies.get("pen_digits"),
        "Accuracy on pen digits by ten people on whom it was not trained. Empty: not measured.",
    ),
    Column(
        "own",
        "My digits",
        "accuracy",
        lambda record: record.test_accuracies.get("own_digits"),
        "Accuracy on the own digits that were held out of its training. Empty: not measured.",
    ),
    Column("parameters", "Parameters", "count", lambda record: record.parameters or None, "Weights and biases."),
    Column("seconds", "Seconds", "seconds", lambda record: record.seconds, "Training time, pauses left out."),
    Column(
        "speed",
        "Images per second",
        "count",
        lambda record: None if record.images_per_second is None else round(record.images_per_second),
        "How fast it was trained: mean over the epochs.",
    ),
    Column("epochs", "Epochs", "count", lambda record: record.epochs, "Epochs that were completed."),
    Column("network", "Network", "text", network_title, "Its layers, by name."),
    Column("data", "Data", "text", data_title, "The data set that it was trained on."),
    Column(
        "when",
        "When",
        "time",
        lambda record: datetime.fromtimestamp(record.created) if record.created else None,
        "When it was started, by the server's clock.",
    ),
    Column("star", "Star", "text", lambda record: "★" if record.notes.is_starred else "", "★: somebody marked it."),
    Column("nickname", "Nickname", "text", lambda record: record.notes.nickname, "Who trained it."),
    Column("note", "Note", "text", lambda record: " ".join(record.notes.note.split()), "What somebody wrote down."),
)
COLUMNS: Final = {column.name: column for column in _LIST}
# It says which run a row is, so it is always there.
FIRST_COLUMN: Final = "name"
DEFAULT_COLUMNS: Final = (
    FIRST_COLUMN, "settings", "state", "validation", "test", "people", "parameters", "seconds", "data", "when", "star",
)  # fmt: skip


def runs_as_csv(records: Sequence[RunRecord], columns: Sequence[str]) -> str:
    """Returns runs as CSV: a line a run, its id first; accuracies are fractions from 0 to 1.

    Args:
        records: the runs, in the order of the lines.
        columns: names of `COLUMNS`.
    """
    chosen = [COLUMNS[name] for name in columns]
    rows = [[record.id, *(_in_spreadsheet(column.value(record)) for column in chosen)] for record in records]
    return as_csv(["Id", *(column.title for column in chosen)], rows)


def _in_spreadsheet(value: Value) -> object:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
