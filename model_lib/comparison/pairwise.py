"""All pairs of several networks, compared on the same test images and corrected for their number."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model_lib.comparison.paired_predictions import are_paired
from model_lib.comparison.significance import holm_corrected, is_told_apart, mcnemar_p_values
from model_lib.evaluation.evaluation import Evaluation


@dataclass(frozen=True)
class PairComparison:
    """Two of several networks on the same test images.

    Args:
        first, second: their names.
        only_first: how many images the first classifies correctly and the second does not.
        only_second: the opposite.
        p_value: of McNemar's exact test.
        corrected: the same after Holm's correction for all pairs.
    """

    first: str
    second: str
    only_first: int
    only_second: int
    p_value: float
    corrected: float

    @property
    def is_told_apart(self) -> bool:
        """Whether they differ by more than chance, after correction."""
        return is_told_apart(self.corrected)


def pairwise_comparison(evaluations: Mapping[str, Evaluation]) -> tuple[PairComparison, ...]:
    """Compares each pair of networks once.

    Args:
        evaluations: by any names. Pairs of different test images are left out.

    Returns:
        The pairs in the order of the evaluations, corrected for the number of all of them: with more networks each pair
        needs a larger difference, so only those belong here that are shown together.
    """
    names: list[tuple[str, str]] = []
    counts: list[tuple[int, int]] = []
    for group in _comparable(evaluations):
        is_correct = np.array([~evaluations[name].is_mistake for name in group], np.float32)
        right, both = (
            is_correct.sum(axis=1),
            is_correct @ is_correct.T,
        )  # counts below 2 ** 24: float32 has them exactly
        for row, first in enumerate(group):
            for column in range(row + 1, len(group)):
                names.append((first, group[column]))
                counts.append((int(right[row] - both[row, column]), int(right[column] - both[row, column])))
    if not names:
        return ()
    table = np.array(counts)
    p_values = mcnemar_p_values(table[:, 0], table[:, 1])
    rows = zip(names, counts, p_values.tolist(), holm_corrected(p_values).tolist(), strict=True)
    return tuple(PairComparison(*pair, *count, p_value, corrected) for pair, count, p_value, corrected in rows)


def pairwise_p_values(evaluations: Mapping[str, Evaluation]) -> Mapping[tuple[str, str], float]:
    """Returns the Holm-corrected p-value of each pair of networks, under both orders of its names.

    Args:
        evaluations: see `pairwise_comparison`.
    """
    found: dict[tuple[str, str], float] = {}
    for pair in pairwise_comparison(evaluations):
        found[pair.first, pair.second] = found[pair.second, pair.first] = pair.corrected
    return found


def neighbours_not_told_apart(ranked: Sequence[str], p_values: Mapping[tuple[str, str], float]) -> set[str]:
    """Returns which of several networks in an order are not told apart from the one before.

    Args:
        ranked: their names, in the order.
        p_values: from `pairwise_p_values`; a pair that is not there is not told apart.
    """
    pairs = itertools.pairwise(ranked)
    return {second for first, second in pairs if not is_told_apart(p_values.get((first, second)))}


def _comparable(evaluations: Mapping[str, Evaluation]) -> list[list[str]]:
    """Returns the names in groups of the same test images."""
    groups: list[list[str]] = []
    for name, evaluation in evaluations.items():
        group = next((each for each in groups if are_paired(evaluations[each[0]], evaluation)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return groups
