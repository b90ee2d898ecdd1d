"""What all benchmarks print: the machine, the date, and tables that Markdown understands."""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def print_heading(title: str) -> None:
    """Prints what was measured, on which machine, and when; a busy machine is named as one."""
    print(f"\n{title}")
    load = f", load {os.getloadavg()[0]:.1f} before the start" if hasattr(os, "getloadavg") else ""
    print(f"{_processor()}, {os.cpu_count()} cores{load}; {_versions()}; {datetime.date.today()}\n", flush=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table; all columns but the first are numbers and stand to the right."""
    widths = [max(len(row[column]) for row in (columns, *rows)) for column in range(len(columns))]
    for number, row in enumerate((columns, *rows)):
        print(
            "| "
            + " | ".join(
                _padded(cell, width, column) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            + " |"
        )
        if number == 0:
            print(
                "|"
                + "|".join("-" * (width + 1) + ("-" if column == 0 else ":") for column, width in enumerate(widths))
                + "|"
            )
    print(flush=True)


def percent(shares: Sequence[float] | float, digits: int = 2) -> str:
    """Writes a share, 0 to 1, or the mean of several."""
    return f"{100 * float(np.mean(shares)):.{digits}f} %"


def measured_peak(size: int = 2048, repeats: int = 7) -> float:
    """Measures the processor's floating-point operations a second in a float32 matrix product, the best of several."""
    import tensorflow as tf

    left, right = tf.random.normal([size, size]), tf.random.normal([size, size])
    tf.matmul(left, right).numpy()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        tf.matmul(left, right).numpy()
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times)


def _padded(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="ignore").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _versions() -> str:
    from importlib.metadata import version

    return f"Python {platform.python_version()}, TensorFlow {version('tensorflow')}, Keras {version('keras')}"
