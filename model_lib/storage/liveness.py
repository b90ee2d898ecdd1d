"""Run ownership: which process owns a run, and whether it is alive."""

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

# The heartbeat is every second; after this long without one, an owner on another machine counts as dead.
REMOTE_HEARTBEAT_TIMEOUT_SECONDS: Final = 5.0
# An owner on this machine whose process exists may be overloaded: heartbeats may be late. After this long it can no
# longer write, for example on a full disk.
LOCAL_HEARTBEAT_TIMEOUT_SECONDS: Final = 60.0
# Active runs are few; runs that other machines abandoned may be many.
_MAX_TRACKED_HEARTBEATS: Final = 1000


def this_process() -> dict[str, Any]:
    """Returns the identity of this process; its start time tells it from others that get the same pid later.

    Returns:
        host: host name; pid: process id; born: start time in seconds since 1970.
    """
    return {"host": socket.gethostname(), "pid": os.getpid(), "born": psutil.Process().create_time()}


def is_owner_alive(record: Mapping[str, Any], file: Path) -> bool:
    """Returns whether the owner process in a record exists and, unless the run is queued, its heartbeat is recent.

    Args:
        record: content of a run's state.json, with the fields of `this_process`.
        file: that state.json, whose modification time is the heartbeat.
    """
    is_local = record.get("host") == socket.gethostname()
    if is_local and not _is_alive(record.get("pid"), record.get("born")):
        return False
    if record.get("state") == "queued":
        return True
    age = _heartbeat_age_seconds(file)
    return age is not None and age < (LOCAL_HEARTBEAT_TIMEOUT_SECONDS if is_local else REMOTE_HEARTBEAT_TIMEOUT_SECONDS)


@dataclass(frozen=True, kw_only=True)
class _Heartbeat:
    """The newest modification time of a file, and when this process first observed it.

    Args:
        modified: seconds since 1970, by the clock of the machine that wrote it.
        observed: monotonic clock of this process.
        has_advanced: whether an earlier modification time was observed before.
    """

    modified: float
    observed: float
    has_advanced: bool


_heartbeats: Final[OrderedDict[Path, _Heartbeat]] = OrderedDict()
_lock: Final = threading.Lock()


def _heartbeat_age_seconds(file: Path) -> float | None:
    """Returns the time since the last heartbeat, None if the file is gone.

    The modification time is comparable with this machine's clock only if both agree. On another machine the clock may
    be a year ahead, and its last heartbeat would be recent for a year; or behind, and every heartbeat would be old.
    So the age counts from when the modification time was observed to advance. For one that lies in the future and has
    not advanced, it counts from the first observation.
    """
    try:
        modified = file.stat().st_mtime
    except OSError:
        return None
    with _lock:
        last = _heartbeats.pop(file, None)
        if last is None or modified != last.modified:
            has_advanced = last is not None and modified > last.modified
            last = _Heartbeat(modified=modified, observed=time.monotonic(), has_advanced=has_advanced)
        _heartbeats[file] = last
        while len(_heartbeats) > _MAX_TRACKED_HEARTBEATS:
            _heartbeats.popitem(last=False)
    age = time.time() - modified
    return time.monotonic() - last.observed if last.has_advanced or age < 0 else age


def _is_alive(pid: Any, start_time: Any) -> bool:
    try:
        process = psutil.Process(int(pid))
        is_same = abs(process.create_time() - float(start_time)) < 1.0
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError):
        return False
