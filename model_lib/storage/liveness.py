"""Which process holds a run, and whether that process still lives."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

# A live process touches state.json every second; after this long without, one on another machine is taken for dead.
SILENCE_SECONDS: Final = 5.0
# One on this machine is seen to be alive. If it is silent all the same it is out of breath, on a machine with too much
# to do; after this long it can no longer write, for example since the disk is full.
SILENCE_OF_THE_LIVING_SECONDS: Final = 60.0
# Runs that are under way are few; those that a machine elsewhere has left behind may be many, and need no memory.
_MOST_REMEMBERED: Final = 1000


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
    silence = _silence_seconds(file)
    return silence is not None and silence < (SILENCE_OF_THE_LIVING_SECONDS if is_here else SILENCE_SECONDS)


@dataclass(frozen=True)
class _Touch:
    """When a file was touched last, by the clock that stamps it, and what this process knows of that."""

    stamp: float  # seconds since 1970
    seen: float  # of the monotonic clock, when this process met the stamp first
    is_news: bool  # whether it met an earlier stamp before, so that the file was touched between two looks


_touches: Final[OrderedDict[Path, _Touch]] = OrderedDict()
_lock: Final = threading.Lock()


def _silence_seconds(file: Path) -> float | None:
    """Returns for how long a file has not been touched, None if it is gone.

    The stamp alone says it only where one clock serves all. Another machine's may be a year ahead, and what it stamped
    last would be fresh for a year; or behind, and what it stamps every second would be old. So what counts is when the
    stamp was seen to move on. Of a stamp that has not been, and lies in the future, nothing is known: its silence
    begins when it is first seen.
    """
    try:
        stamp = file.stat().st_mtime
    except OSError:
        return None
    with _lock:
        last = _touches.pop(file, None)
        if last is None or stamp != last.stamp:
            last = _Touch(stamp, time.monotonic(), last is not None and stamp > last.stamp)
        _touches[file] = last
        while len(_touches) > _MOST_REMEMBERED:
            _touches.popitem(last=False)
    age = time.time() - stamp
    return time.monotonic() - last.seen if last.is_news or age < 0 else age


def _is_alive(pid: Any, born: Any) -> bool:
    try:
        process = psutil.Process(int(pid))
        is_same = abs(process.create_time() - float(born)) < 1.0
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError):
        return False
