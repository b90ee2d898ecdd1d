"""Timing of compiled functions."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

_CALLS: Final = 4


def seconds_of(function: Callable[..., Any], inputs: Sequence[Any], rounds: int) -> float:
    """Measures the median time of one call.

    Args:
        function: compiled; its first call, which traces and compiles it, does not count.
        inputs: its arguments.
        rounds: number of measurements, each of a few calls in a row.

    Returns:
        Seconds per call.
    """
    np.asarray(function(*inputs))
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(_CALLS):
            np.asarray(function(*inputs))  # JAX dispatches asynchronously; this waits
        times.append((time.perf_counter() - start) / _CALLS)
    return statistics.median(times)


def milliseconds(seconds: float) -> str:
    """Formats a time."""
    return f"{1000 * seconds:.2f} ms"
