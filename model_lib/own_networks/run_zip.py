"""Reads a run that was packed on another server. It trusts nothing in the file, and writes all of it anew.

What is written are this app's own objects, made of values that were checked: no byte of the file is passed on. The
network's weights must be of exactly the shapes that its layers call for. What it answers and how many of its answers
are right is worked out here (`run_answers`). `network.keras` in the file is not even looked at.
"""

from __future__ import annotations

import re
import shutil
import time
import uuid
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_lib.config.network import NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import ProgressCallback
from model_lib.diagnostics.log import STATISTICS_FILE, append_statistics
from model_lib.files import write_arrays, write_atomic, write_json
from model_lib.inference.weight_shapes import bound_layers
from model_lib.own_networks.run_answers import measured_here
from model_lib.own_networks.run_texts import (
    as_text,
    read_config,
    read_events_of,
    read_notes_of,
    read_spec,
    read_statistics_of,
)
from model_lib.own_networks.zip_members import NoPlaceError, RunZip, RunZipError, Wanted, finite
from model_lib.storage.events import EVENTS_FILE, Event, to_json
from model_lib.storage.format import with_format
from model_lib.storage.lineage import (
    EARLIER_FILE,
    START_FILE,
    Ancestor,
    EarlierCurves,
    Start,
    parents_entry,
    save_start,
)
from model_lib.storage.liveness import this_process
from model_lib.storage.notes import NOTES_FILE, RunNotes, write_notes
from model_lib.storage.origin import plain_origin, read_origin
from model_lib.storage.run import (
    CHECKPOINTS_FOLDER,
    CONFIG_FILE,
    ORIGIN_FILE,
    PROGRESS_FILE,
    SPEC_FILE,
    STATE_FILE,
    Run,
)
from model_lib.storage.run_folders import HIDDEN, list_runs, new_id, runs_root

LARGEST_ZIP_BYTES: Final = 26 * 1000 * 1000
# Trained weights hardly shrink in a zip; logs do, to a tenth.
LARGEST_UNPACKED_BYTES: Final = 4 * LARGEST_ZIP_BYTES
MOST_TOGETHER: Final = 100

_CHECKPOINT: Final = r"checkpoints/epoch-(0[0-4][0-9]|050)\.npz"
_PATTERNS: Final = (
    r"(spec|config|state|notes|origin)\.json",
    r"(events|statistics)\.jsonl",
    r"(start|earlier|progress|evaluation)\.npz",
    r"evaluation-(mnist|pen_digits|fashion_mnist)\.npz",
    r"network\.keras",
    _CHECKPOINT,
)
_LARGEST_JSON_BYTES: Final = 64 * 1024
_LARGEST_LOG_BYTES: Final = 20 * 1024 * 1024
_STATES: Final = ("finished", "stopped")
_MOST_POINTS: Final = 20_000
# As in model_lib/engine/optimizers.py, which loads TensorFlow; a test compares the two.
SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "adam": ("mean", "square"),
    "sgd": ("velocity",),
    "rmsprop": ("square", "velocity"),
    "adadelta": ("square", "update"),
    "adagrad": ("square",),
}
_FIXED_WEIGHTS: Final = ("moving_mean", "moving_variance")
_PREFIX: Final = f"{HIDDEN}brought-"
_LEFT_OVER_SECONDS: Final = 3600.0


@dataclass(frozen=True)
class BroughtRun:
    """A run that was read from a zip.

    Args:
        run: as it is kept here.
        notes: what was left out or is different here, a sentence each.
    """

    run: Run
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Content:
    spec: NetworkSpec
    config: TrainingConfig
    ancestors: tuple[Ancestor, ...]
    events: list[Event]
    notes: tuple[str, ...]


