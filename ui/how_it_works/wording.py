"""Numbers as the screens write them, from the very small to the very large."""

from __future__ import annotations

from typing import Final

_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEAST: Final = 1e-3
_MOST: Final = 1e6


def number_text(number: float) -> str:
    """Writes a number as 12,345.7, 1.2346 or 0.0012, and a very small or large one as 1.23·10⁻⁷."""
    size = abs(float(number))
    if size and not _LEAST <= size < _MOST:
        digits, _, exponent = f"{number:.2e}".partition("e")
        return f"{digits}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return f"{number:,.1f}" if size >= 1000 else f"{number:.4f}"
