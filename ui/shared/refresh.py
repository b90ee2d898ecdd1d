"""How often parts of a page run again by themselves: less often while many visitors are there."""

from __future__ import annotations

import math
from typing import Final

# By the number of open visits: what the interval is multiplied by. One process runs all of these parts, so that they
# would hold up the clicks.
_FACTORS: Final = ((10.0, 1), (30.0, 2), (math.inf, 4))


class OpenVisits:
    """The connections of pages that are open at this server.

    Args:
        number: how many there are.
    """

    def __init__(self, number: int = 0) -> None:
        self.number = number


# Kept by `ui.shell.request_limits`.
open_visits: Final = OpenVisits()


def refresh_seconds(seconds: float, visits: int | None = None) -> float:
    """Returns the interval at which a part of a page runs again.

    Args:
        seconds: the interval while few visitors are there.
        visits: how many are there; None for those of this server.
    """
    number = open_visits.number if visits is None else visits
    return seconds * next(factor for most, factor in _FACTORS if number <= most)
