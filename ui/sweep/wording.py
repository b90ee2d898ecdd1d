"""Durations and titles as the page of sweeps writes them."""

from __future__ import annotations

import time

from model_lib.sweeps.plan import SweepPlan
from model_lib.sweeps.sweep import Sweep

_MINUTE = 60
_HOUR = 3600


def in_time(seconds: float) -> str:
    """Returns a duration, rounded as an estimate deserves: "40 s", "3 min", "1 h 20 min"."""
    if seconds < 1.5 * _MINUTE:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def points_word(plan: SweepPlan) -> str:
    """Returns what the points of a sweep are called: those of one setting, tried one by one, are its values."""
    return "values" if len(plan.factors) == 1 and plan.way == "grid" else "points"


def title_of(plan: SweepPlan) -> str:
    """Returns what a visitor calls a sweep: "Batch size x Dropout · Dense network"."""
    return f"{' x '.join(factor.label for factor in plan.factors)} · {plan.spec.title or plan.spec.name}"


def when(sweep: Sweep) -> str:
    """Returns when a sweep was started: "26 Nov, 14:03"."""
    return time.strftime("%d %b, %H:%M", time.localtime(sweep.started)).lstrip("0")
