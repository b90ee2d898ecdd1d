"""docs/run-format.md names every file of a run folder, every event with its fields, and this version's format."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.diagnostics import log
from model_lib.diagnostics.statistics import LayerStatistics, NetworkStatistics
from model_lib.evaluation import evaluation
from model_lib.runs import create_run
from model_lib.storage import checkpoints, events, lineage, run, sweep_link
from model_lib.storage.checkpoints import Position, TrainingState, save_training_state
from model_lib.storage.events import KINDS, STATES, Event
from model_lib.storage.format import FORMAT
from model_lib.storage.lineage import Ancestor, Start

_DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "run-format.md").read_text(encoding="utf-8")
_SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", _DOCUMENT, re.M))


def _named(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


def test_the_document_is_of_this_versions_format() -> None:
    assert _DOCUMENT.startswith(f"# The run folder, format {FORMAT}\n")
    assert f'`"format": {FORMAT}`' in _DOCUMENT
    assert re.search(rf"^\| {FORMAT} \| [\d.]+ \(\w+ \d{{4}}\) \|", _DOCUMENT, re.M)


def test_every_file_of_a_run_folder_is_documented() -> None:
    constants = {
        value
        for module in (run, events, checkpoints, evaluation, lineage, log, sweep_link)
        for name, value in vars(module).items()
        if re.fullmatch(r"[A-Z_]+_(FILE|FOLDER|REQUEST)", name)
    }
    assert len(constants) >= 14
    assert {name.removesuffix("/") for name in _named(_SECTIONS["Files"])} >= constants


@pytest.mark.parametrize("event_type", get_args(Event))
def test_every_event_and_each_of_its_fields_is_documented_and_no_other(event_type: type[Event]) -> None:
    text = re.search(rf"^`{event_type.__name__}`, kind(.*\n(?:(?!`[A-Z]).*\n)*)", _SECTIONS["events.jsonl"], re.M)
    assert text is not None
    assert set(re.findall(r"^\| `(\w+)` \|", text[1], re.M)) == {field.name for field in fields(event_type)}
    kinds = {kind for kind, each in KINDS.items() if each is event_type}
    assert kinds & _named(text[1])


def test_every_field_of_the_statistics_is_documented_and_no_other() -> None:
    documented = set(
        re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", _SECTIONS["statistics.jsonl"], re.M)))
    )
    assert documented == {field.name for each in (LayerStatistics, NetworkStatistics) for field in fields(each)}


def test_every_state_and_each_field_of_its_record_is_documented(tmp_path: Path) -> None:
    created = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    created.fail("The training diverged.", "diverged")
    record = json.loads((created.folder / "state.json").read_text())
    assert _named(_SECTIONS["state.json"]) >= {*STATES, *record, record["cause"]}


def test_every_field_of_the_network_is_documented(tmp_path: Path) -> None:
    created = create_run(PRESETS["mlp"], TrainingConfig(), tmp_path)
    spec = json.loads((created.folder / "spec.json").read_text())
    assert _named(_SECTIONS["spec.json, config.json"]) >= {*spec, "kind"}


def test_every_array_of_the_training_state_is_documented(tmp_path: Path) -> None:
    state = TrainingState(
        weights=[np.zeros(3, np.float32)],
        steps_state={"steps_done": np.array(2)},
        position=Position(epoch=1, step=2, loss_sum=3.0, correct=4),
        seconds=5.0,
        best_loss=6.0,
        epochs_without_gain=0,
    )
    save_training_state(tmp_path, state)
    with np.load(tmp_path / "progress.npz") as arrays:
        names = {re.sub(r"^(weight|state)_.*", r"\1_...", name) for name in arrays.files}
    assert _named(_SECTIONS["Arrays"]) >= names


def test_what_a_run_that_is_trained_on_keeps_of_its_parents_is_documented(tmp_path: Path) -> None:
    start = Start([np.zeros(7850, np.float32)], (Ancestor("id", "title", 1, ("mnist",)),))
    created = create_run(NetworkSpec("softmax", (LayerSpec("Flatten"),)), TrainingConfig(), tmp_path, start)
    (parent,) = json.loads((created.folder / "config.json").read_text())["parents"]
    assert _named(_SECTIONS["spec.json, config.json"]) >= {"parents", *parent}
    with np.load(created.folder / "earlier.npz") as arrays:
        assert _named(_SECTIONS["Arrays"]) >= set(arrays.files)
