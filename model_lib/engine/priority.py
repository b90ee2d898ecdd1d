"""The priority of worker processes."""

from __future__ import annotations

import sys

import psutil


def lower_priority(niceness: int) -> None:
    """Lowers the priority of this process below the web server's: pages must respond quickly whatever is computed.

    Args:
        niceness: from 1 to 19, the lowest priority; Windows has one step only.
    """
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(niceness)
