"""Digits of one person, set beside each other as a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.drawing.camera import Conditions
from model_lib.drawing.strokes import Drawing

Strokes = tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class DrawnNumber:
    """A number composed of drawn digits.

    Args:
        text: its digits.
        strokes: in digit heights, y down.
        sources: the place of each digit in the list that it was composed from.
    """

    text: str
    strokes: Strokes
    sources: tuple[int, ...]


def in_digit_heights(drawing: Drawing) -> Strokes:
    """Returns a digit's strokes, moved to begin at 0, 0 and scaled so that the taller side of the path is 1."""
    points = np.concatenate(drawing.strokes)
    low = points.min(axis=0)
    side = float((points - low).max())
    return tuple((stroke - low) / max(side, 1e-9) for stroke in drawing.strokes)


def compose_number(
    drawings: Sequence[Drawing],
    labels: NDArray[np.int64],
    writers: NDArray[np.str_],
    pen_width: float,
    conditions: Conditions,
    rng: np.random.Generator,
) -> DrawnNumber:
    """Composes a number of 2 to 5 digits of one person.

    Args:
        drawings: n digits to draw from.
        labels: (n,) their digits.
        writers: (n,) their writers.
        pen_width: in digit heights; added to the gaps, which are those between the ink.
        conditions: the ranges of gaps, sizes and places.
        rng: draws the person, the digits and the gaps.
    """
    places = np.flatnonzero(writers == rng.choice(np.unique(writers)))
    chosen = rng.choice(places, rng.integers(2, 6), replace=False)
    strokes: list[NDArray[np.float64]] = []
    left = 0.0
    for place in chosen:
        size = 1 + conditions.size_jitter * np.clip(rng.standard_normal(), -2, 2)
        shift = np.array([left, 1 - size + conditions.baseline_jitter * np.clip(rng.standard_normal(), -2, 2)])
        digit = [size * stroke + shift for stroke in in_digit_heights(drawings[place])]
        left = max(float(stroke[:, 0].max()) for stroke in digit) + pen_width + rng.uniform(*conditions.gap)
        strokes += digit
    return DrawnNumber("".join(map(str, labels[chosen])), tuple(strokes), tuple(map(int, chosen)))
