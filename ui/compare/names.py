"""What runs are called on the pages under Compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from model_lib.comparison.record import RunRecord


def title_of(record: RunRecord) -> str:
    """Returns what people call a run: anything may stand in it."""
    return record.notes.title or record.title


def unique_titles(records: Sequence[RunRecord]) -> dict[str, str]:
    """Returns the title of each run by its id; two of the same, which a list takes for one, have the id behind it."""
    counts = Counter(title_of(record) for record in records)
    return {
        record.id: title_of(record) if counts[title_of(record)] == 1 else f"{title_of(record)} ({record.id})"
        for record in records
    }
