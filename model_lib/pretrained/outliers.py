"""Non-digits that the bundled network learns to be unsure of (outlier exposure): their target is uniform.

Other kinds than those on which that is measured (`benchmarks.drawing.unknown`).

Source: D. Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.drawing.stroke_variants import (
    Stroke,
    StrokeVariation,
    bend_strokes,
    normalise_strokes,
    random_affine,
    resample_stroke,
    shake_stroke,
)
from model_lib.drawing.strokes import Strokes, strokes_to_image

# Draws one image from a digit's strokes and its class.
Draw = Callable[[np.random.Generator, Strokes, int], NDArray[np.uint8]]

# Digits that are none in the mirror, and upside down.
_MIRRORED: Final = (3, 6, 7, 9)
_UPSIDE_DOWN: Final = (4, 7)


def draw_outlier(kind: str, strokes: Strokes, digit: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draws one non-digit.

    Args:
        kind: a name in `OUTLIER_KINDS`.
        strokes: of a drawn digit, of which some kinds are made.
        digit: its class.
        rng: random number generator.

    Returns:
        (28, 28) uint8, framed like a drawing.
    """
    return OUTLIER_KINDS[kind][0](rng, strokes, digit)


def _spoilt(rng: np.random.Generator, strokes: Strokes, _: int) -> NDArray[np.uint8]:
    """A digit with two or three strokes across it; one stroke through a 0 or a 7 is a digit still."""
    across = [_arc(rng, rng.uniform(-0.3, 0.3, 2), rng.uniform(0.25, 0.5))]
    for _place in range(int(rng.integers(1, 3))):
        angle = rng.uniform(0, 2 * np.pi)
        reach = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.45, 0.8)
        middle = rng.uniform(-0.25, 0.25, 2)
        across.append(_curve(rng, middle - reach, middle + reach))
    return _image([*normalise_strokes(strokes), *across], rng)


def _sign(rng: np.random.Generator, _strokes: Strokes, _digit: int) -> NDArray[np.uint8]:
    """Three to six lines and arcs between points of a grid; fewer are often a digit."""
    return _image(_random_sign(rng, int(rng.integers(3, 7))), rng)


def _mirrored(rng: np.random.Generator, strokes: Strokes, digit: int) -> NDArray[np.uint8]:
    """A digit in the mirror or upside down, where that is no digit; another kind for all others."""
    if digit in _MIRRORED:
        flip = np.array([-1.0, 1.0])
    elif digit in _UPSIDE_DOWN:
        flip = np.array([1.0, -1.0])
    else:
        return _spoilt(rng, strokes, digit)
    return _image([stroke * flip for stroke in normalise_strokes(strokes)], rng)


def _beside(rng: np.random.Generator, strokes: Strokes, _: int) -> NDArray[np.uint8]:
    """A digit with a sign beside it."""
    number = normalise_strokes(strokes)
    sign = [stroke * rng.uniform(0.5, 1) for stroke in _random_sign(rng, int(rng.integers(1, 5)))]
    side = rng.choice([-1, 1])
    edge = max(float((side * stroke[:, 0]).max()) for stroke in number)
    begin = min(float((side * stroke[:, 0]).min()) for stroke in sign)
    shift = np.array([side * (edge - begin + rng.uniform(0.02, 0.35)), rng.uniform(-0.2, 0.2)])
    return _image([*number, *(stroke + shift for stroke in sign)], rng)


def _wave(rng: np.random.Generator, _strokes: Strokes, _digit: int) -> NDArray[np.uint8]:
    """A Lissajous figure that may drift; with equal frequencies it would be a 0."""
    slow = rng.uniform(1.5, 4)
    fast = slow + rng.uniform(0.7, 4)
    angles = np.linspace(0, rng.uniform(1, 2) * np.pi, 120)[:, None] * rng.permutation([slow, fast])
    path = 0.5 * np.sin(angles + rng.uniform(0, 2 * np.pi, 2)) * rng.uniform(0.4, 1, 2)
    return _image([path + np.linspace(0, 1, 120)[:, None] * rng.normal(0, 0.5, 2)], rng)


