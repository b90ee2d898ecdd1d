"""What a setting did, and how sure that is: paired over random seeds, by validation accuracy.

Two runs with the same seed have the same first weights and the same order of images, so that their difference is the
setting's; the paired t-test asks whether these differences could come about by the seeds alone. All pairs of values of
all settings are tested and corrected by Holm's method, since the best one is looked for in the same data.
Sources: Student, "The Probable Error of a Mean", 1908; S. Holm, "A Simple Sequentially Rejective Multiple Test
Procedure", 1979; for random search C. Spearman, "The Proof and Measurement of Association between Two Things", 1904.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from model_lib.comparison.sentences import chance_in_cases
from model_lib.comparison.significance import LEVEL, holm_corrected, is_told_apart, paired_differences
from model_lib.number_format import accuracy_text
from model_lib.sweeps.factors import Factor, Value
from model_lib.sweeps.results import SweepResults

_FEWEST_DRAWS: Final = 5
# Settings that also choose the validation images.
_OF_IMAGES: Final = ("training_images",)
_OTHER_IMAGES: Final = "Each value was measured on other validation images, which may be easier or harder."


@dataclass(frozen=True)
class PairedTest:
    """Two values of a setting over the same seeds.

    Args:
        first: the value with the higher mean.
        second: the other value.
        difference: mean difference of their validation accuracies, 0 to 1.
        p: of the paired t-test, after Holm's correction; None where it cannot be computed: fewer than two seeds, or
            the same difference with every seed.
    """

    first: Value
    second: Value
    difference: float
    p: float | None

    @property
    def is_told_apart(self) -> bool:
        """Whether seeds alone would hardly make such a difference."""
        return is_told_apart(self.p)


def paired_tests(settings: Sequence[Mapping[Value, Sequence[float]]]) -> list[list[PairedTest]]:
    """Tests all pairs of values of each setting, the largest mean difference first.

    Args:
        settings: accuracies by the values of each setting: one for each seed, the seeds in the same order.

    Returns:
        The tests of each setting; their p-values are corrected for the number of all of them.
    """
    pairs = [(place, *pair) for place, values in enumerate(settings) for pair in itertools.combinations(values, 2)]
    corrected = holm([_paired_p(settings[place][one], settings[place][other]) for place, one, other in pairs])
    tests: list[list[PairedTest]] = [[] for _ in settings]
    for (place, one, other), p in zip(pairs, corrected, strict=True):
        difference = statistics.fmean(settings[place][one]) - statistics.fmean(settings[place][other])
        first, second = (one, other) if difference >= 0 else (other, one)
        tests[place].append(PairedTest(first, second, abs(difference), p))
    return [sorted(each, key=lambda test: -test.difference) for each in tests]


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Corrects p values for their number by Holm's method; those that are None stay so and do not count."""
    corrected = iter(holm_corrected([p for p in p_values if p is not None]).tolist())
    return [None if p is None else next(corrected) for p in p_values]


def _paired_p(one: Sequence[float], other: Sequence[float]) -> float | None:
    found = paired_differences(one, other)
    is_equal = len(one) > 1 and found.p_value is None and found.mean == 0
    return 1.0 if is_equal else found.p_value


def accuracies_by_value(results: SweepResults, place: int) -> dict[Value, list[float]]:
    """Returns of each value of one setting the validation accuracy for each seed, averaged over the other setting.

    Values of which a run is missing, failed or was stopped early are left out.

    Args:
        results: of a grid.
        place: of the setting in the plan.
    """
    plan = results.plan
    whole = set(results.whole_points)
    found: dict[Value, list[float]] = {}
    for value in dict.fromkeys(point[place] for point in plan.points):
        points = [index for index, point in enumerate(plan.points) if point[place] == value]
        if not whole.issuperset(points):
            continue
        by_seed = {
            seed: [each.validation or 0.0 for point in points for each in results.at(point) if each.seed == seed]
            for seed in plan.seeds
        }
        found[value] = [statistics.fmean(by_seed[seed]) for seed in plan.seeds]
    return found


def sentences(results: SweepResults) -> list[str]:
    """Says of each setting what it did and how sure that is, as plain text; last, what was chosen."""
    found = _of_draws(results) if results.plan.way == "random" else _of_grid(results)
    if (chosen := _chosen(results)) is not None:
        found.append(chosen)
    return found


def _of_grid(results: SweepResults) -> list[str]:
    factors = results.plan.factors
    accuracies = [accuracies_by_value(results, place) for place in range(len(factors))]
    tests = paired_tests(accuracies)
    is_corrected = sum(map(len, tests)) > 1
    return [_of_values(results, place, accuracies[place], tests[place], is_corrected) for place in range(len(factors))]


