"""The canvas's JSON becomes strokes."""

import numpy as np
import pytest
from scipy.interpolate import BPoly

from model_lib.drawing.canvas_json import read_canvas
from model_lib.drawing.strokes import DrawingError


def _path(points: list[list[object]]) -> dict[str, object]:
    return {"objects": [{"type": "path", "path": points, "strokeWidth": 12}]}


def test_curves_of_the_canvas_are_read_as_they_bend() -> None:
    drawing = read_canvas(_path([["M", 0, 0], ["Q", 50, 100, 100, 0], ["L", 100, 50]]))
    (stroke,) = drawing.strokes
    np.testing.assert_allclose(stroke[0], [0, 0])
    np.testing.assert_allclose(stroke[2], [50, 50])  # half way along, a quadratic curve is at (start + 2 pull + end)/4
    np.testing.assert_allclose(stroke[-2:], [[100, 0], [100, 50]])
    assert drawing.pen_width_px == 12


@pytest.mark.parametrize("content", [None, {}, {"objects": []}, {"objects": [{"type": "rect"}, 7]}])
def test_an_empty_canvas_has_no_strokes(content: object) -> None:
    assert read_canvas(content).strokes == ()


@pytest.mark.parametrize(
    "content",
    [
        7,
        "objects",
        {"objects": 3},
        {"objects": "path"},
        {"objects": [{"type": "path"}]},
        {"objects": [{"type": "path", "path": "M 0 0"}]},
        _path([["M", 1]]),
        _path([["M", 1, float("nan")]]),
        _path([["M", 1, float("inf")]]),
        _path([["M", 1, "2"]]),
        _path([["A", 1, 2]]),
        _path([[]]),
        _path([7]),
        _path([["L", 1, 2]] * 600_000),
        {"objects": _path([["M", 1, 2]])["objects"] * 6_000},
    ],
)
def test_damaged_canvas_data_is_named(content: object) -> None:
    with pytest.raises(DrawingError):
        read_canvas(content)


def test_a_hundred_thousand_points_of_the_canvas_are_read() -> None:
    points = np.random.default_rng(1).uniform(0, 280, (100_000, 2)).tolist()
    drawing = read_canvas(_path([["M", *points[0]], *(["L", *point] for point in points[1:])]))
    assert drawing.strokes[0].shape == (100_000, 2)


def test_lines_and_curves_of_every_degree_are_flattened_as_scipy_does() -> None:
    rng = np.random.default_rng(1)
    controls = {letter: rng.uniform(0, 280, (k, 2)) for letter, k in (("Q", 2), ("C", 3), ("q", 2), ("L", 1))}
    start = np.array([10.0, 20.0])
    path = [["M", *start], *([letter, *points.ravel()] for letter, points in controls.items())]
    (stroke,) = read_canvas(_path([[letter, *map(float, numbers)] for letter, *numbers in path] + [["Z"]])).strokes
    expected = [start[None]]
    for points in controls.values():
        curve = BPoly(np.vstack([expected[-1][-1:], points])[:, None], [0, 1])
        expected.append(curve(np.linspace(0, 1, 5)[1:]) if len(points) > 1 else points)
    np.testing.assert_allclose(stroke, np.concatenate(expected))
