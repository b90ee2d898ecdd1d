"""Percentages as all pages, messages, figures and the terminal write them."""

from __future__ import annotations

from typing import Final

# Beyond them, one decimal would show a probability as 0.0 or 100.0 %, which no softmax gives.
_LEAST_SHOWN: Final = 0.001
_MOST_SHOWN: Final = 0.999


def percent(fraction: float, decimals: int = 1) -> str:
    """Writes a fraction as a percentage: 0.123 as "12.3 %"."""
    return f"{fraction * 100:.{decimals}f} %"


def accuracy_text(fraction: float) -> str:
    """Writes an accuracy with two decimals, so that one image of ten thousand is seen: "99.59 %"."""
    return percent(fraction, 2)


def probability_text(fraction: float) -> str:
    """Writes one of a network's ten probabilities with one decimal, or as "< 0.1 %" or "> 99.9 %"."""
    if fraction < _LEAST_SHOWN:
        return f"< {percent(_LEAST_SHOWN)}"
    return percent(fraction) if fraction <= _MOST_SHOWN else f"> {percent(_MOST_SHOWN)}"


def points_text(difference: float) -> str:
    """Writes a difference of two shares, 0.0123, as "1.23 percentage points"."""
    return f"{100 * difference:.2f} percentage points"


def points_interval_text(low: float, high: float) -> str:
    """Writes from which to which difference of two shares: "0.20 to 0.37 higher", "0.01 lower to 0.57 higher"."""
    if low < 0.0 < high:
        return f"{-100 * low:.2f} lower to {100 * high:.2f} higher"
    nearer, further = sorted((100 * abs(low), 100 * abs(high)))
    return f"{nearer:.2f} to {further:.2f} {'higher' if low >= 0.0 else 'lower'}"
