"""Append-only event log of a run (JSON Lines): typed events, one JSON object a line, written whole.

docs/run-format.md names every field.
"""

from __future__ import annotations

import json
import os
import time
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

EVENTS_FILE: Final = "events.jsonl"

State = Literal["queued", "running", "paused", "finished", "stopped", "failed", "interrupted"]
STATES: Final[tuple[State, ...]] = get_args(State)


@dataclass(frozen=True, kw_only=True)
class Started:
    """Training starts or resumes; what an earlier attempt logged from this position on is void.

    Args:
        steps_per_epoch: optimizer steps an epoch, above 0.
        epochs: epochs that the training is to have, above 0.
        images: training images an epoch, validation images left out.
        parameters: parameters of the network, trainable or not.
        epoch: index of the epoch in which training continues, from 0.
        step: index of the next step in that epoch, from 0.
        time: seconds since 1970; set by `append_event`.
    """

    steps_per_epoch: int
    epochs: int
    images: int
    parameters: int
    epoch: int
    step: int
    time: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Training loss and accuracy of consecutive steps.

    Args:
        epoch: index of the epoch, from 0.
        step: index of the first of these steps in its epoch, from 0.
        loss: mean training loss of each step's batch.
        accuracy: training accuracy of each step's batch, 0 to 1; as many as losses.
        seconds: training time so far, pauses left out.
        time: seconds since 1970; set by `append_event`.
    """

    epoch: int
    step: int
    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    seconds: float
    time: float = 0.0


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """Metrics of a completed epoch, whose checkpoint is on disk.

    Args:
        epoch: number of completed epochs, from 1.
        loss: mean training loss over the epoch.
        accuracy: training accuracy over the epoch, 0 to 1.
        images_per_second: training throughput of the epoch, validation left out.
        validation_loss: mean loss on the validation images; None without validation.
        validation_accuracy: accuracy on the validation images, 0 to 1; None without validation.
        seconds: training time so far, pauses left out.
        time: seconds since 1970; set by `append_event`.
    """

    epoch: int
    loss: float
    accuracy: float
    images_per_second: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    seconds: float
    time: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """Result on the test set, after the network and its evaluation were written.

    Args:
        test_loss: mean cross-entropy on the test images, in nats.
        test_accuracy: accuracy on the test images, 0 to 1.
        seconds: training time, pauses left out.
        epochs: number of completed epochs.
        why: why training ended before its last epoch, for the visitor; None if it did not.
        advice: what to change after a training without success, for the visitor; None after any other.
        other_test_accuracy: accuracy on the other one of the data set's `TEST_SETS`, 0 to 1; None where there is none.
        time: seconds since 1970; set by `append_event`.
    """

    test_loss: float
    test_accuracy: float
    seconds: float
    epochs: int
    why: str | None = None
    advice: str | None = None
    other_test_accuracy: float | None = None
    time: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Accuracy of a run that goes on from trained weights, on one set of images, before or after its training.

    Args:
        stage: "before" the first step or "after" the last one.
        images: how many there are, above 0.
        on: name of the data set whose test images they are; "own_digits" for the visitor's held-out digits,
            "own_digits_trained" for those trained on, where none is held out.
        accuracy: 0 to 1.
        loss: mean cross-entropy, in nats.
        time: seconds since 1970; set by `append_event`.
    """

    stage: str
    on: str
    images: int
    accuracy: float
    loss: float
    time: float = 0.0


@dataclass(frozen=True, kw_only=True)
class StateChanged:
    """The run entered a state; in the file the state itself is the event's `kind`.

    Args:
        state: the new state.
        time: seconds since 1970; set by `append_event`.
    """

    state: State
    time: float = 0.0


Event = Started | Steps | EpochEnd | Evaluated | Measured | StateChanged
Report = Callable[[Event], None]

# The `kind` of each event in the file.
KINDS: Final[Mapping[str, type[Event]]] = {
    "started": Started,
    "steps": Steps,
    "epoch": EpochEnd,
    "evaluated": Evaluated,
    "measured": Measured,
    **dict.fromkeys(STATES, StateChanged),
}
_NAMES: Final = {each: kind for kind, each in KINDS.items() if each is not StateChanged}
_Check = Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


