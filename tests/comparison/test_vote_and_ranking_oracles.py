"""The tests of chance behind a vote and a leaderboard, against SciPy, statsmodels and figures worked out by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, norm
from statsmodels.stats.contingency_tables import mcnemar

from model_lib.comparison.ranking import places_of
from model_lib.comparison.vote import Gain, chance_of


def _gain(vote: int, member: int) -> Gain:
    return Gain(np.arange(vote), np.arange(vote, vote + member))


@pytest.mark.parametrize(("vote", "member"), [(1, 0), (10, 2), (4, 13), (30, 30), (177, 184)])
def test_the_chance_of_a_gain_is_mcnemars_exact_p_value(vote: int, member: int) -> None:
    table = [[5000, vote], [member, 100]]
    assert chance_of(_gain(vote, member)) == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert chance_of(_gain(vote, member)) == pytest.approx(
        min(1.0, 2 * binom.cdf(min(vote, member), vote + member, 0.5))
    )


def test_five_images_of_five_are_chance_in_one_case_of_sixteen() -> None:
    assert chance_of(_gain(5, 0)) == pytest.approx(2 / 2**5)
    assert chance_of(_gain(0, 0)) == 1.0


def _p_value(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Returns the p-value of Agresti and Caffo, 2000, by their formula: one more correct and one more wrong each."""
    shares = [(right + 1) / (images + 2) for right, images in (first, second)]
    variance = sum(
        share * (1 - share) / (images + 2) for share, (_, images) in zip(shares, (first, second), strict=True)
    )
    return float(2 * norm.sf(abs(shares[0] - shares[1]) / math.sqrt(variance)))


def _places_by_hand(counts: list[tuple[int, int]]) -> tuple[int, ...]:
    pairs = list(itertools.combinations(range(len(counts)), 2))
    p_values = {pair: _p_value(counts[pair[0]], counts[pair[1]]) for pair in pairs}
    differs = set()
    for step, pair in enumerate(sorted(pairs, key=p_values.__getitem__)):  # Holm: down to the first that is not
        if p_values[pair] > 0.05 / (len(pairs) - step):
            break
        differs.add(pair)
    places, first = [1], 0
    for run in range(1, len(counts)):
        first = run if (first, run) in differs else first
        places.append(first + 1)
    return tuple(places)


def test_two_runs_share_a_place_exactly_while_their_p_value_is_above_five_per_cent() -> None:
    told_apart = [places_of([(950, 1000), (right, 1000)]) == (1, 2) for right in range(950, 900, -1)]
    assert told_apart == [_p_value((950, 1000), (right, 1000)) < 0.05 for right in range(950, 900, -1)]
    assert True in told_apart
    assert False in told_apart


@pytest.mark.parametrize("seed", range(5))
def test_places_are_those_of_holms_method_by_hand(seed: int) -> None:
    rng = np.random.default_rng(seed)
    images = rng.choice([200, 400, 1000], 8)
    counts = [(int(rng.integers(0.85 * each, each)), int(each)) for each in images]
    counts.sort(key=lambda each: -each[0] / each[1])
    assert places_of(counts) == _places_by_hand(counts)


def test_a_pair_that_is_told_apart_alone_shares_a_place_among_many() -> None:
    # Agresti and Caffo: p = 0.041 for the pair; of six pairs the smallest p-value must be below 0.05 / 6.
    pair = [(950, 1000), (928, 1000)]
    assert _p_value(*pair) == pytest.approx(0.0412, abs=0.0001)
    assert places_of(pair) == (1, 2)
    assert places_of([pair[0], (940, 1000), (935, 1000), pair[1]]) == (1, 1, 1, 1)
