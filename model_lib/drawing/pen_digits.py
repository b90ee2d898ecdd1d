"""`python -m model_lib.drawing.pen_digits` rasterises the strokes of data/pen_digits.json.gz into data/pen_digits.npz.

They take the path of a drawing on the canvas, 1 ms a digit. The images lie in the repository so that neither a page nor
a training waits for that.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import PEN_DIGITS_FILE, PEN_DIGITS_SHA256
from model_lib.drawing.strokes import Drawing

STROKES_FILE: Final = PEN_DIGITS_FILE.with_name("pen_digits.json.gz")


def read_drawings(path: Path, count: int | None = None) -> tuple[list[Drawing], NDArray[np.int64], NDArray[np.str_]]:
    """Reads drawn digits.

    Args:
        path: a JSON list, gzipped or not, of {"digit": 0 to 9, "writer": text, "strokes": [[[x, y], ...], ...]}.
        count: how many, chosen evenly; None for all.

    Returns:
        The drawings, on canvases of 280 x 280 pixels, their digits (n,) and their writers (n,).

    Raises:
        OSError, EOFError, ValueError, KeyError, TypeError: if the file is missing or has another form.
    """
    content = path.read_bytes()
    entries = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    if not isinstance(entries, list) or not entries:
        raise ValueError("it must hold a list of digits")
    if count is not None:
        entries = [entries[place] for place in np.linspace(0, len(entries) - 1, min(count, len(entries))).astype(int)]
    drawings = [Drawing(tuple(np.array(stroke, float) for stroke in entry["strokes"])) for entry in entries]
    labels = np.array([int(entry["digit"]) for entry in entries])
    return drawings, labels, np.array([str(entry["writer"]) for entry in entries])


def rasterise(path: Path, count: int | None = None) -> dict[str, NDArray[Any]]:
    """Rasterises drawn digits as the canvas does.

    Args:
        path: see `read_drawings`; writers are numbers here, and no drawing is empty.
        count: see `read_drawings`.

    Returns:
        "images" (n, 28, 28), "labels" (n,) and "writers" (n,), uint8, writer by writer, each in the order of the file.
    """
    drawings, labels, names = read_drawings(path, count)
    writers = names.astype(np.uint8)
    order = np.argsort(writers, kind="stable")
    images = [np.rint(np.asarray(drawings[place].image) * 255).astype(np.uint8) for place in order.tolist()]
    return {"images": np.stack(images), "labels": labels.astype(np.uint8)[order], "writers": writers[order]}


def main() -> None:
    """Writes the file and says whether it is the one that the project expects."""
    np.savez_compressed(PEN_DIGITS_FILE, **rasterise(STROKES_FILE))  # type: ignore[arg-type]
    content = PEN_DIGITS_FILE.read_bytes()
    checksum = hashlib.sha256(content).hexdigest()
    verdict = "as expected" if checksum == PEN_DIGITS_SHA256 else f"not {PEN_DIGITS_SHA256}"
    print(f"{PEN_DIGITS_FILE}: {len(content):,} bytes, sha256 {checksum}, {verdict}")


if __name__ == "__main__":
    main()