def _long_line(rng: np.random.Generator, _strokes: Strokes, _digit: int) -> NDArray[np.uint8]:
    """One line with six to twelve corners."""
    corners = np.cumsum(rng.normal(0, 0.4, (int(rng.integers(8, 15)), 2)), axis=0)
    return _image([corners - corners.mean(axis=0)], rng)


def _blot(rng: np.random.Generator, _strokes: Strokes, _digit: int) -> NDArray[np.uint8]:
    """A filled ellipse, 4 to 14 pixels wide; a slender one would be a 1."""
    y, x = np.mgrid[:IMAGE_SIDE, :IMAGE_SIDE] - (IMAGE_SIDE - 1) / 2
    angle, radii = rng.uniform(0, np.pi), rng.uniform(2, 5) * rng.uniform(1, 1.4, 2)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    distance = (1 - np.hypot(along / radii[0], across / radii[1])) * radii.min() + 0.5
    return np.asarray(np.rint(255 * np.clip(distance, 0, 1)), dtype=np.uint8)


def _random_sign(rng: np.random.Generator, parts: int) -> list[Stroke]:
    nodes = np.array([(x, y) for x in (-0.35, 0.0, 0.35) for y in (-0.5, 0.0, 0.5)])
    nodes += rng.normal(0, 0.05, nodes.shape)
    strokes: list[Stroke] = []
    here = int(rng.integers(9))
    for _ in range(parts):
        if rng.random() < 0.2:
            strokes.append(_arc(rng, nodes[rng.integers(9)] * 0.7, rng.uniform(0.12, 0.4)))
            continue
        if rng.random() < 0.4:
            here = int(rng.integers(9))
        there = (here + int(rng.integers(1, 9))) % 9
        strokes.append(_curve(rng, nodes[here], nodes[there]))
        here = there
    return strokes


def _curve(rng: np.random.Generator, begin: NDArray[np.float64], end: NDArray[np.float64]) -> Stroke:
    """Returns a straight or a bent line."""
    place = np.linspace(0, 1, 12)[:, None]
    bulge = np.array([-(end - begin)[1], (end - begin)[0]]) * (rng.uniform(-0.5, 0.5) if rng.random() < 0.5 else 0.0)
    return np.asarray(begin + place * (end - begin) + 4 * place * (1 - place) * bulge, dtype=np.float64)


def _arc(rng: np.random.Generator, centre: NDArray[np.float64], radius: float) -> Stroke:
    """Returns half an ellipse, three quarters of one or a whole one."""
    angles = rng.uniform(0, 2 * np.pi) + np.linspace(0, rng.choice([1.0, 1.5, 2.0]) * np.pi, 24)
    ellipse = np.stack([rng.uniform(0.6, 1.2) * np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(centre + radius * ellipse, dtype=np.float64)


def _image(strokes: Sequence[Stroke], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draws strokes in units of a digit's height by a shaky, leaning hand, as the canvas would."""
    how = StrokeVariation()
    bent = bend_strokes([resample_stroke(stroke) for stroke in strokes], rng, how.bend)
    matrix, tremor = random_affine(rng, how), rng.uniform(0, how.tremor)
    image = strokes_to_image([shake_stroke(stroke, rng, tremor) @ matrix.T * 200 + 140 for stroke in bent])
    return np.asarray(np.rint(np.asarray(image) * 255), dtype=np.uint8)


# Each kind with its share of the outliers.
OUTLIER_KINDS: Final[Mapping[str, tuple[Draw, float]]] = {
    "spoilt digits": (_spoilt, 0.25),
    "random signs": (_sign, 0.35),
    "mirrored digits": (_mirrored, 0.08),
    "a sign beside a digit": (_beside, 0.14),
    "waves": (_wave, 0.08),
    "long lines": (_long_line, 0.06),
    "blots": (_blot, 0.04),
}
