"""What a setting did, and how sure that is: paired over random seeds, by validation accuracy.

Two runs with the same seed have the same first weights and the same order of images, so that their difference is the
setting's; the paired t-test asks whether these differences could come about by the seeds alone. With more than two
values all pairs are tested and corrected by Holm's method, since the best value is looked for in the same data.
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


def paired_tests(accuracies: Mapping[Value, Sequence[float]]) -> list[PairedTest]:
    """Tests all pairs of values of a setting, the largest mean difference first.

    Args:
        accuracies: of each value one for each seed, the seeds in the same order.
    """
    pairs = list(itertools.combinations(accuracies, 2))
    corrected = holm([_paired_p(accuracies[one], accuracies[other]) for one, other in pairs])
    tests = []
    for (one, other), p in zip(pairs, corrected, strict=True):
        difference = statistics.fmean(accuracies[one]) - statistics.fmean(accuracies[other])
        first, second = (one, other) if difference >= 0 else (other, one)
        tests.append(PairedTest(first, second, abs(difference), p))
    return sorted(tests, key=lambda test: -test.difference)


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
    plan = results.plan
    found = []
    for place, factor in enumerate(plan.factors):
        found.append(_of_draws(results, factor, place) if plan.way == "random" else _of_grid(results, factor, place))
    if (chosen := _chosen(results)) is not None:
        found.append(chosen)
    return found


def _of_grid(results: SweepResults, factor: Factor, place: int) -> str:
    accuracies = accuracies_by_value(results, place)
    seeds, values = len(results.plan.seeds), {point[place] for point in results.plan.points}
    name = factor.label
    if len(values) < 2:
        return f"{name} had one value."
    if len(accuracies) < 2:
        return f"{name}: fewer than two values have all their runs, so that nothing can be said of this setting."
    left_out = len(values) - len(accuracies)
    tests = paired_tests(accuracies)
    ranked = sorted(accuracies, key=lambda value: -statistics.fmean(accuracies[value]))
    best = ranked[0]
    mean = accuracy_text(statistics.fmean(accuracies[best]))
    over = "" if len(results.plan.factors) == 1 else ", averaged over the other setting"
    begin = f"{name}: {factor.words(best)} has the highest mean validation accuracy, {mean}{over}. "
    end = f" {left_out} of {len(values)} values are left out: not all of their runs ended well." if left_out else ""
    if seeds < 2:
        return f"{begin}With one random seed nobody can say whether that is more than chance: take three or more.{end}"
    against = [test for test in tests if best in (test.first, test.second)]
    apart = [test for test in against if test.is_told_apart]
    method = f"paired t-test over {seeds} seeds" + (", Holm's correction" if len(tests) > 1 else "")
    if apart:
        names = _listed([factor.words(test.second if test.first == best else test.first) for test in apart])
        worst = max(test.p or 0.0 for test in apart)
        rest = "" if len(apart) == len(against) else ", but not from the others"
        told = f"It is told apart from {names}{rest}: the setting did that."
        return f"{begin}{told} If the setting changed nothing, chance alone would {_often(worst, method)}.{end}"
    known = [test.p for test in against if test.p is not None]
    if not known:
        return f"{begin}The difference is the same with every seed, so that a {method} cannot judge it.{end}"
    often = f"if the setting changed nothing, chance alone would {_often(min(known), method)}"
    return f"{begin}Not told apart from the other values: {often}.{end}"


def _of_draws(results: SweepResults, factor: Factor, place: int) -> str:
    points = results.whole_points
    values = [results.plan.points[point][place] for point in points]
    name = factor.label
    if not factor.is_number:
        return f"{name}: its drawn values are not paired, so that nothing is tested; see the points."
    if len(points) < _FEWEST_DRAWS or len(set(values)) < 2:
        return f"{name}: fewer than {_FEWEST_DRAWS} points have all their runs, so that nothing can be said of it."
    means = [results.means[point] or 0.0 for point in points]
    if len(set(means)) < 2:
        return f"{name}: all points have the same validation accuracy."
    from scipy.stats import spearmanr

    found = spearmanr(values, means)
    p = float(found.pvalue)
    method = f"Spearman's rank correlation {found.statistic:.2f} over {len(points)} points, {_p_words(p)}"
    left_out, count = len(results.plan.points) - len(points), len(results.plan.points)
    end = f" {left_out} of {count} points are left out: not all of their runs ended well." if left_out else ""
    if p > LEVEL:
        return f"{name}: no rise or fall of the validation accuracy that is more than chance ({method}).{end}"
    direction = "better" if found.statistic > 0 else "worse"
    return f"{name}: the higher, the {direction} the validation accuracy ({method}).{end}"


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
    return f"do that {chance_in_cases(p)} ({method})"


def _p_words(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
