"""Log of a run's layer statistics: JSON Lines in the run's folder, appended while it is trained, read as it grows.

docs/run-format.md names every field.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from model_lib.diagnostics.statistics import (
    PROBABILITIES,
    QUANTITIES,
    LayerStatistics,
    NetworkStatistics,
    Quantiles,
)

STATISTICS_FILE: Final = "statistics.jsonl"


def append_start(folder: Path, step: int) -> None:
    """Notes that training begins, or resumes, at a step: what was measured after it is void.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    _append(folder, [{"kind": "started", "step": step}])


def append_statistics(folder: Path, measured: Sequence[NetworkStatistics]) -> None:
    """Appends measurements.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    _append(folder, [_to_json(each) for each in measured])


def _append(folder: Path, contents: Sequence[dict[str, Any]]) -> None:
    lines = [json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n" for content in contents]
    # One write of whole lines: a reader finds no half line of a writer that goes on, only of one that was killed.
    descriptor = os.open(folder / STATISTICS_FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        is_cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (("\n" if is_cut_off else "") + "".join(lines)).encode())
    finally:
        os.close(descriptor)


class StatisticsLog:
    """The measurements of one run, in the order of their steps, read incrementally.

    One object serves all visitors of a run.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._measured: list[NetworkStatistics] = []
        self._offset = 0
        self._lock = threading.Lock()

    def update(self) -> list[NetworkStatistics]:
        """Reads what was appended since the last call, and returns all measurements; none without a log.

        A last line without its end is left for the next call; damaged lines and unknown kinds are skipped.
        """
        with self._lock:
            try:
                with (self._folder / STATISTICS_FILE).open("rb") as file:
                    file.seek(self._offset)
                    content = file.read()
            except OSError:
                return list(self._measured)
            end = content.rfind(b"\n") + 1
            for line in content[:end].splitlines():
                self._measured = _extended(self._measured, line)
            self._offset += end
            return list(self._measured)


def read_statistics(folder: Path) -> list[NetworkStatistics]:
    """Reads all measurements of a run; none if there is no log, as in runs of older versions."""
    return StatisticsLog(folder).update()


def parse_statistics(content: bytes) -> list[NetworkStatistics]:
    """Returns the measurements in the content of a log; damaged lines and unknown kinds are skipped."""
    measured: list[NetworkStatistics] = []
    for line in content.splitlines():
        measured = _extended(measured, line)
    return measured


def _extended(measured: list[NetworkStatistics], line: bytes) -> list[NetworkStatistics]:
    """Returns the measurements so far with what one more line says."""
    try:
        content = json.loads(line)
        if content["kind"] == "started":
            step = _count(content["step"])
            return [each for each in measured if each.step <= step]
        if content["kind"] == "statistics":
            new = _from_json(content)
            return [each for each in measured if each.step < new.step] + [new]
    except (ValueError, KeyError, TypeError):
        pass
    return measured


def _to_json(measured: NetworkStatistics) -> dict[str, Any]:
    content = dataclasses.asdict(measured)
    for layer in content["layers"]:
        for name in (*QUANTITIES, "dead"):
            if layer[name] is None:
                del layer[name]
    return {"kind": "statistics", **content}


def _from_json(content: dict[str, Any]) -> NetworkStatistics:
    """Reads one measurement.

    Raises:
        ValueError, KeyError, TypeError: if a field is missing or not what it must be.
    """
    return NetworkStatistics(
        step=_count(content["step"]),
        images=_count(content["images"]),
        loss=_number_or_none(content["loss"]),
        seconds=_number(content["seconds"]),
        layers=tuple(_layer(layer) for layer in content["layers"]),
    )


def _layer(content: dict[str, Any]) -> LayerStatistics:
    quantiles = {name: _quantiles(content[name]) for name in QUANTITIES if content.get(name) is not None}
    return LayerStatistics(
        name=_text(content["name"]),
        kind=_text(content["kind"]),
        units=_count(content["units"]),
        dead=None if content.get("dead") is None else _count(content["dead"]),
        gradient_norm=_number_or_none(content["gradient_norm"]),
        **quantiles,
    )


def _quantiles(values: list[float]) -> Quantiles:
    if len(values) != len(PROBABILITIES):
        raise ValueError("not as many quantiles as probabilities")
    return tuple(map(_number, values))


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("not a count")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("not a text")
    return value


def _number_or_none(value: Any) -> float | None:
    return None if value is None else _number(value)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("not a finite number")
    return float(value)