def read_run_zip(
    content: bytes,
    write_network: Callable[[Path], object],
    *,
    root: str | Path | None = None,
    own_sets: Set[str] = frozenset(),
    progress: ProgressCallback = lambda share: None,
) -> BroughtRun:
    """Reads a packed run and keeps it among the runs of this server, under an id that no other has.

    Args:
        content: the bytes of the zip; they may be anything.
        write_network: writes `network.keras` into a folder that has all else: it needs Keras.
        root: the folder for the runs; see `runs_root`.
        own_sets: names of the image sets of whoever brings it.
        progress: called with 0 to 1.

    Raises:
        RunZipError: if it is no run, or one that cannot be had here; nothing is kept then. A `NoPlaceError` if it
            could be had at another time.
    """
    if len(content) > LARGEST_ZIP_BYTES:
        raise RunZipError(f"The zip of a run may have up to {LARGEST_ZIP_BYTES // 10**6} MB.")
    archive = RunZip(content, _PATTERNS, LARGEST_UNPACKED_BYTES)
    home = runs_root(root)
    _sweep(home)
    if sum("packed" in read_origin(run.folder) for run in list_runs(root)) >= MOST_TOGETHER:
        raise NoPlaceError(
            f"This server keeps {MOST_TOGETHER} runs that came as zips, and all places are taken. Delete some of them "
            "on All runs."
        )
    folder = home / f"{_PREFIX}{uuid.uuid4().hex}"
    try:
        (folder / CHECKPOINTS_FOLDER).mkdir(parents=True)
        read = _read_texts(archive, folder, own_sets)
        progress(0.1)
        _read_arrays_of(archive, folder, read)
        progress(0.3)
        measured = measured_here(archive, Run(folder), read.events, lambda share: progress(0.3 + 0.5 * share))
        log = "".join(f"{to_json(event)}\n" for event in measured).encode()
        write_atomic(folder / EVENTS_FILE, lambda stream: stream.write(log))
        write_network(folder)
        progress(1.0)
        run = Run(home / new_id(read.spec))
        folder.rename(run.folder)
    except OSError as error:
        raise NoPlaceError(f"The run could not be written: {error.strerror}. Free some space and try again.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return BroughtRun(run, read.notes)


def _read_texts(archive: RunZip, folder: Path, own_sets: Set[str]) -> _Content:
    spec = read_spec(archive.read_json(SPEC_FILE, _LARGEST_JSON_BYTES))
    config, ancestors, notes = read_config(archive.read_json(CONFIG_FILE, _LARGEST_JSON_BYTES), own_sets)
    state = archive.read_json(STATE_FILE, _LARGEST_JSON_BYTES).get("state")
    if state not in _STATES:
        raise RunZipError("Only a finished or stopped run can be brought. Let its training end, then pack it again.")
    write_json(folder / SPEC_FILE, with_format(spec.as_dict()))
    parents = parents_entry(ancestors) if ancestors else {}
    write_json(folder / CONFIG_FILE, with_format(config.as_dict() | parents))
    write_json(folder / STATE_FILE, {"state": state, **this_process()})
    origin = plain_origin(archive.read_json(ORIGIN_FILE, 2 * _LARGEST_JSON_BYTES)) if ORIGIN_FILE in archive else {}
    write_json(folder / ORIGIN_FILE, origin | {"packed": True})
    notes += [as_text(note) for note in _sentences(origin)]
    events = read_events_of(archive.read(EVENTS_FILE, _LARGEST_LOG_BYTES), config)
    if STATISTICS_FILE in archive:
        measured = read_statistics_of(archive.read(STATISTICS_FILE, _LARGEST_LOG_BYTES), spec)
        if measured:
            append_statistics(folder, measured)
    if NOTES_FILE in archive:
        said = read_notes_of(archive.read_json(NOTES_FILE, _LARGEST_JSON_BYTES))
        if said != RunNotes():
            write_notes(folder, said)
    return _Content(spec, config, ancestors, events, tuple(notes))


def _sentences(origin: Mapping[str, Any]) -> list[str]:
    """Returns what a visitor should know of a network that had been brought to the other server, too."""
    if "format" not in origin:
        return []
    white = origin.get("largest_pixel")
    pixels = f", for pixels from 0 to {white:.0f}" if white else ""
    first = f"It had been brought to the other server as a {origin['format']} file{pixels}, so it has no curves."
    return [first, *origin.get("notes", [])]


def _read_arrays_of(archive: RunZip, folder: Path, read: _Content) -> None:
    layers = bound_layers(read.spec)
    shapes = [(name, shape) for layer in layers for name, shape in layer.weight_shapes.items()]
    weights = {f"weight_{index}": Wanted("<f4", shape) for index, (_, shape) in enumerate(shapes)}
    trainable = [shape for name, shape in shapes if name not in _FIXED_WEIGHTS]
    epochs = [name for name in archive.names if re.fullmatch(_CHECKPOINT, name)]
    for name in epochs:
        write_arrays(folder / name, finite(archive.read_arrays(name, weights), name))
    if PROGRESS_FILE in archive:
        slots = {
            f"state_{name}_{index}": Wanted("<f4", shape)
            for name in SLOTS[read.config.optimizer]
            for index, shape in enumerate(trainable)
        }
        counts = dict.fromkeys(("epoch", "step", "right", "epochs_without_gain", "state_steps_done"), Wanted("<i8"))
        numbers = dict.fromkeys(("loss_sum", "seconds", "best_loss"), Wanted("<f8"))
        flag = {"state_in_16_bits": Wanted("|b1")}
        arrays = archive.read_arrays(PROGRESS_FILE, weights | slots | counts | numbers | flag)
        best_loss = arrays.pop("best_loss")
        if np.isnan(best_loss) or any(arrays[name] < 0 for name in counts):
            raise RunZipError(f"{PROGRESS_FILE} in this zip is damaged: it has counts below 0.")
        write_arrays(folder / PROGRESS_FILE, finite(arrays, PROGRESS_FILE) | {"best_loss": best_loss})
    elif not any(name != f"{CHECKPOINTS_FOLDER}/epoch-000.npz" for name in epochs):
        raise RunZipError("This zip has no weights of the trained network.")
    if read.ancestors:
        rows = {
            "training": Wanted("<f8", (None, 4), _MOST_POINTS),
            "validation": Wanted("<f8", (None, 4), _MOST_POINTS),
            "ends": Wanted("<f8", (None, 2), _MOST_POINTS),
        }
        start = finite(archive.read_arrays(START_FILE, weights), START_FILE)
        curves = EarlierCurves()
        if EARLIER_FILE in archive:
            curves = EarlierCurves(**finite(archive.read_arrays(EARLIER_FILE, rows), EARLIER_FILE))
        save_start(folder, Start([start[name] for name in weights], read.ancestors, curves))


def _sweep(home: Path) -> None:
    """Removes what a server left behind that ended while it read a zip."""
    with suppress(OSError):
        for entry in home.glob(f"{_PREFIX}*"):
            if time.time() - entry.stat().st_mtime > _LEFT_OVER_SECONDS:
                shutil.rmtree(entry, ignore_errors=True)
