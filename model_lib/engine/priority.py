"""The priority of worker processes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import psutil


def lower_priority(niceness: int) -> None:
    """Lowers the priority of this process below the web server's: pages must respond quickly whatever is computed.

    Args:
        niceness: from 1 to 19, the lowest priority; Windows has one step only, and Linux counts it for each thread:
            those that run already, but for the main one, keep theirs.
    """
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(niceness)


def lower_thread_priorities(niceness: int) -> None:
    """Does the same for all threads that the process has: on Linux each has a niceness of its own, new ones inherit it.

    Args:
        niceness: as in `lower_priority`.
    """
    lower_priority(niceness)
    if sys.platform == "linux":
        for thread in psutil.Process().threads():
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.setpriority(os.PRIO_PROCESS, thread.id, niceness)
