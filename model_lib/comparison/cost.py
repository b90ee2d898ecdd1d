"""What a network costs beside what it can do, and which ones are the best for their price (the Pareto front)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from model_lib.comparison.record import RunRecord
from model_lib.config.multiplications import multiplications
from model_lib.config.network import NetworkError
from model_lib.config.splits import held_out_images

Price = Literal["parameters", "seconds", "multiplications"]
Judge = Literal["validation", "test"]

# From this ratio of the dearest to the cheapest on, a linear axis would press most of them together.
_DECADE: Final = 10.0


@dataclass(frozen=True)
class PricedRun:
    """A run on the chart of accuracy and price.

    Args:
        record: of the run.
        price: above 0.
        accuracy: 0 to 1.
    """

    record: RunRecord
    price: float
    accuracy: float


def price_of(record: RunRecord, price: Price) -> float | None:
    """Returns what a run has cost, or what its network costs; None where that is not known.

    Args:
        record: of the run.
        price: "parameters" of the network; "seconds" of its training, pauses left out; "multiplications" that the
            network needs for one image.
    """
    if price == "seconds":
        return record.seconds
    if price == "parameters":
        return float(record.parameters) or None
    try:
        return float(multiplications(record.spec))
    except NetworkError:  # of a version with other layers
        return None


def accuracy_of(record: RunRecord, judge: Judge) -> float | None:
    """Returns the accuracy of the network as it is kept, after its last epoch, 0 to 1; None where it has none.

    Args:
        record: of the run.
        judge: "validation" on its held-out images, by which one may choose; "test" on the test images of its data set.
    """
    return record.last_validation if judge == "validation" else record.test_accuracy


def priced_runs(records: Sequence[RunRecord], price: Price, judge: Judge) -> tuple[PricedRun, ...]:
    """Returns the runs that have a price and an accuracy, in the order of `records`."""
    found = ((record, price_of(record, price), accuracy_of(record, judge)) for record in records)
    return tuple(PricedRun(record, cost, accuracy) for record, cost, accuracy in found if cost and accuracy is not None)


def best_for_the_price(runs: Sequence[PricedRun]) -> tuple[PricedRun, ...]:
    """Returns the Pareto front: the runs that no other one beats in price or accuracy without being worse in the other.

    Of several with the same price and accuracy the first one is in it.

    Returns:
        The cheapest first; both price and accuracy rise along it.
    """
    front: list[PricedRun] = []
    for run in sorted(runs, key=lambda each: (each.price, -each.accuracy)):
        if not front or run.accuracy > front[-1].accuracy:
            front.append(run)
    return tuple(front)


def held_out_sets(runs: Sequence[PricedRun]) -> int:
    """Returns on how many different sets of images the runs were validated: those of one set compare best."""
    return len({(run.record.config.dataset, held_out_images(run.record.config)) for run in runs})


def spans_decades(runs: Sequence[PricedRun]) -> bool:
    """Whether the dearest costs at least ten times as much as the cheapest, so that a logarithmic axis fits."""
    prices = np.array([run.price for run in runs])
    return bool(len(prices) and prices.max() >= _DECADE * prices.min())