# Whether a JSON value is one of a field's type. Larger counts are no whole numbers in every reader of JSON.
_IS_OF_TYPE: Final[Mapping[Any, _Check]] = {
    int: lambda value: type(value) is int and 0 <= value < 2**53,
    float: _is_number,
    str: lambda value: type(value) is str,
    float | None: _is_number,  # left out where there is none
    str | None: lambda value: value is None or type(value) is str,
    tuple[float, ...]: lambda value: isinstance(value, list) and all(map(_is_number, value)),
}


def _checks(event_type: type[Event]) -> dict[str, tuple[_Check, bool]]:
    """Returns for each field of an event in the file its check and whether the field is required."""
    hints = typing.get_type_hints(event_type)
    return {
        each.name: (_IS_OF_TYPE[hints[each.name]], each.default is MISSING)
        for each in fields(event_type)
        if each.name != "state"
    }


_CHECKS: Final = {event_type: _checks(event_type) for event_type in get_args(Event)}


def to_json(event: Event) -> str:
    """Returns an event as one line of the log, without its end.

    Raises:
        ValueError: for a number that JSON does not have, NaN or infinity.
    """
    content: dict[str, Any] = {"kind": event.state if isinstance(event, StateChanged) else _NAMES[type(event)]}
    content["time"] = event.time
    values = {each.name: getattr(event, each.name) for each in fields(event) if each.name not in ("state", "time")}
    content |= {name: value for name, value in values.items() if value is not None or name in ("why", "advice")}
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def from_json(line: str | bytes) -> Event | None:
    """Reads one line of the log.

    Returns:
        The event, without fields that this version does not have; None for a damaged line, one without the fields of
        its kind, or a kind of a newer version.
    """
    try:
        content = json.loads(line)
    except ValueError:
        return None
    kind = content.get("kind") if isinstance(content, dict) else None
    event_type = KINDS.get(kind) if isinstance(kind, str) else None
    if event_type is None:
        return None
    values: dict[str, Any] = {}
    for name, (is_of_type, is_required) in _CHECKS[event_type].items():
        if name in content:
            if not is_of_type(content[name]):
                return None
            values[name] = tuple(content[name]) if isinstance(content[name], list) else content[name]
        elif is_required:
            return None
    if event_type is StateChanged:
        values["state"] = kind
    event = event_type(**values)
    if isinstance(event, Started) and not (event.steps_per_epoch and event.epochs):
        return None
    if isinstance(event, Steps) and len(event.loss) != len(event.accuracy):
        return None
    return event


def append_event(folder: Path, event: Event) -> Event:
    """Appends an event to a run's log.

    Args:
        folder: the run's folder.
        event: the event; its time is set here.

    Returns:
        The event as written.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    event = replace(event, time=round(time.time(), 3))
    # One write of a whole line to a file opened for appending: a reader never meets half an event of another writer.
    descriptor = os.open(folder / EVENTS_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, f"{to_json(event)}\n".encode())
    finally:
        os.close(descriptor)
    return event


def read_events(folder: Path, offset: int = 0) -> tuple[list[Event], int]:
    """Reads the events behind an offset in the log, so that a live chart reads each one once.

    A last line without its end is still being written and is left for the next call; lines that `from_json` does not
    read are skipped.

    Args:
        folder: the run's folder.
        offset: in bytes, as the last call returned it; 0 for the beginning.

    Returns:
        The events in order, and the offset to continue from. No events if there is no log yet.
    """
    try:
        with (folder / EVENTS_FILE).open("rb") as file:
            file.seek(offset)
            content = file.read()
    except OSError:
        return [], offset
    end = content.rfind(b"\n") + 1
    events = map(from_json, content[:end].splitlines())
    return [event for event in events if event is not None], offset + end


def last_evaluation(events: Iterable[Event]) -> Evaluated | None:
    """Returns the newest evaluation among a run's events, None if there is none."""
    return next((event for event in reversed(list(events)) if isinstance(event, Evaluated)), None)
