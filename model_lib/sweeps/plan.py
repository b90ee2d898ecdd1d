"""The plan of a sweep: which points it tries, with which random seeds, and the network and settings of each."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.setting import SettingsError
from model_lib.config.summary import summarise
from model_lib.config.training import SETTINGS, TrainingConfig, check_config
from model_lib.sweeps.factors import FACTORS, Factor, Value, checked_values

Way = Literal["grid", "random"]
Point = tuple[Value, ...]

MOST_RUNS: Final = 60
MOST_FACTORS: Final = 2
MOST_SEEDS: Final = 20


class SweepError(Exception):
    """A sweep that cannot be started or read; the message says why and what to do."""


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep tries.

    Args:
        spec: the network that the points change.
        config: the settings that the points change, with validation images.
        values: of each setting that is varied, by its name in `FACTORS`: the values of a grid, or those between which
            random search draws.
        points: the values of all settings together, in the order of `values`.
        seeds: the random seeds with which each point is trained.
        way: "grid" for all combinations, "random" for points drawn between the lowest and the highest value.
        is_halving: whether successive halving stops the worst runs early.
    """

    spec: NetworkSpec
    config: TrainingConfig
    values: Mapping[str, tuple[Value, ...]]
    points: tuple[Point, ...]
    seeds: tuple[int, ...]
    way: Way = "grid"
    is_halving: bool = False

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The settings that are varied."""
        return tuple(FACTORS[name] for name in self.values)

    @property
    def runs(self) -> int:
        """How many runs it has."""
        return len(self.points) * len(self.seeds)

    def order(self) -> Iterator[tuple[int, int]]:
        """Yields index of the point and seed of each run, in the order of their start: all points with one seed first,
        so that early on there is something of every value.
        """
        for seed, point in itertools.product(self.seeds, range(len(self.points))):
            yield point, seed

    def point_words(self, point: int) -> str:
        """Returns a point in words: "Batch size 32, Dropout 0.5"."""
        pairs = zip(self.factors, self.points[point], strict=True)
        return ", ".join(f"{factor.label} {factor.words(value)}" for factor, value in pairs)

    def at(self, point: int, seed: int) -> tuple[NetworkSpec, TrainingConfig]:
        """Returns the network and the settings of one run."""
        spec, config = self.spec, dataclasses.replace(self.config, seed=seed)
        # The optimizer brings its own learning rate with it, which a swept learning rate then replaces.
        for factor, value in sorted(
            zip(self.factors, self.points[point], strict=True), key=lambda pair: pair[0].name != "optimizer"
        ):
            spec, config = factor.apply(spec, config, value)
        title = f"{self.spec.title or self.spec.name}, {self.point_words(point)}, seed {seed}"
        return dataclasses.replace(spec, title=title), config

    def as_dict(self) -> dict[str, Any]:
        """Returns the plan as JSON takes it."""
        return {
            "spec": self.spec.as_dict(),
            "config": self.config.as_dict(),
            "values": {name: list(values) for name, values in self.values.items()},
            "points": [list(point) for point in self.points],
            "seeds": list(self.seeds),
            "way": self.way,
            "is_halving": self.is_halving,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> SweepPlan:
        """Reads a plan from JSON.

        Raises:
            SweepError: for anything that is no plan of this version.
        """
        try:
            plan = cls(
                NetworkSpec.from_dict(entry["spec"]),
                TrainingConfig.from_dict(entry["config"]),
                {str(name): tuple(values) for name, values in entry["values"].items()},
                tuple(tuple(point) for point in entry["points"]),
                tuple(int(seed) for seed in entry["seeds"]),
                entry["way"],
                bool(entry["is_halving"]),
            )
            _check_shape(plan)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SweepError(f"The plan of this sweep is damaged: {error}") from error
        return plan


def _check_shape(plan: SweepPlan) -> None:
    if not 1 <= len(plan.values) <= MOST_FACTORS or not set(plan.values) <= set(FACTORS):
        raise ValueError(f"it varies {', '.join(plan.values) or 'nothing'}")
    if any(len(point) != len(plan.values) for point in plan.points) or not plan.points or not plan.seeds:
        raise ValueError("it has no points, or points without a value")
    if plan.way not in get_args(Way):
        raise ValueError(f"`way` is {plan.way!r:.40}")


def base_config(config: TrainingConfig, epochs: int, training_images: int) -> TrainingConfig:
    """Returns the settings that a sweep starts from: those of a preset, with images held out, since the sweep chooses
    by them, and without an early end, since all runs are to have the same number of epochs.
    """
    return dataclasses.replace(
        config,
        epochs=epochs,
        training_images=training_images,
        validation="last",
        target_accuracy=None,
        target_measure="training",
        patience=None,
        time_limit_seconds=None,
    )


def make_plan(
    spec: NetworkSpec,
    config: TrainingConfig,
    values: Mapping[str, tuple[Value, ...]],
    seeds: int,
    way: Way = "grid",
    draws: int = 10,
    is_halving: bool = False,
) -> SweepPlan:
    """Makes the plan of a sweep, and makes sure that every run of it can start.

    Args:
        spec: the network.
        config: the settings, see `base_config`.
        values: of each setting that is varied, by its name.
        seeds: how many random seeds each point is trained with; the first is that of `config`.
        way: see `SweepPlan`.
        draws: how many points random search draws.
        is_halving: see `SweepPlan`.

    Raises:
        SettingsError, NetworkError: for the first value with which a run could not start; it names the value.
    """
    if not 1 <= len(values) <= MOST_FACTORS:
        raise SettingsError(f"A sweep varies one setting or two. Received: {len(values)}.", "")
    if config.validation != "last":
        raise SettingsError('A sweep chooses by validation images, so "validation" must be last.', "validation")
    checked = {name: checked_values(FACTORS[name], each) for name, each in values.items()}
    if "dropout" in checked and all(layer.kind != "Dropout" for layer in spec.layers):
        raise SettingsError(
            f'"{spec.title or spec.name}" has no Dropout layer. Choose another network or another setting.', "dropout"
        )
    _check_count("Seeds", seeds, MOST_SEEDS)
    if is_halving and config.epochs < 2:
        raise SettingsError("To stop the worst runs early, each needs 2 epochs or more.", "epochs", config.epochs)
    points: tuple[Point, ...]
    if way == "random":
        from model_lib.sweeps.random_search import draw_points

        _check_count("Points to draw", draws, MOST_RUNS)
        points = draw_points(checked, draws, config.seed)
    else:
        points = tuple(itertools.product(*checked.values()))
    if len(points) * seeds > MOST_RUNS:
        raise SettingsError(
            f"A sweep has at most {MOST_RUNS} runs. Received: {len(points)} points x {seeds} seeds = "
            f"{len(points) * seeds}. Take fewer values or fewer seeds.",
            "seed",
            len(points) * seeds,
        )
    if len(points) < 2:
        raise SettingsError("A sweep needs two values or more to compare.", next(iter(values)))
    first, highest = config.seed, int((SETTINGS["seed"].range or (0, 0))[1])
    plan = SweepPlan(
        spec,
        config,
        checked,
        points,
        tuple((first + step) % (highest + 1) for step in range(seeds)),
        way,
        is_halving,
    )
    for point in range(len(points)):
        _check_point(plan, point)
    return plan


def _check_count(label: str, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise SettingsError(f'"{label}" must be a whole number from 1 to {most}. Received: {count}.', "seed", count)


def _check_point(plan: SweepPlan, point: int) -> None:
    spec, config = plan.at(point, plan.seeds[0])
    words = plan.point_words(point)
    try:
        summarise(spec)
        check_config(config)
    except NetworkError as error:
        raise NetworkError(f"{words}: {error}", error.layer, error.option, error.received, error.allowed) from error
    except SettingsError as error:
        if error.setting == "batch_size" and error.allowed is not None:
            message = (
                f"there are only {error.allowed[1]:,g} images to learn from, so that no batch can be larger. "
                "Take smaller batches or more images."
            )
        else:
            setting = SETTINGS[error.setting]
            message = f'"{setting.label}" does not fit. {error}'
        raise SettingsError(
            f"{words}: {message}", error.setting, error.received, error.allowed, error.beside
        ) from error
