"""Files that exist only when they are whole: written beside, flushed, then renamed. And tables as CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


def write_whole(file: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes a file so that a reader finds the old one or the new one, never half of it.

    Args:
        file: where it will stand; a file of that name is replaced.
        write: is given the open file.

    Raises:
        OSError: if the disk is full or the folder cannot be written; nothing is left behind then.
    """
    beside = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}")
    try:
        with beside.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Writes a JSON file whole."""
    text = json.dumps(content, indent=2) + "\n"
    write_whole(file, lambda stream: stream.write(text.encode()))


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
    """Writes named arrays as `.npz`, whole."""
    write_whole(file, lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]


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
    except Exception as error:  # zipfile, zlib and NumPy each have their own words for "damaged"
        raise ValueError(f"{file.name} is damaged: {error}") from error


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Returns a table as CSV: one line of column names, then a line a row."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()
