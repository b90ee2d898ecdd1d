"""`python -m benchmarks.drawing.photos` measures how well photographed digits and numbers are read, by surface.

The photographs are made from pen strokes by the camera model of `benchmarks.drawing.camera`; there are no real ones.
The digits are those of `TEST_WRITERS`, under the conditions `TEST`; `--tuning` takes the other writers and `TUNING`.
Beside what is read stands what the network makes of the same digits' strokes, drawn without a camera, and how many
numbers were cut into the right count of digits: so errors of the network and of what comes before it are told apart.
`--old ../old` reads the same pictures with a checkout of an older version (c780756) too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.drawing.camera import Conditions, photograph
from benchmarks.drawing.camera_conditions import TEST, TUNING
from benchmarks.drawing.numbers import DrawnNumber, compose_number, in_digit_heights
from benchmarks.report import print_heading, print_table
from model_lib.datasets.loading import TEST_WRITERS
from model_lib.drawing.ink_segmentation import split_ink
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.photos import frame_ink, read_picture
from model_lib.drawing.picture_file import PictureError
from model_lib.drawing.segmentation import split_digits
from model_lib.drawing.strokes import Drawing
from model_lib.predictions import load_pretrained, predict

# A number on the canvas: so many pixels a digit's height.
_CANVAS_PX, _CANVAS_MARGIN_PX, _DIGIT_PX = 640, 40, 90
# Runs in the folder of the old version. It could not cut photographs apart.
_OLD_READER: Final = """
import json, sys
from pathlib import Path
import numpy as np
from model_lib.canvas import split_digits
from model_lib.drawing import Drawing, strokes_to_image
from model_lib.photographs import PictureError, frame_picture
from model_lib.predictions import load_pretrained, predict
folder = Path(sys.argv[1])
def read(images):
    return "".join(map(str, predict(load_pretrained(), np.stack(images)).argmax(axis=1))) if images else ""
def read_photograph(file):
    try:
        return read([frame_picture(file.read_bytes()).image])
    except PictureError:
        return ""
drawings = json.loads((folder / "drawings.json").read_text())
answers = {file.name: read_photograph(file) for file in folder.glob("*.jpg")}
for name, (strokes, size) in drawings.items():
    parts = split_digits(Drawing(tuple(np.array(stroke) for stroke in strokes), size))
    answers[name] = read([strokes_to_image(part.strokes, part.canvas_size) for part in parts])
(folder / "answers.json").write_text(json.dumps(answers))
"""


@dataclass
class _Results:
    """One row of the table; each list has one truth value for each picture."""

    title: str
    is_right: list[bool] = field(default_factory=list)
    is_right_drawn: list[bool] = field(default_factory=list)
    is_cut_right: list[bool] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of the files that an older version reads
    truths: list[str] = field(default_factory=list)


class _Digits:
    """The drawn digits of some writers, with the network's answers to each.

    Args:
        is_test: whether those of `TEST_WRITERS` or of all others.
    """

    def __init__(self, is_test: bool) -> None:
        drawings, labels, writers = read_drawings(STROKES_FILE)
        of_test = np.isin(writers.astype(int), TEST_WRITERS)
        places = np.flatnonzero(of_test == is_test)
        self.drawings = [drawings[place] for place in places]
        self.labels, self.writers = labels[places], writers[places]

    def read(self, places: Sequence[int]) -> str:
        """Returns what the network reads of the strokes themselves."""
        return _read([_image_of(self.drawings[place]) for place in places])


def main() -> None:
    """Reads the command line and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--digits", type=int, default=400, help="photographs of single digits, for each surface")
    parser.add_argument("--numbers", type=int, default=200, help="photographs of numbers, for each surface")
    parser.add_argument("--drawn", type=int, default=1_000, help="numbers drawn on the canvas")
    parser.add_argument("--surfaces", nargs="+", choices=[each.title for each in TEST.surfaces], help="only these")
    parser.add_argument("--tuning", action="store_true", help="take the tuning set")
    parser.add_argument("--old", type=Path, help="folder of an older version, c780756")
    options = parser.parse_args()
    conditions, digits = (TUNING, _Digits(False)) if options.tuning else (TEST, _Digits(True))
    print_heading("Tuning set" if options.tuning else "Test set")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = [
            place
            for place, surface in enumerate(conditions.surfaces)
            if options.surfaces is None or surface.title in options.surfaces
        ]
        singles = [_photograph_digits(digits, conditions, place, options.digits, folder) for place in chosen]
        numbers = [_photograph_numbers(digits, conditions, place, options.numbers) for place in chosen]
        drawn = _draw_numbers(digits, conditions, options.drawn, folder)
        old = _read_with(options.old, folder) if options.old else {}
    _print("Photographs of single digits: read right", singles, old)
    _print("Photographs of numbers of 2 to 5 digits: whole and right", numbers, {})
    _print("Numbers of 2 to 5 digits drawn on the canvas: whole and right", [drawn], old)


