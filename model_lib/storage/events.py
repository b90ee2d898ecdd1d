"""The journal of a run: one JSON object a line, written whole and flushed, read by anybody at any time."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

EVENTS_FILE: Final = "events.jsonl"

# What readers rely on. A line without it, written by another program or by a failing disk, is passed over.
_COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "started": ("steps_per_epoch", "epochs", "images", "parameters", "epoch", "step"),
    "steps": ("epoch", "step"),
    "epoch": ("epoch",),
    "evaluated": ("epochs",),
}
_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "steps": ("seconds",),
    "epoch": ("loss", "accuracy", "seconds"),
    "evaluated": ("test_loss", "test_accuracy", "seconds"),
}
_OPTIONAL_NUMBERS: Final = ("validation_loss", "validation_accuracy", "images_per_second")


def append_event(folder: Path, kind: str, **content: Any) -> dict[str, Any]:
    """Adds one event to a run's journal.

    Args:
        folder: the run's folder.
        kind: "queued", "started", "steps", "epoch", "evaluated", "paused", "finished", "stopped" or "failed".
        content: what JSON takes.

    Returns:
        The event, with its kind and its time in seconds since 1970.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    event = {"kind": kind, "time": round(time.time(), 3), **content}
    line = json.dumps(event, separators=(",", ":"), allow_nan=False) + "\n"
    # One write of a whole line to a file opened for appending: a reader never meets half an event of another writer.
    descriptor = os.open(folder / EVENTS_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
    return event


def read_events(folder: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Reads the events behind a place in the journal, so that a live chart reads each one once.

    A last line without its end is still being written and is left for the next time; a damaged line, or one without
    the fields of its kind, is passed over.

    Args:
        folder: the run's folder.
        offset: the place in bytes that the last reading returned, 0 for the beginning.

    Returns:
        The events in order, and the place to go on from. No events if there is no journal yet.
    """
    try:
        with (folder / EVENTS_FILE).open("rb") as file:
            file.seek(offset)
            content = file.read()
    except OSError:
        return [], offset
    end = content.rfind(b"\n") + 1
    events = []
    for line in content[:end].splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, Mapping) and isinstance(event.get("kind"), str) and _is_whole(event):
            events.append(dict(event))
    return events, offset + end


def _is_whole(event: Mapping[str, Any]) -> bool:
    """Whether an event has the fields of its kind, as numbers."""
    kind = event["kind"]
    counts = [event.get(name) for name in _COUNTS.get(kind, ())]
    numbers = [event.get(name) for name in _NUMBERS.get(kind, ())]
    numbers += [event[name] for name in _OPTIONAL_NUMBERS if name in event]
    is_whole = all(type(count) is int and 0 <= count < 2**53 for count in counts)
    is_whole &= all(type(number) in (int, float) for number in numbers)
    if kind == "started":
        return is_whole and event["steps_per_epoch"] > 0 and event["epochs"] > 0
    if kind == "steps":
        losses, accuracies = event.get("loss"), event.get("accuracy")
        return (
            is_whole
            and isinstance(losses, list)
            and isinstance(accuracies, list)
            and len(losses) == len(accuracies)
            and all(type(value) in (int, float) for value in losses + accuracies)
        )
    return is_whole
