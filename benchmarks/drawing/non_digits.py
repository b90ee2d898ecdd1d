"""Synthetic out-of-distribution drawings: letters of four scripts, signs, scribbles, digits upon digits.

Nothing is trained on or fitted to them; the bundled network learns from others, `model_lib.pretrained.outliers`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.drawing.glyphs import CHINESE, CYRILLIC, GREEK, LATIN, SHAPES, TWINS, Glyphs
from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.preprocessing import frame_pixels
from model_lib.drawing.stroke_variants import normalise_strokes
from model_lib.drawing.strokes import Strokes as DrawnStrokes
from model_lib.drawing.strokes import strokes_to_image

Strokes = list[NDArray[np.float64]]

_DOTS: Final = 60


@dataclass(frozen=True)
class Sources:
    """Digits of which some kinds of non-digits are made.

    Args:
        images: (n, 28, 28) uint8, MNIST digits, for pairs.
        drawings: strokes of drawn digits, for what overlaps and what is turned.
        labels: (k,) the digits of the drawings.
    """

    images: NDArray[np.uint8]
    drawings: Sequence[DrawnStrokes]
    labels: NDArray[Any]


Draw = Callable[[np.random.Generator, Sources], NDArray[np.float32]]


def draw_non_digits(kind: str, count: int, rng: np.random.Generator, sources: Sources) -> NDArray[np.float32]:
    """Synthesises images of one kind of non-digit, preprocessed like drawings.

    Args:
        kind: a name in `KINDS`, or `TWIN_KIND`.
        count: number of images.
        rng: random number generator.
        sources: what the kinds that consist of digits are made of.

    Returns:
        (count, 28, 28) float32, 0 to 1.
    """
    draw = KINDS.get(kind, _twin)
    return np.stack([draw(rng, sources) for _ in range(count)])


def non_digits_of(
    writers: Collection[int], images: NDArray[np.uint8], rng: np.random.Generator, count: int
) -> dict[str, NDArray[Any]]:
    """Draws non-digits of every kind and, as a kind of their own, twins of digits.

    Args:
        writers: of whose digits the kinds that consist of drawn digits are made.
        images: (n, 28, 28) uint8, MNIST digits for pairs.
        rng: random number generator.
        count: of each kind; of dots, which are all nearly alike, at most 60.

    Returns:
        By kind, (count, 28, 28) float32.
    """
    drawings, labels, names = read_drawings(STROKES_FILE)
    chosen = np.flatnonzero(np.isin(names.astype(int), list(writers)))
    sources = Sources(images, [drawings[place].strokes for place in chosen.tolist()], labels[chosen])
    return {
        kind: draw_non_digits(kind, min(count, _DOTS) if kind == "dots" else count, rng, sources)
        for kind in (*KINDS, TWIN_KIND)
    }


def _glyph(glyphs: Glyphs) -> Draw:
    names = list(glyphs)

    def draw(rng: np.random.Generator, _: Sources) -> NDArray[np.float32]:
        strokes = glyphs[names[rng.integers(len(names))]]
        return _framed([_by_hand(np.array(line, float), rng) for line in strokes], rng)

    return draw


def _scribble(rng: np.random.Generator, _: Sources) -> NDArray[np.float32]:
    """A random walk of the heading, long enough to cross itself."""
    strokes = []
    for _stroke in range(rng.integers(1, 4)):
        steps = int(rng.integers(60, 160))
        heading = np.cumsum(rng.normal(0, 0.45, steps)) + rng.uniform(0, 2 * np.pi)
        path = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)
        strokes.append(path / max(float(np.ptp(path, axis=0).max()), 1e-6) * 5 + rng.uniform(0, 2, 2))
    return _framed(strokes, rng)


def _hatching(rng: np.random.Generator, _: Sources) -> NDArray[np.float32]:
    """Zigzag lines, from a few wide turns to a filled block."""
    turns = int(rng.integers(3, 22))
    x = np.linspace(0, rng.uniform(1, 8), 2 * turns)
    y = np.tile([0.0, rng.uniform(2, 8)], turns)
    line = np.stack([x, y], axis=1)
    return _framed([_by_hand(line, rng) if rng.random() < 0.7 else line], rng, turned=bool(rng.random() < 0.3))


def _curls(rng: np.random.Generator, _: Sources) -> NDArray[np.float32]:
    """Cycloids, as in "eee" or "lll", and spirals."""
    turns = rng.uniform(2.5, 6)
    angles = np.linspace(0, 2 * np.pi * turns, int(24 * turns)) * rng.choice([-1, 1])
    circle = np.stack([np.cos(angles), rng.uniform(0.6, 2.5) * np.sin(angles)], axis=1)
    if rng.random() < 0.4:
        return _framed([2.5 * circle * np.linspace(0.05, 1, len(angles))[:, None]], rng, turned=True)
    forward = np.stack([np.linspace(0, rng.uniform(1.5, 3) * turns, len(angles)), np.zeros(len(angles))], axis=1)
    return _framed([circle + forward], rng)


def _two_digits(rng: np.random.Generator, sources: Sources) -> NDArray[np.float32]:
    """Two digits of MNIST side by side, preprocessed as one."""
    first, second = sources.images[rng.integers(len(sources.images), size=2)].astype(np.float32) / 255
    page = np.zeros((IMAGE_SIDE, 2 * IMAGE_SIDE), np.float32)
    # MNIST pads digits by four pixels: an overlap of up to ten gives handwriting's spacing.
    overlap = int(rng.integers(2, 10))
    page[:, :IMAGE_SIDE] = first
    columns = slice(IMAGE_SIDE - overlap, 2 * IMAGE_SIDE - overlap)
    page[:, columns] = np.maximum(page[:, columns], second)
    framed = frame_pixels(page)
    assert framed is not None
    return framed.image


def _dot(rng: np.random.Generator, _: Sources) -> NDArray[np.float32]:
    """A dot or a very short line."""
    return _framed([rng.uniform(0, 0.01, (2, 2))], rng)


def _overlapping_digits(rng: np.random.Generator, sources: Sources) -> NDArray[np.float32]:
    """Two drawn digits, one over the other; with a 1 one might still see a digit."""
    first, second = (_drawn_digit(rng, sources, (0, *range(2, 10))) for _ in range(2))
    shift, size = rng.normal(0, 0.6, 2), rng.uniform(0.7, 1.2)
    return _framed([*first, *(stroke * size + shift for stroke in second)], rng)


def _turned_digit(rng: np.random.Generator, sources: Sources) -> NDArray[np.float32]:
    """A 2, 3, 4, 5 or 7 lying on its side: none is another digit then."""
    strokes = _drawn_digit(rng, sources, (2, 3, 4, 5, 7))
    quarter = np.array([[0.0, 1.0], [-1.0, 0.0]]) * rng.choice([-1, 1])
    return _framed([stroke @ quarter for stroke in strokes], rng)


def _drawn_digit(rng: np.random.Generator, sources: Sources, digits: Sequence[int] = tuple(range(10))) -> Strokes:
    """Returns the strokes of one digit, 5 high about 0."""
    places = np.flatnonzero(np.isin(sources.labels, digits))
    return [5 * stroke for stroke in normalise_strokes(sources.drawings[int(rng.choice(places))])]


def _doodle(rng: np.random.Generator, _: Sources) -> NDArray[np.float32]:
    """One to three smooth curves through some random points, open or closed."""
    strokes = []
    for _curve in range(rng.integers(1, 4)):
        corners = rng.uniform(-3, 3, (int(rng.integers(5, 10)), 2))
        if rng.random() < 0.4:
            corners = np.concatenate([corners, corners[:2]])
        # Catmull-Rom: a smooth curve that passes through its points.
        before, here, after, beyond = corners[:-3], corners[1:-2], corners[2:-1], corners[3:]
        place = np.linspace(0, 1, 10, endpoint=False)[:, None, None]
        curve = (
            2 * here
            + (after - before) * place
            + (2 * before - 5 * here + 4 * after - beyond) * place**2
            + (3 * here - before - 3 * after + beyond) * place**3
        ) / 2
        strokes.append(curve.transpose(1, 0, 2).reshape(-1, 2) + rng.normal(0, 1, 2))
    return _framed(strokes, rng)


def _tally(rng: np.random.Generator, _: Sources) -> NDArray[np.float32]:
    """Two to six strokes side by side, crossed or not: tally marks, grids, fences."""
    count = int(rng.integers(2, 7))
    xs = np.arange(count) * rng.uniform(0.6, 1.6)
    strokes = [_by_hand(np.array([(x, 0.0), (x, 5.0)]), rng) for x in xs]
    for y in rng.uniform(0.8, 4.2, int(rng.integers(0, 3))):
        strokes.append(_by_hand(np.array([(-0.8, y + rng.normal(0, 0.8)), (xs[-1] + 0.8, y)]), rng))
    return _framed(strokes, rng)


KINDS: Final[Mapping[str, Draw]] = {
    "Latin letters": _glyph(LATIN),
    "Greek letters": _glyph(GREEK),
    "Cyrillic letters": _glyph(CYRILLIC),
    "Chinese characters": _glyph(CHINESE),
    "signs and shapes": _glyph(SHAPES),
    "scribbles": _scribble,
    "hatching": _hatching,
    "curls": _curls,
    "doodles": _doodle,
    "tally marks and grids": _tally,
    "two digits": _two_digits,
    "overlapping digits": _overlapping_digits,
    "digits on their side": _turned_digit,
    "dots": _dot,
}
# Letters that a person takes for a digit, too: digits as far as an image shows.
TWIN_KIND: Final = "twins of digits"
_twin: Final = _glyph(TWINS)


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