def _photograph_digits(digits: _Digits, conditions: Conditions, place: int, count: int, folder: Path) -> _Results:
    """Photographs single digits on the surface of that place, and keeps the files for an older version."""
    surface = conditions.surfaces[place]
    results = _Results(surface.title)
    rng = np.random.default_rng([1, place])
    for source in rng.choice(len(digits.labels), min(count, len(digits.labels)), replace=False).tolist():
        strokes = in_digit_heights(digits.drawings[source])
        content = photograph(strokes, rng.uniform(*surface.pen_width), surface, conditions, rng)
        name, truth = f"{surface.title}-{len(results.names)}.jpg", str(digits.labels[source])
        (folder / name).write_bytes(content)
        results.names.append(name)
        results.truths.append(truth)
        try:
            ink = read_picture(content)
            answer, parts = _read([frame_ink(ink).image]), len(split_ink(ink))
        except PictureError:
            answer, parts = "", 0
        results.is_right.append(answer == truth)
        results.is_right_drawn.append(digits.read([source]) == truth)
        results.is_cut_right.append(parts == 1)
    return results


def _photograph_numbers(digits: _Digits, conditions: Conditions, place: int, count: int) -> _Results:
    """Photographs numbers on the surface of that place."""
    surface = conditions.surfaces[place]
    results = _Results(surface.title)
    rng = np.random.default_rng([2, place])
    for _ in range(count):
        pen_width = rng.uniform(*surface.pen_width)
        composed = _compose(digits, pen_width, conditions, rng)
        content = photograph(composed.strokes, pen_width, surface, conditions, rng)
        try:
            parts = [frame_ink(part).image for part in split_ink(read_picture(content))]
        except PictureError:
            parts = []
        _note(results, composed, digits, parts)
    return results


def _draw_numbers(digits: _Digits, conditions: Conditions, count: int, folder: Path) -> _Results:
    results = _Results("canvas")
    rng = np.random.default_rng(3)
    drawings = {}
    for number in range(count):
        # Gaps are those between the paths: the pen's width does not matter to strokes.
        composed = _compose(digits, 0.0, conditions, rng)
        strokes = [_DIGIT_PX * stroke + _CANVAS_MARGIN_PX for stroke in composed.strokes]
        parts = split_digits(Drawing(tuple(strokes), _CANVAS_PX))
        _note(results, composed, digits, [_image_of(part) for part in parts])
        results.names.append(f"canvas-{number}")
        drawings[f"canvas-{number}"] = ([stroke.tolist() for stroke in strokes], _CANVAS_PX)
    (folder / "drawings.json").write_text(json.dumps(drawings), encoding="utf-8")
    return results


def _compose(digits: _Digits, pen_width: float, conditions: Conditions, rng: np.random.Generator) -> DrawnNumber:
    return compose_number(digits.drawings, digits.labels, digits.writers, pen_width, conditions, rng)


def _note(results: _Results, number: DrawnNumber, digits: _Digits, parts: list[NDArray[np.float32]]) -> None:
    results.is_right.append(_read(parts) == number.text)
    results.is_right_drawn.append(digits.read(number.sources) == number.text)
    results.is_cut_right.append(len(parts) == len(number.text))
    results.truths.append(number.text)


def _image_of(drawing: Drawing) -> NDArray[np.float32]:
    image = drawing.image
    return np.zeros((28, 28), np.float32) if image is None else image


def _read(images: Sequence[NDArray[np.float32]]) -> str:
    """Returns what the bundled network reads, one digit an image."""
    if not images:
        return ""
    return "".join(map(str, predict(load_pretrained(), np.stack(images)).argmax(axis=1)))


def _read_with(version: Path, folder: Path) -> dict[str, str]:
    """Returns the answers of another version to the files of a folder."""
    environment = os.environ | {"PYTHONPATH": str(version.resolve()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", _OLD_READER, str(folder)]
    subprocess.run(command, cwd=version, env=environment, check=True)
    answers: dict[str, str] = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return answers


def _print(title: str, rows: list[_Results], old: dict[str, str]) -> None:
    """Prints one table; a share in % with its 95 % interval by Wilson's method."""
    print(title)
    total = _Results("all")
    for results in rows:
        for name in ("is_right", "is_right_drawn", "is_cut_right", "names", "truths"):
            getattr(total, name).extend(getattr(results, name))
    columns = ["surface", "pictures", "right", "95 %", "network alone", "cut right", *(["c780756"] if old else [])]
    table = []
    for results in (*rows, total) if len(rows) > 1 else rows:
        count = len(results.is_right)
        if not count:
            continue
        interval = stats.binomtest(sum(results.is_right), count).proportion_ci(method="wilson")
        cells = [
            results.title,
            str(count),
            f"{100 * np.mean(results.is_right):.1f}",
            f"{100 * interval.low:.1f} to {100 * interval.high:.1f}",
            f"{100 * np.mean(results.is_right_drawn):.1f}",
            f"{100 * np.mean(results.is_cut_right):.1f}",
        ]
        if old:
            is_right = [old[name] == truth for name, truth in zip(results.names, results.truths, strict=True)]
            cells.append(f"{100 * np.mean(is_right):.1f}")
        table.append(cells)
    print_table(columns, table)


if __name__ == "__main__":
    main()
