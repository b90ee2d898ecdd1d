"""Variants of drawn digits: the same digit by another hand, or as another allograph.

What MNIST hardly has and many people write: slashed and dotted zeros, ones with base and flag, open and closed fours,
barred sevens, nines with a hooked tail; other slants and proportions, shaky, joined and broken strokes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.drawing.strokes import Strokes

Stroke = NDArray[np.float64]

# Distance of neighbouring points after resampling, relative to the height of the digit.
_SPACING: Final = 0.03
_CONTROL_POINTS: Final = 4


@dataclass(frozen=True)
class StrokeVariation:
    """Parameters of the variants. Lengths are relative to the larger side of the digit's bounding box.

    Args:
        rotation_degrees: bound of a uniform distribution.
        shear: bound of the horizontal shear, uniform.
        stretch: bound of the logarithm of the aspect ratio's change, uniform.
        bend: standard deviation of a smooth displacement field at its control points.
        tremor: upper bound of the standard deviation of the noise along a stroke.
        apart: standard deviation of each stroke's own translation.
        allograph: probability of the change that the digit has in `_ALLOGRAPHS`.
        joined: probability that two strokes in succession are drawn without lifting the pen.
        broken: probability that a stroke has a gap.
        trimmed: upper bound of the fraction of a stroke that is missing at either end.
    """

    rotation_degrees: float = 12.0
    shear: float = 0.25
    stretch: float = 0.25
    bend: float = 0.05
    tremor: float = 0.015
    apart: float = 0.02
    allograph: float = 0.35
    joined: float = 0.06
    broken: float = 0.06
    trimmed: float = 0.06


def vary_strokes(
    strokes: Strokes, digit: int, rng: np.random.Generator, variation: StrokeVariation | None = None
) -> list[Stroke]:
    """Returns one random variant of a drawn digit.

    Args:
        strokes: (k, 2) arrays of x, y, y down, in any unit; at least one point.
        digit: 0 to 9, for its allographs.
        rng: random number generator.
        variation: how far the variants go; None for the usual one.

    Returns:
        The strokes, (k, 2) float64 each, x, y in units of the larger side of the digit's bounding box.
    """
    how = variation or StrokeVariation()
    varied = normalise_strokes(strokes)
    varied = [_trimmed(stroke, rng, how.trimmed) + rng.normal(0, how.apart, 2) for stroke in varied]
    if digit in _ALLOGRAPHS and rng.random() < how.allograph:
        varied = _ALLOGRAPHS[digit](varied, rng)
    varied = _joined(varied, rng, how.joined)
    varied = [part for stroke in varied for part in _broken(stroke, rng, how.broken)]
    varied = bend_strokes([resample_stroke(stroke) for stroke in varied], rng, how.bend)
    tremor = rng.uniform(0, how.tremor)
    matrix = random_affine(rng, how)
    return [shake_stroke(stroke, rng, tremor) @ matrix.T for stroke in varied]


def normalise_strokes(strokes: Strokes) -> list[Stroke]:
    """Moves the middle of the bounding box to 0 and scales its larger side to 1; leaves empty strokes out."""
    kept = [np.asarray(stroke, np.float64) for stroke in strokes if len(stroke)]
    points = np.concatenate(kept)
    low, high = points.min(axis=0), points.max(axis=0)
    return [(stroke - (low + high) / 2) / max(float((high - low).max()), 1e-9) for stroke in kept]


def _box(strokes: list[Stroke]) -> tuple[float, float, float, float]:
    """Returns left, top, right and bottom."""
    points = np.concatenate(strokes)
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom


def _line(*points: tuple[float, float]) -> Stroke:
    return np.array(points, np.float64)


def _zero(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """A slash through the 0, or a dot in it; a 0 of several strokes has one already."""
    if len(strokes) > 1:
        return strokes
    left, top, right, bottom = _box(strokes)
    x, y = (left + right) / 2, (top + bottom) / 2
    wide, tall = right - left, bottom - top
    if rng.random() < 0.25:
        half = rng.uniform(0, 0.12)
        return [*strokes, _line((x + half * rng.uniform(0, 1), y - half), (x - half * rng.uniform(0, 1), y + half))]
    reach = rng.uniform(0.3, 0.65)
    across, up = reach * wide * rng.uniform(0.6, 1.1), reach * tall
    ends = (x - across, y + up), (x + across, y - up)
    return [*strokes, _line(*(ends if rng.random() < 0.9 else ((x - across, y - up), (x + across, y + up))))]


def _one(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Another flag, a base, a flag or both; a 1 of several strokes has its base already."""
    stem = strokes[0]
    apex = int(stem[:, 1].argmin())
    has_flag = 2 <= apex <= 0.7 * len(stem)
    if has_flag:
        # Shorter to much longer, steeper or flatter.
        angle = np.deg2rad(rng.uniform(-14, 14))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * rng.uniform(0.6, 1.7)
        flag = (stem[:apex] - stem[apex]) @ turn.T + stem[apex]
        strokes = [np.concatenate([flag, stem[apex:]]), *strokes[1:]]
    if len(strokes) > 1:
        return strokes
    top, bottom = stem[apex], stem[stem[:, 1].argmax()]
    added = []
    # 1: base, 2: flag, 3: both
    parts = int(rng.random() < 0.4) if has_flag else int(rng.integers(1, 4))
    if parts & 1:
        tilt = rng.uniform(-0.06, 0.06)
        left, right = rng.uniform(0.1, 0.35, 2)
        added.append(_line((bottom[0] - left, bottom[1] - tilt), (bottom[0] + right, bottom[1] + tilt)))
    if parts & 2:
        # In much of Europe as long as the roof of a 7; a flatter one makes a 7 of the 1, also for people.
        down = rng.uniform(0.1, 0.65)
        across = down * rng.uniform(0.4, 1.2)
        added.append(_line((top[0] - across, top[1] + down), (float(top[0]), float(top[1]))))
    return [*strokes, *added]


