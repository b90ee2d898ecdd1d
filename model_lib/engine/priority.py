"""The priority of worker processes."""

from __future__ import annotations

import sys
from typing import Final

import psutil

_NICENESS: Final = 10


def lower_priority() -> None:
    """Lowers the priority of this process below the web server's: pages must respond quickly whatever is computed."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(_NICENESS)
