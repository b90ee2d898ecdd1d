"""What the page Is it chance? says: of two trained networks, and of a setting. Each sentence says which of the two."""

from __future__ import annotations

import math
from typing import Final

from model_lib.comparison.paired_predictions import PairedPredictions
from model_lib.comparison.seed_groups import SettingEffect
from model_lib.comparison.significance import PairedDifferences, is_told_apart
from model_lib.number_format import percent, points_interval_text, points_text

# A probability is told as so many of so many cases: of a hundred where it is large, of as many as it takes where small.
_LARGE: Final = 0.1
_DENOMINATORS: Final = (1_000, 10_000, 100_000, 1_000_000)
_FEWEST: Final = 2
# Settings that also choose the validation images.
_OF_IMAGES: Final = {"training images", "validation on", "validation share"}


def chance_in_cases(p_value: float) -> str:
    """Writes a p-value as "in 5 of 1,000 cases"."""
    return f"in {cases(p_value)} cases"


def cases(p_value: float) -> str:
    """Writes a p-value as "5 of 1,000"; one above the level at which networks are told apart is not rounded to it."""
    if p_value >= _LARGE:
        return f"{round(100 * p_value)} of 100"
    for count in _DENOMINATORS:
        number = round(count * p_value)
        if number >= 1 and is_told_apart(number / count) == is_told_apart(p_value):
            return f"{number} of {count:,}"
    if not is_told_apart(p_value):
        return f"{math.ceil(_DENOMINATORS[-1] * p_value):,} of {_DENOMINATORS[-1]:,}"
    return f"fewer than 1 of {_DENOMINATORS[-1]:,}"


def sentence_of_pair(paired: PairedPredictions, first: str = "A", second: str = "B") -> str:
    """Says what McNemar's exact test found of two trained networks.

    Args:
        paired: their predictions.
        first, second: what they are called.
    """
    only_first, only_second = paired.count("first"), paired.count("second")
    if not only_first and not only_second:
        return f"{first} and {second} read the same images, so nothing tells them apart."
    better, worse, more, fewer = (
        (second, first, only_second, only_first)
        if only_second >= only_first
        else (first, second, only_first, only_second)
    )
    return (
        f"{better} reads {_images(more)} that {worse} does not, {worse} reads {fewer:,} that {better} does not; "
        f"if both were equally good, chance alone would do that {chance_in_cases(paired.p_value)}."
    )


def verdict_of_pair(paired: PairedPredictions, first: str = "A", second: str = "B") -> str:
    """Says which of two trained networks is better on these images, or that they are not told apart."""
    if not is_told_apart(paired.p_value):
        return f"{first} and {second} are not told apart on these images."
    better = second if paired.count("second") > paired.count("first") else first
    return f"Of these two networks {better} is the better one on images like these, by more than chance."


def sentences_of_setting(effect: SettingEffect) -> tuple[str, ...]:
    """Says what a setting did: on the validation images, which judge it, and afterwards on the test images."""
    seeds = len(effect.seeds)
    if not effect.differing:
        return ("Both groups have the same settings: there is nothing to judge.",)
    change = change_in_words(effect)
    if not seeds:
        return (f"{change}: no random seed is in both groups, so no training has a partner to be compared with.",)
    if not effect.has_same_data:
        return (
            f"{change}: the groups learnt from different data, one of which may be easier. Accuracies on different "
            "images cannot be compared; choose two groups with the same data set.",
        )
    if effect.validation is None and effect.has_validation_images:
        return (f"{change}: a run ended before its first whole epoch, so that it has no validation accuracy.",)
    if effect.validation is None:
        return (
            f"{change}: without validation images a setting cannot be judged, since the test images must not choose. "
            "Train with validation on the last part of the training images.",
        )
    told = [f"{change}, over {_seeds(seeds)}: {_judged(effect.validation, 'validation', seeds)}"]
    if effect.test is not None:
        told.append(f"Afterwards, on the test images: {_judged(effect.test, 'test', seeds)}")
    if not _OF_IMAGES.isdisjoint(each.label for each in effect.differing):
        told.append("The two groups have other validation images, which may be easier or harder.")
    if len(effect.differing) > 1:
        told.append(
            f"The groups differ in {len(effect.differing)} settings, so that this cannot be told of any one of them."
        )
    return tuple(told)


def change_in_words(effect: SettingEffect) -> str:
    """Names what two groups differ in: "Batch size 4,096 instead of 32"."""
    words = ", ".join(f"{each.label} {each.second} instead of {each.first}" for each in effect.differing)
    return words[:1].upper() + words[1:]


def _judged(found: PairedDifferences, measure: str, seeds: int) -> str:
    distance = points_text(abs(found.mean))
    if found.mean == 0 and found.p_value is None and seeds >= _FEWEST:
        return f"the {measure} accuracy is the same with each seed."
    if found.mean == 0:
        told = f"the {measure} accuracy is the same on average"
    else:
        told = f"the {measure} accuracy is {distance} {'higher' if found.mean > 0 else 'lower'}"
        told += " on average" if seeds > 1 else ""
    if seeds < _FEWEST:
        return f"{told}. One seed cannot judge a setting: another one may turn it round."
    if found.p_value is None or found.interval is None:
        return f"{told}, and by as much with each seed, so that the t-test has no spread to judge it by."
    verdict = "more than chance" if is_told_apart(found.p_value) else "not told apart"
    return (
        f"{told} (95 % interval: {points_interval_text(*found.interval)}); "
        f"if the setting changed nothing, chance alone would do that {chance_in_cases(found.p_value)}: {verdict}."
    )


def accuracy_with_interval(accuracy: float, interval: tuple[float, float]) -> str:
    """Writes an accuracy with its Wilson interval: "97.12 % (96.77 % to 97.43 %)"."""
    low, high = interval
    return f"{percent(accuracy, 2)} ({percent(low, 2)} to {percent(high, 2)})"


def _images(count: int) -> str:
    return f"{count:,} image" + ("" if count == 1 else "s")


def _seeds(count: int) -> str:
    return f"{count} seed" + ("" if count == 1 else "s")