def _four(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Closes an open 4, or opens it further: the stem begins at the first stroke's beginning, or away from it."""
    if len(strokes) < 2:
        return strokes
    first, stem = strokes[0], strokes[-1]
    if rng.random() < 0.5:
        shift = np.array([rng.uniform(-0.15, 0.15), 0.0])
        begin = rng.uniform(0, 0.3)
        return [*strokes[:-1], stem[int(begin * len(stem)) :] + shift if len(stem) > 3 else stem + shift]
    return [*strokes[:-1], np.concatenate([first[:1], stem])]


def _seven(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """A bar through the stem, a serif at the beginning, or both; a 7 of several strokes has its bar already."""
    added = []
    parts = int(rng.choice([1, 1, 2, 3]))  # 1: bar, 2: serif, 3: both
    if parts & 1 and len(strokes) == 1:
        _, top, _, bottom = _box(strokes)
        y = top + (bottom - top) * rng.uniform(0.38, 0.68)
        below = strokes[0][strokes[0][:, 1] > top + 0.3 * (bottom - top)]
        if len(below):
            x = float(below[np.abs(below[:, 1] - y).argmin(), 0])
            left, right = rng.uniform(0.1, 0.3, 2)
            tilt = rng.uniform(-0.08, 0.05)
            added.append(_line((x - left, y - tilt), (x + right, y + tilt)))
    if parts & 2:
        begin = strokes[0][0]
        down = rng.uniform(0.06, 0.2)
        added.append(_line((begin[0] - rng.uniform(-0.03, 0.06), begin[1] + down), (float(begin[0]), float(begin[1]))))
    return [*strokes, *added]


def _nine(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """A tail that hooks to the left, from a little to all the way under the loop."""
    last = strokes[-1]
    radius, end = rng.uniform(0.08, 0.25), rng.uniform(60, 190)
    angles = np.deg2rad(np.linspace(0, end, 12))
    hook = last[-1] + radius * np.stack([np.cos(angles) - 1, np.sin(angles)], axis=1)
    return [*strokes[:-1], np.concatenate([last, hook[1:]])]


_ALLOGRAPHS: Final[Mapping[int, Callable[[list[Stroke], np.random.Generator], list[Stroke]]]] = {
    0: _zero,
    1: _one,
    4: _four,
    7: _seven,
    9: _nine,
}


def _trimmed(stroke: Stroke, rng: np.random.Generator, bound: float) -> Stroke:
    if len(stroke) < 8:
        return stroke
    begin, end = (rng.uniform(0, bound, 2) * len(stroke)).astype(int)
    return stroke[begin : len(stroke) - end]


def _joined(strokes: list[Stroke], rng: np.random.Generator, probability: float) -> list[Stroke]:
    joined = strokes[:1]
    for stroke in strokes[1:]:
        if rng.random() < probability:
            joined[-1] = np.concatenate([joined[-1], stroke])
        else:
            joined.append(stroke)
    return joined


def _broken(stroke: Stroke, rng: np.random.Generator, probability: float) -> list[Stroke]:
    if len(stroke) < 12 or rng.random() >= probability:
        return [stroke]
    place, gap = rng.uniform(0.2, 0.8), rng.uniform(0.02, 0.08)
    return [stroke[: int((place - gap / 2) * len(stroke))], stroke[int((place + gap / 2) * len(stroke)) + 1 :]]


def resample_stroke(stroke: Stroke) -> Stroke:
    """Returns points along the stroke at equal distances of at most `_SPACING`."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    if lengths[-1] < 1e-9:
        return stroke[:1]
    places = np.linspace(0, lengths[-1], max(2, int(np.ceil(lengths[-1] / _SPACING)) + 1))
    return np.stack([np.interp(places, lengths, stroke[:, axis]) for axis in (0, 1)], axis=1)


def bend_strokes(strokes: list[Stroke], rng: np.random.Generator, deviation: float) -> list[Stroke]:
    """Displaces the points by a smooth random field, a quadratic B-spline of 4 x 4 control points."""
    field = rng.normal(0, deviation, (2, _CONTROL_POINTS, _CONTROL_POINTS))
    bent = []
    for stroke in strokes:
        across, down = (_spline(stroke[:, axis]) for axis in (0, 1))
        bent.append(stroke + np.einsum("ky,ayx,kx->ka", down, field, across))
    return bent


def _spline(offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the weight of each control point at each offset from the middle, (k, control points)."""
    places = offsets[:, None] * (_CONTROL_POINTS - 1) + (_CONTROL_POINTS - 1) / 2
    distance = np.abs(places - np.arange(_CONTROL_POINTS))
    far = 0.5 * np.square(np.clip(1.5 - distance, 0, None))
    return np.asarray(np.where(distance < 0.5, 0.75 - distance**2, far), dtype=np.float64)


def shake_stroke(stroke: Stroke, rng: np.random.Generator, deviation: float) -> Stroke:
    """Adds noise that is correlated over some neighbouring points, as of a trembling hand."""
    noise = rng.normal(0, deviation, (len(stroke) + 2, 2))
    smooth = (noise[:-2] + noise[1:-1] + noise[2:]) / np.sqrt(3)
    return np.asarray(stroke + smooth, dtype=np.float64)


def random_affine(rng: np.random.Generator, how: StrokeVariation) -> NDArray[np.float64]:
    """Returns a random turn, shear and stretch, a (2, 2) matrix."""
    angle = np.deg2rad(rng.uniform(-how.rotation_degrees, how.rotation_degrees))
    stretch, shear = np.exp(rng.uniform(-how.stretch, how.stretch) / 2), rng.uniform(-how.shear, how.shear)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ np.array([[stretch, shear], [0.0, 1 / stretch]]))
