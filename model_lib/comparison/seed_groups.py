"""Trainings with the same settings but for the random seed, and what a setting did, judged over pairs of seeds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from model_lib.comparison.record import RunRecord
from model_lib.comparison.settings_text import Difference, differences, first_weights_in_words, settings_in_words
from model_lib.comparison.significance import PairedDifferences, paired_differences
from model_lib.storage.lineage import ancestors_of
from model_lib.storage.run import RunError

# What its weights start from is none of the settings of a run, but no less important.
_START = "first weights"


@dataclass(frozen=True)
class Band:
    """Accuracies of several seeds.

    Args:
        mean: of them, 0 to 1.
        lowest, highest: the band: their range.
    """

    mean: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class SeedGroup:
    """Finished runs that differ in the random seed alone.

    Args:
        records: one a seed, by ascending seed; of several runs with the same seed the newest.
        words: their settings in words, by label.
    """

    records: tuple[RunRecord, ...]
    words: dict[str, str]

    @property
    def id(self) -> str:
        """The id of the run with the lowest seed, which names the group in an address."""
        return self.records[0].id

    @property
    def network(self) -> str:
        """What the network is called."""
        return self.records[0].spec.title or self.records[0].spec.name

    @property
    def dataset(self) -> str:
        """The name of the data set whose test images measure them."""
        return self.records[0].config.dataset

    @cached_property
    def by_seed(self) -> dict[int, RunRecord]:
        """The records by their seeds, ascending."""
        return {record.config.seed: record for record in self.records}

    @property
    def validation(self) -> Band | None:
        """Accuracy on the validation images after the last epoch; None where a run has no such images."""
        return _band([record.last_validation for record in self.records])

    @property
    def test(self) -> Band | None:
        """Accuracy on the test images; None where it was not measured."""
        return _band([record.test_accuracy for record in self.records])


@dataclass(frozen=True)
class SettingEffect:
    """What other settings did, over the seeds that both groups have.

    Args:
        first, second: the groups; differences are the second's accuracy less the first's.
        differing: what they differ in.
        seeds: that both have, ascending.
        validation: differences of the validation accuracy after the last epoch; None without validation images,
            without a seed that both have, and where the groups learnt from other data.
        test: differences of the test accuracy, to be looked at afterwards; None likewise, and where the two groups
            have other test images.
    """

    first: SeedGroup
    second: SeedGroup
    differing: tuple[Difference, ...]
    seeds: tuple[int, ...]
    validation: PairedDifferences | None
    test: PairedDifferences | None

    @property
    def has_same_data(self) -> bool:
        """Whether both groups learnt from the same data set: accuracies on different images cannot be compared."""
        return self.first.dataset == self.second.dataset

    @property
    def has_validation_images(self) -> bool:
        """Whether both groups held validation images out, though a run may have ended before they were looked at."""
        return all(group.records[0].config.validation == "last" for group in (self.first, self.second))


def group_by_settings(records: Iterable[RunRecord]) -> tuple[SeedGroup, ...]:
    """Groups runs by their settings, in the order in which a group's first run comes.

    Args:
        records: of runs; only those that have finished count, since others have had fewer epochs, and none that was
            brought: its validation accuracy is not known here.
    """
    groups: dict[tuple[tuple[str, str], ...], dict[int, RunRecord]] = {}
    words: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for record in records:
        if record.state != "finished" or record.run.was_brought:
            continue
        of_run = settings_in_words(record.spec, record.config)
        try:
            of_run[_START] = first_weights_in_words(ancestors_of(record.run))
        except RunError:
            continue
        key = tuple(of_run.items())
        words[key] = of_run
        same_seed = groups.setdefault(key, {}).get(record.config.seed)
        if same_seed is None or same_seed.created < record.created:
            groups[key][record.config.seed] = record
    return tuple(
        SeedGroup(tuple(by_seed[seed] for seed in sorted(by_seed)), words[key]) for key, by_seed in groups.items()
    )


def varying_labels(groups: Iterable[SeedGroup]) -> tuple[str, ...]:
    """Returns the labels of what these groups differ in, any two of them, to tell them apart by."""
    found: dict[str, None] = {}
    for one, other in itertools.combinations(groups, 2):
        found |= dict.fromkeys(each.label for each in differences(one.words, other.words))
    return tuple(found)


def group_name(group: SeedGroup, labels: Iterable[str]) -> str:
    """Returns the network of a group and those of its settings that have these labels: "MLP, batch size 32"."""
    return ", ".join([group.network, *(f"{label} {group.words[label]}" for label in labels if label in group.words)])


def setting_effect(first: SeedGroup, second: SeedGroup) -> SettingEffect:
    """Compares two groups seed by seed."""
    seeds = tuple(seed for seed in first.by_seed if seed in second.by_seed)
    pairs = [(first.by_seed[seed], second.by_seed[seed]) for seed in seeds]
    is_same_data = first.dataset == second.dataset
    return SettingEffect(
        first,
        second,
        differences(first.words, second.words),
        seeds,
        _paired([(one.last_validation, other.last_validation) for one, other in pairs]) if is_same_data else None,
        _paired([(one.test_accuracy, other.test_accuracy) for one, other in pairs]) if is_same_data else None,
    )


def missing_seeds(effect: SettingEffect, least: int = 3) -> tuple[tuple[SeedGroup, int], ...]:
    """Returns which trainings are missing for so many pairs: the group, and the seed it has not been trained with.

    Args:
        effect: the two groups.
        least: how many pairs there are to be; seeds that one of them has come first.
    """
    wanted = list(effect.seeds)
    known = [seed for seed in sorted({*effect.first.by_seed, *effect.second.by_seed}) if seed not in wanted]
    unused = (seed for seed in range(1, least + len(known) + len(wanted) + 1) if seed not in {*known, *wanted})
    while len(wanted) < least:
        wanted.append(known.pop(0) if known else next(unused))
    return tuple(
        (group, seed) for seed in wanted for group in (effect.first, effect.second) if seed not in group.by_seed
    )


def _band(accuracies: list[float | None]) -> Band | None:
    known = [accuracy for accuracy in accuracies if accuracy is not None]
    if not known or len(known) < len(accuracies):
        return None
    return Band(sum(known) / len(known), min(known), max(known))


def _paired(pairs: list[tuple[float | None, float | None]]) -> PairedDifferences | None:
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    if not known or len(known) < len(pairs):
        return None
    return paired_differences([one for one, _ in known], [other for _, other in known])


def closest_groups(groups: Sequence[SeedGroup]) -> tuple[SeedGroup, SeedGroup] | None:
    """Returns the two groups that say most of a single setting, the older first; None if there are not two.

    Those with the fewest differing settings come first, then those with the most seeds in common.
    """
    pairs = [
        (len(differences(one.words, other.words)), -len(one.by_seed.keys() & other.by_seed.keys()), place, one, other)
        for place, (one, other) in enumerate(itertools.combinations(groups, 2))
    ]
    if not pairs:
        return None
    *_, one, other = min(pairs, key=lambda pair: pair[:3])
    return (one, other) if one.records[0].created <= other.records[0].created else (other, one)
