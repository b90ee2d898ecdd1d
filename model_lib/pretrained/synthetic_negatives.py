"""Synthetic out-of-distribution drawings: scribbles, letters, shapes, pairs of digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.drawing.preprocessing import frame_pixels
from model_lib.drawing.strokes import strokes_to_image

Points = list[tuple[float, float]]

# Capital letters and signs as strokes on a grid 4 wide and 6 high, y down. Excluded are glyphs that look like a digit:
# B (8), G (6), I, J, L (1), O, D, Q (0), S (5), Z (2), T and Y (7), and the small b, g, l, q.
GLYPHS: Final[Mapping[str, tuple[Points, ...]]] = {
    "A": ([(0, 6), (2, 0), (4, 6)], [(0.8, 4), (3.2, 4)]),
    "E": ([(4, 0), (0, 0), (0, 6), (4, 6)], [(0, 3), (3, 3)]),
    "F": ([(4, 0), (0, 0), (0, 6)], [(0, 3), (3, 3)]),
    "H": ([(0, 0), (0, 6)], [(4, 0), (4, 6)], [(0, 3), (4, 3)]),
    "K": ([(0, 0), (0, 6)], [(4, 0), (0, 3.4), (4, 6)]),
    "M": ([(0, 6), (0, 0), (2, 3.5), (4, 0), (4, 6)],),
    "N": ([(0, 6), (0, 0), (4, 6), (4, 0)],),
    "P": ([(0, 6), (0, 0), (3, 0), (4, 1), (4, 2), (3, 3), (0, 3)],),
    "R": ([(0, 6), (0, 0), (3, 0), (4, 1), (4, 2), (3, 3), (0, 3)], [(1.5, 3), (4, 6)]),
    "U": ([(0, 0), (0, 4.5), (1, 6), (3, 6), (4, 4.5), (4, 0)],),
    "V": ([(0, 0), (2, 6), (4, 0)],),
    "W": ([(0, 0), (1, 6), (2, 2), (3, 6), (4, 0)],),
    "X": ([(0, 0), (4, 6)], [(4, 0), (0, 6)]),
    "square": ([(0, 0), (5, 0), (5, 5), (0, 5), (0, 0)],),
    "triangle": ([(2.5, 0), (5, 4.5), (0, 4.5), (2.5, 0)],),
    "star": ([(1, 6), (2.5, 0), (4, 6), (0, 2.2), (5, 2.2), (1, 6)],),
    "heart": ([(2.5, 5), (0, 2), (0.4, 0.4), (1.6, 0), (2.5, 1.2), (3.4, 0), (4.6, 0.4), (5, 2), (2.5, 5)],),
    "plus": ([(2.5, 0), (2.5, 5)], [(0, 2.5), (5, 2.5)]),
    "hash": ([(1.5, 0), (1.2, 6)], [(3.5, 0), (3.2, 6)], [(0, 2), (5, 2)], [(0, 4), (5, 4)]),
    "check": ([(0, 4), (1.5, 6), (5, 0)],),
    "arrow": ([(0, 3), (6, 3)], [(4, 1), (6, 3), (4, 5)]),
    "small a": ([(4, 2), (2, 2), (0.5, 3.5), (1, 5.6), (2.6, 6), (4, 4.4), (4, 2), (4, 6), (4.8, 6)],),
    "small e": ([(0, 4), (4, 4), (3.6, 2.4), (2, 2), (0.4, 3), (0.2, 5), (1.6, 6.4), (4, 6)],),
    "small h": ([(0, 0), (0, 6), (0, 3.6), (1.6, 2.6), (3, 3), (3.2, 6)],),
    "small m": ([(0, 6), (0, 3), (1.4, 2.6), (2, 3.4), (2, 6), (2, 3.4), (3.4, 2.6), (4, 3.4), (4, 6)],),
    "small n": ([(0, 6), (0, 2.6), (0, 3.4), (1.8, 2.6), (3, 3.4), (3, 6)],),
    "small k": ([(0, 0), (0, 6)], [(3, 2.4), (0, 4.2), (3.2, 6)]),
    "small w": ([(0, 2), (0.6, 5.6), (1.6, 6), (2.2, 3), (2.8, 6), (3.8, 5.6), (4.4, 2)],),
    "house": ([(0, 6), (0, 2.5), (2.5, 0), (5, 2.5), (5, 6), (0, 6), (5, 2.5), (0, 2.5), (5, 6)],),
}


def draw_non_digits(
    kind: str,
    count: int,
    rng: np.random.Generator,
    images: NDArray[np.uint8],
    letters: Sequence[str] = tuple(GLYPHS),
) -> NDArray[np.float32]:
    """Synthesises images of one kind of non-digit, preprocessed like drawings.

    Args:
        kind: a name in `KINDS`.
        count: number of images.
        rng: random number generator.
        images: (n, 28, 28) uint8, MNIST digits, for "two digits".
        letters: names in `GLYPHS`.

    Returns:
        (count, 28, 28) float32, 0 to 1.
    """
    return np.stack([KINDS[kind](rng, letters if kind == "letters and shapes" else images) for _ in range(count)])


def _letter(rng: np.random.Generator, letters: Any) -> NDArray[np.float32]:
    name = letters[rng.integers(len(letters))]
    return _framed([_by_hand(np.array(line, float), rng) for line in GLYPHS[name]], rng)


def _scribble(rng: np.random.Generator, _: Any) -> NDArray[np.float32]:
    """A random walk of the heading, long enough to cross itself."""
    strokes = []
    for _stroke in range(rng.integers(1, 4)):
        steps = int(rng.integers(60, 160))
        heading = np.cumsum(rng.normal(0, 0.45, steps)) + rng.uniform(0, 2 * np.pi)
        path = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)
        strokes.append(path / max(float(np.ptp(path, axis=0).max()), 1e-6) * 5 + rng.uniform(0, 2, 2))
    return _framed(strokes, rng)


def _hatching(rng: np.random.Generator, _: Any) -> NDArray[np.float32]:
    """Zigzag lines, from a few wide turns to a filled block."""
    turns = int(rng.integers(3, 22))
    x = np.linspace(0, rng.uniform(1, 8), 2 * turns)
    y = np.tile([0.0, rng.uniform(2, 8)], turns)
    line = np.stack([x, y], axis=1)
    return _framed([_by_hand(line, rng) if rng.random() < 0.7 else line], rng, turned=bool(rng.random() < 0.3))


def _curls(rng: np.random.Generator, _: Any) -> NDArray[np.float32]:
    """Cycloids, as in "eee" or "lll", and spirals."""
    turns = rng.uniform(2.5, 6)
    angles = np.linspace(0, 2 * np.pi * turns, int(24 * turns)) * rng.choice([-1, 1])
    circle = np.stack([np.cos(angles), rng.uniform(0.6, 2.5) * np.sin(angles)], axis=1)
    if rng.random() < 0.4:
        return _framed([2.5 * circle * np.linspace(0.05, 1, len(angles))[:, None]], rng, turned=True)
    forward = np.stack([np.linspace(0, rng.uniform(1.5, 3) * turns, len(angles)), np.zeros(len(angles))], axis=1)
    return _framed([circle + forward], rng)


def _two_digits(rng: np.random.Generator, images: Any) -> NDArray[np.float32]:
    """Two digits of MNIST side by side, preprocessed as one."""
    first, second = images[rng.integers(len(images), size=2)].astype(np.float32) / 255
    page = np.zeros((IMAGE_SIDE, 2 * IMAGE_SIDE), np.float32)
    # MNIST pads digits by four pixels: an overlap of up to ten gives handwriting's spacing.
    overlap = int(rng.integers(2, 10))
    page[:, :IMAGE_SIDE] = first
    columns = slice(IMAGE_SIDE - overlap, 2 * IMAGE_SIDE - overlap)
    page[:, columns] = np.maximum(page[:, columns], second)
    framed = frame_pixels(page)
    assert framed is not None
    return framed.image


def _dot(rng: np.random.Generator, _: Any) -> NDArray[np.float32]:
    """A dot or a very short line."""
    return _framed([rng.uniform(0, 0.01, (2, 2))], rng)


KINDS: Final[Mapping[str, Callable[[np.random.Generator, Any], NDArray[np.float32]]]] = {
    "letters and shapes": _letter,
    "scribbles": _scribble,
    "hatching": _hatching,
    "curls": _curls,
    "two digits": _two_digits,
    "dots": _dot,
}


def _by_hand(line: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Jitters the corners and adds noise in between."""
    corners = line + rng.normal(0, 0.22, line.shape)
    positions = np.linspace(0, len(corners) - 1, 8 * len(corners))
    smooth = np.stack([np.interp(positions, np.arange(len(corners)), corners[:, axis]) for axis in (0, 1)], axis=1)
    return smooth + rng.normal(0, 0.03, smooth.shape)


def _framed(strokes: list[NDArray[np.float64]], rng: np.random.Generator, turned: bool = False) -> NDArray[np.float32]:
    angle, shear = rng.normal(0, 0.12) + (rng.uniform(0, np.pi) if turned else 0), rng.normal(0, 0.15)
    turn = np.array([[np.cos(angle), np.sin(angle)], [shear - np.sin(angle), np.cos(angle)]])
    image = strokes_to_image([stroke @ turn * 25 + 60 for stroke in strokes])
    assert image is not None
    return image
