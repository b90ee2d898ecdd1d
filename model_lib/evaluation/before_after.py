"""What a run that goes on from trained weights has gained and lost: its accuracies before and after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from model_lib.evaluation.evaluation import accuracy_interval
from model_lib.storage.events import Measured


@dataclass(frozen=True)
class BeforeAfter:
    """Accuracies on one set of images.

    Args:
        on: what was measured on, as in `Measured`.
        images: how many.
        first: accuracy before the first step, 0 to 1; None if it was not measured.
        last: accuracy after the last step, 0 to 1; None while the run is trained.
        was_trained_on: whether a training before was of this data.
        is_trained_on: whether this one is.
    """

    on: str
    images: int
    first: float | None
    last: float | None
    was_trained_on: bool
    is_trained_on: bool

    @property
    def change(self) -> float | None:
        """What was gained, -1 to 1; None where one of the two is missing."""
        return None if self.first is None or self.last is None else self.last - self.first

    @property
    def is_forgotten(self) -> bool:
        """Whether data of a training before, which this one has not, is predicted worse than chance alone explains.

        That is below the 95 per cent interval of the accuracy before (`accuracy_interval`).
        """
        if self.first is None or self.last is None or self.is_trained_on or not self.was_trained_on:
            return False
        return self.last < accuracy_interval(self.first, self.images)[0]


def before_and_after(
    measures: Mapping[str, Mapping[str, Measured]], trained_before: Collection[str], trained_now: Collection[str]
) -> list[BeforeAfter]:
    """Pairs the measures of a run.

    Args:
        measures: `History.measures`.
        trained_before: data of the trainings before, see `Ancestor`.
        trained_now: data of this one.

    Returns:
        One entry for each set of images, in the order in which they were measured.
    """
    found = []
    for name, stages in measures.items():
        first, last = stages.get("before"), stages.get("after")
        some = first or last
        if some is None:
            continue
        data = name.removesuffix("_trained")
        found.append(
            BeforeAfter(
                on=name,
                images=some.images,
                first=None if first is None else first.accuracy,
                last=None if last is None else last.accuracy,
                was_trained_on=data in trained_before,
                is_trained_on=data in trained_now,
            )
        )
    return found
