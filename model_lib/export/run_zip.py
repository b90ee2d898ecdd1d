"""A whole run as a zip: every file of docs/run-format.md but logs and requests, to be read again on another server.

`model_lib.own_networks.run_zip` reads it.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from model_lib.storage.checkpoints import NETWORK_FILE
from model_lib.storage.events import EVENTS_FILE, State
from model_lib.storage.lineage import EARLIER_FILE, START_FILE, best_epoch
from model_lib.storage.notes import NOTES_FILE
from model_lib.storage.origin import plain_origin, read_origin
from model_lib.storage.run import (
    CHECKPOINTS_FOLDER,
    CONFIG_FILE,
    ORIGIN_FILE,
    PROGRESS_FILE,
    SPEC_FILE,
    STATE_FILE,
    Run,
    RunError,
)

# Another server must take it: what does not fit is left out, the least needed first.
LARGEST_ZIP_BYTES: Final = 25 * 1000 * 1000
EXPORTED_STATES: Final[tuple[State, ...]] = ("finished", "stopped")
# Evaluations on image sets that visitors brought stay here: their images do, too.
_TEST_SETS: Final = ("mnist", "pen_digits", "fashion_mnist")
_TEXTS: Final = (SPEC_FILE, CONFIG_FILE, STATE_FILE, EVENTS_FILE, NOTES_FILE, ORIGIN_FILE, "statistics.jsonl")
_PER_MEMBER_BYTES: Final = 300
_NEVER: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class RunZip:
    """A run as one file.

    Args:
        content: of the zip.
        left_out: the files that did not fit, as the run's folder has them.
    """

    content: bytes
    left_out: tuple[str, ...]


def write_run_zip(run: Run, largest_bytes: int = LARGEST_ZIP_BYTES) -> RunZip:
    """Packs a run that has ended.

    Args:
        run: finished or stopped.
        largest_bytes: of the zip.

    Raises:
        RunError: if it has not ended, or its network or settings cannot be read.
    """
    if run.state not in EXPORTED_STATES:
        raise RunError(f"Only a finished or stopped run can be packed. This one is {run.state}. Let it end first.")
    _ = run.spec, run.config
    stream, left_out, used = io.BytesIO(), [], 0
    with zipfile.ZipFile(stream, "w") as archive:
        for name in _members(run):
            try:
                content = _content(run, name)
            except OSError:  # every file but three may be missing, and checkpoints are deleted to free some space
                continue
            entry = zipfile.ZipInfo(name, _NEVER)  # the same run gives the same bytes
            is_text = name.endswith((".json", ".jsonl"))
            entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            room = largest_bytes - used - _PER_MEMBER_BYTES
            if len(content) > room and not (is_text and len(zlib.compress(content)) <= room):
                left_out.append(name)
                continue
            archive.writestr(entry, content)
            used += entry.compress_size + _PER_MEMBER_BYTES
    return RunZip(stream.getvalue(), tuple(left_out))


def zip_name(run: Run) -> str:
    """Returns what the file is called."""
    return f"{run.id}.zip"


def _content(run: Run, name: str) -> bytes:
    content = (run.folder / name).read_bytes()
    if name != ORIGIN_FILE:
        return content
    # Not whose it is: by that the server finds a visitor's networks again.
    return json.dumps(plain_origin(read_origin(run.folder)), ensure_ascii=False, sort_keys=True).encode()


def _members(run: Run) -> Iterator[str]:
    """Yields the files, those that are needed most first."""
    yield from _TEXTS
    yield from ("evaluation.npz", *(f"evaluation-{name}.npz" for name in _TEST_SETS), EARLIER_FILE)
    epochs = run.epochs_done
    # What it goes on from, or what its pages show most: the last weights, the best, the first; then from the last on.
    most_needed = [*epochs[-1:], *filter(None, [best_epoch(run)]), *epochs[:1], *reversed(epochs)]
    checkpoints = [f"{CHECKPOINTS_FOLDER}/epoch-{epoch:03d}.npz" for epoch in dict.fromkeys(most_needed)]
    # A finished run needs its progress no more. It is three times as large as the weights, which come first.
    progress = [PROGRESS_FILE]
    first = progress if run.state == "stopped" else []
    yield from dict.fromkeys([*checkpoints[:1], *first, START_FILE, NETWORK_FILE, *checkpoints[1:], *progress])
