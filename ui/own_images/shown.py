"""Which of the visitor's image sets the page speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from model_lib.datasets.image_sets import ImageSet
from ui.shared.user_digits import own_image_sets
from ui.shared.visit import state_of


@dataclass
class _Chosen:
    """The name of the set."""

    name: str = ""


def choose_set(name: str) -> None:
    """Makes a set the one that the page speaks of."""
    state_of(_Chosen).name = name


def chosen_set() -> ImageSet | None:
    """Returns the set that the page speaks of, the newest one if none was chosen; None if there is none."""
    sets = own_image_sets().sets()
    chosen = [each for each in sets if each.name == state_of(_Chosen).name]
    return (chosen or sets)[-1] if sets else None
