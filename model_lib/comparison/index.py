"""The records of all runs in one file beside them, so that a server that starts need not read a thousand folders.

It saves time and nothing else: it may be missing, damaged or deleted, and each entry counts only while the files of its
run have the modification times that it names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeAlias

from model_lib.comparison.record import RunRecord
from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.files import read_json, write_atomic
from model_lib.storage.events import STATES
from model_lib.storage.notes import RunNotes
from model_lib.storage.run import Run

INDEX_FILE: Final = ".records.json"
# It rises whenever the entries change their meaning; a file of another number is read as an empty one.
_VERSION: Final = 2
_COUNTS: Final = ("parameters", "epochs")
_NUMBERS: Final = ("created",)
_MAYBE_NUMBERS: Final = ("seconds", "images_per_second", "best_validation", "last_validation")

# Modification times, and the record that was read at them.
Known: TypeAlias = tuple[tuple[int, ...], RunRecord]


def load_index(root: Path) -> dict[str, Known]:
    """Reads the file of a folder of runs; entries that are damaged, and all of a missing file, are left out.

    Args:
        root: the folder of the runs.

    Returns:
        By the run's id, what was known of it.
    """
    try:
        content = read_json(root / INDEX_FILE)
    except (OSError, ValueError):
        return {}
    entries = content.get("runs")
    if content.get("version") != _VERSION or not isinstance(entries, dict):
        return {}
    known: dict[str, Known] = {}
    specs: dict[str, NetworkSpec] = {}  # most runs share theirs with others
    for name, entry in entries.items():
        with suppress(KeyError, TypeError, ValueError, NetworkError, SettingsError):
            known[name] = tuple(map(int, entry["stamp"])), _record(Run(root / name), entry, specs)
    return known


def save_index(root: Path, known: Mapping[str, Known]) -> None:
    """Writes the file of a folder of runs, atomically; nothing happens where it cannot be written.

    Args:
        root: the folder of the runs.
        known: by the run's id, what is known of it.
    """
    entries = {name: _entry(stamp, record) for name, (stamp, record) in known.items()}
    text = json.dumps({"version": _VERSION, "runs": entries}, separators=(",", ":"))
    with suppress(OSError):
        write_atomic(root / INDEX_FILE, lambda stream: stream.write(text.encode()))


def _entry(stamp: tuple[int, ...], record: RunRecord) -> dict[str, Any]:
    plain = ("title", "state", *_COUNTS, *_NUMBERS, *_MAYBE_NUMBERS)
    return {name: getattr(record, name) for name in plain} | {
        "stamp": stamp,
        "spec": record.spec.as_dict(),
        "config": record.config.as_dict(),
        "test_accuracies": dict(record.test_accuracies),
        "notes": asdict(record.notes),
    }


def _record(run: Run, entry: Mapping[str, Any], specs: dict[str, NetworkSpec]) -> RunRecord:
    key = json.dumps(entry["spec"])
    if key not in specs:
        specs[key] = NetworkSpec.from_dict(entry["spec"])
    if entry["state"] not in STATES:
        raise ValueError(f"A state is expected. Received: {entry['state']!r:.40}.")
    numbers: dict[str, Any] = {name: int(entry[name]) for name in _COUNTS}
    numbers |= {name: float(entry[name]) for name in _NUMBERS}
    numbers |= {name: None if entry[name] is None else float(entry[name]) for name in _MAYBE_NUMBERS}
    return RunRecord(
        run=run,
        title=str(entry["title"]),
        state=entry["state"],
        spec=specs[key],
        config=TrainingConfig.from_dict(entry["config"]),
        test_accuracies={str(on): float(accuracy) for on, accuracy in entry["test_accuracies"].items()},
        notes=RunNotes(**entry["notes"]),
        **numbers,
    )
