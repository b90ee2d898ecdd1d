"""How a value that anybody may have typed stands in a message."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_LONGEST_TEXT = 100


def as_written(value: object) -> str:
    """Returns a value as Markdown shows it unchanged: a number without exponent as far as it fits, a text as code."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        # Only as code is a text safe from stars, links, :colours[] and :emojis: alike.
        return "`" + " ".join(str(value).replace("`", "'").split())[:_LONGEST_TEXT] + "`"
    if not math.isfinite(value) or not (value == 0 or 1e-9 <= abs(value) < 1e21):
        return f"{value:g}"
    # 15 digits: a share of 0.29 is 28.999999999999996 per cent, which is nothing that anybody typed.
    return f"{Decimal(f'{value:.15g}'):,f}"


def in_markdown(text: str) -> str:
    """Returns a text that anybody may have typed as Markdown shows it: as it is where it has no marks, else as code."""
    is_plain = re.fullmatch(r"(?:[^\W_]|[ ·,()-]|(?<=\d)[:.](?=\d))+", text) is not None
    return text if is_plain and len(text) <= _LONGEST_TEXT else as_written(text)
