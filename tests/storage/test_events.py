"""The event log: what is written is read again, and whatever is damaged, unfinished or unknown is skipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_lib.storage.events import (
    EVENTS_FILE,
    EpochEnd,
    Evaluated,
    Event,
    Started,
    StateChanged,
    Steps,
    append_event,
    from_json,
    read_events,
    to_json,
)

_EVENTS: list[tuple[Event, dict[str, object]]] = [
    (
        Started(steps_per_epoch=32, epochs=2, images=1600, parameters=6370, epoch=1, step=7),
        {"kind": "started", "steps_per_epoch": 32, "epochs": 2, "images": 1600, "parameters": 6370}
        | {"epoch": 1, "step": 7},
    ),
    (
        Steps(epoch=0, step=3, loss=(2.5, 2.25), accuracy=(0.5, 0.75), seconds=1.5),
        {"kind": "steps", "epoch": 0, "step": 3, "loss": [2.5, 2.25], "accuracy": [0.5, 0.75], "seconds": 1.5},
    ),
    (
        EpochEnd(epoch=1, loss=0.5, accuracy=0.9, images_per_second=1000.0, seconds=2.0),
        {"kind": "epoch", "epoch": 1, "loss": 0.5, "accuracy": 0.9, "images_per_second": 1000.0, "seconds": 2.0},
    ),
    (
        EpochEnd(epoch=1, loss=0.5, accuracy=0.9, validation_loss=0.6, validation_accuracy=0.8, seconds=2.0),
        {"kind": "epoch", "epoch": 1, "loss": 0.5, "accuracy": 0.9, "seconds": 2.0}
        | {"validation_loss": 0.6, "validation_accuracy": 0.8},
    ),
    (
        Evaluated(test_loss=0.25, test_accuracy=0.9, seconds=3.0, epochs=2, why="it was stopped"),
        {"kind": "evaluated", "test_loss": 0.25, "test_accuracy": 0.9, "seconds": 3.0, "epochs": 2}
        | {"why": "it was stopped", "advice": None},
    ),
    (
        Evaluated(test_loss=0.25, test_accuracy=0.9, seconds=3.0, epochs=2, other_test_accuracy=0.8),
        {"kind": "evaluated", "test_loss": 0.25, "test_accuracy": 0.9, "seconds": 3.0, "epochs": 2}
        | {"why": None, "advice": None, "other_test_accuracy": 0.8},
    ),
    (StateChanged(state="paused"), {"kind": "paused"}),
]


@pytest.mark.parametrize(("event", "content"), _EVENTS, ids=lambda value: type(value).__name__)
def test_an_event_is_one_json_object_with_its_kind_and_comes_back_the_same(
    event: Event, content: dict[str, object], tmp_path: Path
) -> None:
    written = append_event(tmp_path, event)
    (line,) = (tmp_path / EVENTS_FILE).read_text().splitlines()
    assert json.loads(line) == content | {"time": written.time}
    assert written.time > 1e9
    assert read_events(tmp_path)[0] == [written]


@pytest.mark.parametrize(("event", "content"), _EVENTS, ids=lambda value: type(value).__name__)
def test_fields_of_a_newer_version_are_skipped(event: Event, content: dict[str, object]) -> None:
    assert from_json(json.dumps({"gpu": "none", **content, "nested": {"kind": "steps"}})) == event


def test_kinds_of_a_newer_version_and_damaged_lines_are_skipped(tmp_path: Path) -> None:
    first = append_event(tmp_path, StateChanged(state="queued"))
    with (tmp_path / EVENTS_FILE).open("ab") as file:
        file.write(b'{"kind":"gpu_memory","time":1.0,"mib":3}\n\x00\x01 no JSON\n[1]\n{}\n7\n{"kind":["steps"]}\n')
    last = append_event(tmp_path, StateChanged(state="running"))
    assert read_events(tmp_path)[0] == [first, last]


@pytest.mark.parametrize(("event", "content"), _EVENTS, ids=lambda value: type(value).__name__)
def test_a_field_of_another_type_damages_its_line(event: Event, content: dict[str, object]) -> None:
    for name in content.keys() - {"kind"}:
        assert from_json(json.dumps(content | {name: {"not": "this"}})) is None, name


@pytest.mark.parametrize("count", [-1, True, 1.0, 2**53, None, "1"])
def test_a_count_is_a_whole_number_from_0(count: object) -> None:
    content = json.loads(to_json(_EVENTS[0][0]))
    assert from_json(json.dumps(content)) == _EVENTS[0][0]
    assert from_json(json.dumps(content | {"step": count})) is None


def test_a_line_that_is_still_being_written_is_left_for_the_next_reading(tmp_path: Path) -> None:
    first = append_event(tmp_path, StateChanged(state="queued"))
    events, offset = read_events(tmp_path)
    assert events == [first]
    with (tmp_path / EVENTS_FILE).open("a") as file:
        file.write('{"kind": "paused", "ti')
    assert read_events(tmp_path, offset) == ([], offset)
    with (tmp_path / EVENTS_FILE).open("a") as file:
        file.write('me": 2.5}\n')
    assert read_events(tmp_path, offset)[0] == [StateChanged(state="paused", time=2.5)]


def test_a_folder_without_a_log_has_no_events(tmp_path: Path) -> None:
    assert read_events(tmp_path) == ([], 0)


def test_a_number_that_json_does_not_have_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        append_event(tmp_path, Steps(epoch=0, step=0, loss=(float("nan"),), accuracy=(0.0,), seconds=1.0))
    assert not (tmp_path / EVENTS_FILE).exists() or not (tmp_path / EVENTS_FILE).read_bytes()
