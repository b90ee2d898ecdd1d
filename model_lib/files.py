"""Atomic file writes, JSON and NumPy archives, and tables as CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

# On Windows a file that another process has open cannot be replaced (PermissionError). Readers of this project close
# theirs within milliseconds, so the last attempt comes after a quarter of a second.
_REPLACE_DELAYS_SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.1)


def write_atomic(file: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes a file atomically: a reader finds the old content or the new, never part of it.

    Args:
        file: the target; a file of that name is replaced.
        write: writes the content into the open stream.

    Raises:
        OSError: if the disk is full or the folder cannot be written; nothing is left behind then.
    """
    temporary = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}")
    try:
        with temporary.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        _replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def _replace(source: Path, target: Path) -> None:
    """Renames a file over another one, again after a short delay while a reader on Windows has that one open."""
    for delay_seconds in _REPLACE_DELAYS_SECONDS:
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(delay_seconds)
        else:
            return
    source.replace(target)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Writes a JSON file atomically."""
    text = json.dumps(content, indent=2) + "\n"
    write_atomic(file, lambda stream: stream.write(text.encode()))


def read_json(file: Path) -> dict[str, Any]:
    """Reads a JSON object.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it holds anything else than an object.
    """
    content = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{file.name} must hold an object. Received: {content!r:.80}.")
    return content


def write_arrays(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes named arrays as `.npz`, atomically."""
    write_atomic(file, lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]


def read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """Reads all arrays of an `.npz`.

    Raises:
        OSError, ValueError: if the file is missing or damaged.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except OSError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise exceptions of their own for a damaged file
        raise ValueError(f"{file.name} is damaged: {error}") from error


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Returns a table as CSV: one line of column names, then a line a row."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()
