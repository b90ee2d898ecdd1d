"""Which process holds a run, and whether that process still lives."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import psutil

# A live process touches state.json every second; after this long without, one on another machine is taken for dead.
SILENCE_SECONDS: Final = 5.0
# One on this machine is seen to be alive. If it is silent all the same it is out of breath, on a machine with too much
# to do; after this long it can no longer write, for example since the disk is full.
SILENCE_OF_THE_LIVING_SECONDS: Final = 60.0


def this_process() -> dict[str, Any]:
    """Returns what tells this process from all others: host, number, and when it was born, since numbers come again."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "born": psutil.Process().create_time()}


def is_held(record: Mapping[str, Any], file: Path) -> bool:
    """Says whether the process that a record names is alive and, if the run is under way, still reports.

    Args:
        record: what stands in a run's state.json, `this_process` included.
        file: that state.json, which the process touches.
    """
    is_here = record.get("host") == socket.gethostname()
    if is_here and not _is_alive(record.get("pid"), record.get("born")):
        return False
    if record.get("state") == "queued":
        return True
    try:
        silence = time.time() - file.stat().st_mtime
    except OSError:
        return False
    return silence < (SILENCE_OF_THE_LIVING_SECONDS if is_here else SILENCE_SECONDS)


def _is_alive(pid: Any, born: Any) -> bool:
    try:
        process = psutil.Process(int(pid))
        is_same = abs(process.create_time() - float(born)) < 1.0
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError):
        return False
