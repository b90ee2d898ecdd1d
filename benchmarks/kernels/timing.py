"""How long one call of a compiled function takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

_CALLS: Final = 4


def seconds_of(function: Callable[..., Any], inputs: Sequence[Any], rounds: int) -> float:
    """Returns the median time of one call.

    Args:
        function: compiled; its first call, which compiles it, does not count.
        inputs: its arguments.
        rounds: how often a few calls in a row are measured.
    """
    np.asarray(function(*inputs))
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(_CALLS):
            np.asarray(function(*inputs))  # JAX has only begun to compute when it returns
        times.append((time.perf_counter() - start) / _CALLS)
    return statistics.median(times)


def milliseconds(seconds: float) -> str:
    """Writes a time."""
    return f"{1000 * seconds:.2f} ms"