def _of_values(
    results: SweepResults,
    place: int,
    accuracies: Mapping[Value, Sequence[float]],
    tests: Sequence[PairedTest],
    is_corrected: bool,
) -> str:
    """Says what one setting of a grid did."""
    factor, seeds = results.plan.factors[place], len(results.plan.seeds)
    values = {point[place] for point in results.plan.points}
    name = factor.label
    if len(values) < 2:
        return f"{name} had one value."
    if len(accuracies) < 2:
        return f"{name}: fewer than two values have all their runs, so that nothing can be said of this setting."
    best = max(accuracies, key=lambda value: statistics.fmean(accuracies[value]))
    mean = accuracy_text(statistics.fmean(accuracies[best]))
    over = "" if len(results.plan.factors) == 1 else ", averaged over the other setting"
    told = [f"{name}: {factor.words(best)} has the highest mean validation accuracy, {mean}{over}."]
    if seeds < 2:
        told.append("With one random seed nobody can say whether that is more than chance: take three or more.")
    else:
        method = f"paired t-test over {seeds} seeds" + (", Holm's correction" if is_corrected else "")
        told += _judged(factor, best, [test for test in tests if best in (test.first, test.second)], method)
    if factor.name in _OF_IMAGES:
        told.append(_OTHER_IMAGES)
    if left_out := len(values) - len(accuracies):
        told.append(f"{left_out} of {len(values)} values are left out: not all of their runs ended well.")
    return " ".join(told)


def _judged(factor: Factor, best: Value, against: Sequence[PairedTest], method: str) -> list[str]:
    """Says from which values the best one is told apart, from which not, and where that cannot be judged."""

    def others(tests: Sequence[PairedTest]) -> str:
        return _listed([factor.words(test.second if test.first == best else test.first) for test in tests])

    judged = [test for test in against if test.p is not None]
    apart, equal = [[test for test in judged if test.is_told_apart is told] for told in (True, False)]
    unjudged = [test for test in against if test.p is None]
    told = []
    if apart:
        cause = "." if factor.name in _OF_IMAGES else ": the setting did that."
        often = _often(max(test.p or 0.0 for test in apart), method)
        told.append(f"It is told apart from {others(apart)}{cause} {often}.")
    if equal:
        often = _often(min(test.p or 0.0 for test in equal), method)
        told.append(f"It is not told apart from {others(equal)}. {often}.")
    if unjudged:
        told.append(
            f"The difference from {others(unjudged)} is the same with every seed, so that a {method} cannot judge it."
        )
    return told


def _of_draws(results: SweepResults) -> list[str]:
    factors, points = results.plan.factors, results.whole_points
    means = [results.means[point] or 0.0 for point in points]
    found: list[tuple[float, float] | None] = []
    told = []
    for place, factor in enumerate(factors):
        values = [results.plan.points[point][place] for point in points]
        reason = _not_judged(factor, values, means)
        told.append(reason)
        found.append(None if reason else _rank_correlation(values, means))
    corrected = holm([None if each is None else each[1] for each in found])
    count = sum(each is not None for each in found)
    for place, (each, p) in enumerate(zip(found, corrected, strict=True)):
        if each is not None and p is not None:
            told[place] = _of_correlation(results, place, each[0], p, count)
    return told


def _not_judged(factor: Factor, values: Sequence[Value], means: Sequence[float]) -> str:
    """Returns why nothing is said of drawn values of a setting; an empty text where something can be said."""
    name = factor.label
    if not factor.is_number:
        return f"{name}: its drawn values are not paired, so that nothing is tested; see the points."
    if len(values) < _FEWEST_DRAWS or len(set(values)) < 2:
        return f"{name}: fewer than {_FEWEST_DRAWS} points have all their runs, so that nothing can be said of it."
    if len(set(means)) < 2:
        return f"{name}: all points have the same validation accuracy."
    return ""


def _rank_correlation(values: Sequence[Value], means: Sequence[float]) -> tuple[float, float]:
    """Returns Spearman's correlation, and its p-value."""
    from scipy.stats import spearmanr

    found = spearmanr(values, means)
    return float(found.statistic), float(found.pvalue)


def _of_correlation(results: SweepResults, place: int, correlation: float, p: float, settings: int) -> str:
    factor, points, count = results.plan.factors[place], len(results.whole_points), len(results.plan.points)
    method = f"Spearman's rank correlation {correlation:.2f} over {points} points, {_p_words(p)}"
    method += " after Holm's correction" if settings > 1 else ""
    if p > LEVEL:
        told = [f"{factor.label}: no rise or fall of the validation accuracy that is more than chance ({method})."]
    else:
        direction = "better" if correlation > 0 else "worse"
        told = [f"{factor.label}: the higher, the {direction} the validation accuracy ({method})."]
    if factor.name in _OF_IMAGES:
        told.append(_OTHER_IMAGES)
    if count > points:
        told.append(f"{count - points} of {count} points are left out: not all of their runs ended well.")
    return " ".join(told)


def _chosen(results: SweepResults) -> str | None:
    best = results.best_point
    if best is None:
        return None
    mean, test = results.means[best], results.mean_test(best)
    seeds = len(results.plan.seeds)
    of = f"mean of {seeds} seeds" if seeds > 1 else "one seed"
    text = f"Chosen by the validation images: {results.plan.point_words(best)} ({accuracy_text(mean or 0.0)}, {of})."
    return text if test is None else f"{text} On the test images, looked at afterwards: {accuracy_text(test)}."


def _often(p: float, method: str) -> str:
    return f"If the setting changed nothing, chance alone would do that {chance_in_cases(p)} ({method})"


def _p_words(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
