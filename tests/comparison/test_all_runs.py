"""The table of all runs: its records in the index, its filter, its CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from model_lib.comparison import records as records_module
from model_lib.comparison.index import INDEX_FILE, load_index, save_index
from model_lib.comparison.record import RunRecord, read_record
from model_lib.comparison.records import RunRecords
from model_lib.comparison.run_columns import COLUMNS, runs_as_csv
from model_lib.comparison.run_filter import RunFilter, filter_runs, parse_filter
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run
from model_lib.storage.events import EpochEnd, Evaluated, append_event
from model_lib.storage.notes import RunNotes, write_notes
from model_lib.storage.run import Run


def ended(root: Path, validation: float | None = 0.9, preset: str = "mlp") -> Run:
    config = TrainingConfig(validation="none" if validation is None else "last")
    run = create_run(PRESETS[preset], config, root)
    append_event(run.folder, EpochEnd(epoch=1, loss=0.5, accuracy=0.8, seconds=2.0, validation_accuracy=validation))
    evaluated = Evaluated(test_loss=0.3, test_accuracy=0.91, other_test_accuracy=0.7, seconds=2.0, epochs=1)
    append_event(run.folder, evaluated)
    run.set_state("finished")
    return run


@pytest.fixture
def three(tmp_path: Path) -> tuple[RunRecord, ...]:
    runs = ended(tmp_path), ended(tmp_path, 0.95, "two_conv"), ended(tmp_path, None)
    write_notes(runs[0].folder, RunNotes("", "Ada", "=1+1", True))
    return tuple(map(read_record, runs))


def test_a_server_that_starts_reads_the_index_and_no_folder_that_has_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_module, "_UNSAVED", 2)
    runs = [ended(tmp_path), ended(tmp_path)]
    first = RunRecords(tmp_path).now()
    read: list[Run] = []
    monkeypatch.setattr(records_module, "read_record", lambda run: read.append(run) or read_record(run))
    assert RunRecords(tmp_path).now() == first
    assert read == []
    write_notes(runs[0].folder, RunNotes(note="new"))
    assert {record.notes.note for record in RunRecords(tmp_path).now()} == {"", "new"}
    assert read == [runs[0]]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: "no JSON",
        lambda content: "[]",
        lambda content: json.dumps({**content, "version": 0}),
        lambda content: json.dumps({**content, "version": 1}),  # it believed the log of a run that was brought
        lambda content: json.dumps({**content, "runs": []}),
        lambda content: json.dumps({**content, "runs": {name: {"stamp": []} for name in content["runs"]}}),
        lambda content: json.dumps({**content, "runs": dict.fromkeys(content["runs"], 5)}),
    ],
)
def test_a_damaged_index_is_an_empty_one(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    record = read_record(ended(tmp_path))
    save_index(tmp_path, {record.id: ((1, 2, 3), record)})
    assert load_index(tmp_path) == {record.id: ((1, 2, 3), record)}
    file = tmp_path / INDEX_FILE
    file.write_text(damage(json.loads(file.read_text())))
    assert load_index(tmp_path) == {}
    assert RunRecords(tmp_path).now() == (record,)


def test_the_records_are_the_same_object_while_nothing_changes(tmp_path: Path) -> None:
    ended(tmp_path)
    records = RunRecords(tmp_path, fresh_seconds=0)
    assert records.now() is records.now()


@pytest.mark.parametrize(
    ("chosen", "passing"),
    [
        (RunFilter(), (0, 1, 2)),
        (RunFilter(text="ADA"), (0,)),
        (RunFilter(text="conv two"), (1,)),
        (RunFilter(text="ada convolutions"), ()),
        (RunFilter(networks=("mlp",)), (0, 2)),
        (RunFilter(datasets=("pen_digits",)), ()),
        (RunFilter(states=("finished",)), (0, 1, 2)),
        (RunFilter(is_starred=True), (0,)),
        (RunFilter(at_least_percent=95), (1,)),
        (RunFilter(at_least_percent=10), (0, 1)),
        (RunFilter(accuracy="test", at_least_percent=91), (0, 1, 2)),
        (RunFilter(accuracy="people", at_least_percent=70.5), ()),
    ],
)
def test_a_filter_lets_pass_what_it_says(
    three: tuple[RunRecord, ...], chosen: RunFilter, passing: tuple[int, ...]
) -> None:
    assert filter_runs(three, chosen) == tuple(three[place] for place in passing)
    assert parse_filter(chosen.to_params()) == replace(chosen, accuracy=parse_filter(chosen.to_params()).accuracy)


@pytest.mark.parametrize(
    "address", [{"least": "nan"}, {"least": "-1"}, {"least": "1e9"}, {"least": "x"}, {"by": "note"}, {"starred": "?"}]
)
def test_what_an_address_asks_for_that_is_none_asks_for_nothing(address: dict[str, str]) -> None:
    assert parse_filter(address) == RunFilter()


def test_the_csv_has_fractions_and_no_formula_of_a_visitor(three: tuple[RunRecord, ...]) -> None:
    rows = list(csv.DictReader(io.StringIO(runs_as_csv(three, tuple(COLUMNS)))))
    assert [row["Id"] for row in rows] == [record.id for record in three]
    assert [row["Best validation"] for row in rows] == ["0.9", "0.95", ""]
    assert {row["Test accuracy"] for row in rows} == {"0.91"}
    assert {row["Other people's digits"] for row in rows} == {"0.7"}
    assert rows[0]["Note"] == "'=1+1"
