"""Pointer positions become the very path that the canvas sends; tests/data/README.md says how both were recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_lib.drawing.canvas_json import read_canvas
from model_lib.drawing.pointer_path import pointer_path

_RECORDED: list[dict[str, Any]] = json.loads((Path(__file__).parent.parent / "data/canvas_strokes.json").read_text())


@pytest.mark.parametrize("stroke", _RECORDED, ids=[f"{len(stroke['positions'])} positions" for stroke in _RECORDED])
def test_the_path_is_the_one_that_the_canvas_sent(stroke: dict[str, Any]) -> None:
    path = pointer_path(np.array(stroke["positions"]), stroke["pen_width_px"])
    assert [command[0] for command in path] == [command[0] for command in stroke["path"]]
    for command, sent in zip(path, stroke["path"], strict=True):
        np.testing.assert_allclose(command[1:], sent[1:], rtol=0, atol=1e-9)


def test_the_recorded_strokes_have_a_dot_points_that_are_dropped_and_one_that_leaves_the_canvas() -> None:
    counts = [(len(stroke["positions"]), len(stroke["path"])) for stroke in _RECORDED]
    assert (1, 2) in counts
    assert any(len(stroke["path"]) < len(stroke["positions"]) for stroke in _RECORDED)
    assert any(min(map(min, stroke["positions"])) < 0 for stroke in _RECORDED)


def test_a_growing_stroke_stands_still_at_its_beginning() -> None:
    positions = np.array([(float(place), float(place**2 % 7)) for place in range(40)])
    grown, whole = pointer_path(positions[:20], 18), pointer_path(positions, 18)
    assert grown[:17] == whole[:17]


def test_a_repeated_position_changes_nothing() -> None:
    positions = np.array([(3.0, 4.0), (8.0, 9.0), (20.0, 5.0), (30.0, 30.0)])
    assert pointer_path(positions.repeat(3, axis=0), 18) == pointer_path(positions, 18)


def test_what_comes_out_is_read_as_the_canvas_is() -> None:
    path = pointer_path(np.array([(10.0, 10.0), (100.0, 10.0), (100.0, 100.0), (200.0, 100.0)]), 12)
    (stroke,) = read_canvas({"objects": [{"type": "Path", "path": path}]}).strokes
    np.testing.assert_allclose(stroke[[0, -1]], [[10, 10], [200, 100]], atol=0.02)
