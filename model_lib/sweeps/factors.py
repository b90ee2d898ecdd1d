"""The settings that a sweep can vary: what their values may be, and what each changes in a network or its settings."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from model_lib.config.layer_kinds import LAYER_KINDS
from model_lib.config.network import OPTIONS, LayerSpec, NetworkSpec
from model_lib.config.setting import Setting, SettingsError
from model_lib.config.training import SETTINGS, TrainingConfig

Value: TypeAlias = float | int | str
_Applied: TypeAlias = tuple[NetworkSpec, TrainingConfig]
_MOST_VALUES: Final = 20


@dataclass(frozen=True)
class Factor:
    """One setting that a sweep can vary.

    Args:
        name: its id.
        setting: what its values may be, and what a page calls it.
        usual: the values that a form begins with.
        apply: makes the network and the settings with one value of it.
        is_log: whether its values differ by factors rather than by amounts.
    """

    name: str
    setting: Setting
    usual: tuple[Value, ...]
    apply: Callable[[NetworkSpec, TrainingConfig, Value], _Applied]
    is_log: bool = False

    @property
    def label(self) -> str:
        """What a page calls it."""
        return self.setting.label

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers; else they are names of choices."""
        return self.setting.range is not None

    def words(self, value: Value) -> str:
        """Returns a value as a page shows it."""
        if isinstance(value, str):
            return value if self.name == "augmentation" else self.setting.choices.get(value, value)
        number = f"{value:,}" if isinstance(value, int) else f"{value:g}"
        return f"x {number}" if self.name == "filters" else number


def _in_config(name: str) -> Callable[[NetworkSpec, TrainingConfig, Value], _Applied]:
    def apply(spec: NetworkSpec, config: TrainingConfig, value: Value) -> _Applied:
        changes: dict[str, Any] = {name: value}
        return spec, dataclasses.replace(config, **changes)

    return apply


def _optimizer(spec: NetworkSpec, config: TrainingConfig, value: Value) -> _Applied:
    # Each with the learning rate that suits it: one for all would be a second change.
    changes: dict[str, Any] = {"optimizer": value, "learning_rate": None}
    return spec, dataclasses.replace(config, **changes)


def _dropout(spec: NetworkSpec, config: TrainingConfig, value: Value) -> _Applied:
    layers = tuple(
        dataclasses.replace(layer, rate=float(value)) if layer.kind == "Dropout" else layer for layer in spec.layers
    )
    return dataclasses.replace(spec, layers=layers), config


def _filters(spec: NetworkSpec, config: TrainingConfig, value: Value) -> _Applied:
    return dataclasses.replace(spec, layers=tuple(_scaled(layer, float(value)) for layer in spec.layers)), config


def _scaled(layer: LayerSpec, factor: float) -> LayerSpec:
    counts = {name for name in ("filters", "units") if name in LAYER_KINDS[layer.kind].options}
    return dataclasses.replace(layer, **{name: max(1, round(getattr(layer, name) * factor)) for name in counts})


FACTORS: Final[Mapping[str, Factor]] = {
    factor.name: factor
    for factor in (
        Factor("learning_rate", SETTINGS["learning_rate"], (0.0003, 0.001, 0.003), _in_config("learning_rate"), True),
        Factor("batch_size", SETTINGS["batch_size"], (16, 32, 128), _in_config("batch_size"), True),
        Factor(
            "dropout",
            dataclasses.replace(OPTIONS["rate"], label="Dropout", is_whole=False),
            (0.0, 0.25, 0.5),
            _dropout,
        ),
        Factor(
            "filters",
            Setting(
                label="Filters and units",
                range=(0.1, 4.0),
                help="By how much the filters of each convolution, and the units of each dense layer, are multiplied.",
            ),
            (0.5, 1.0, 2.0),
            _filters,
            True,
        ),
        Factor("training_images", SETTINGS["training_images"], (500, 2000, 8000), _in_config("training_images"), True),
        Factor("optimizer", SETTINGS["optimizer"], ("adam", "sgd", "rmsprop"), _optimizer),
        Factor("augmentation", SETTINGS["augmentation"], ("none", "gentle"), _in_config("augmentation")),
    )
}


def parse_values(factor: Factor, text: str) -> tuple[Value, ...]:
    """Reads numbers that somebody has typed, e.g. "0.001, 0.01"; semicolons and spaces part them too.

    Raises:
        SettingsError: for what is no number, for one out of the setting's range, and for more than 20 of them.
    """
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    return checked_values(factor, [_number(factor, part) for part in parts])


def checked_values(factor: Factor, values: Sequence[Value]) -> tuple[Value, ...]:
    """Returns the values of a factor, each once, in their order.

    Raises:
        SettingsError: if there is none, if one is not allowed, or if there are more than 20.
    """
    if not values:
        raise SettingsError(f'"{factor.label}" needs at least one value.', factor.name)
    for value in values:
        if not factor.setting.allows(value):
            raise SettingsError(
                f'"{factor.label}" must be {factor.setting.expectation}. Received: {value!s:.40}.',
                factor.name,
                value,
                factor.setting.range,
            )
    if factor.setting.is_whole:
        values = [int(value) for value in values]
    once = tuple(dict.fromkeys(values))
    if len(once) > _MOST_VALUES:
        raise SettingsError(
            f'"{factor.label}" can take at most {_MOST_VALUES} values. Received: {len(once)}.', factor.name, len(once)
        )
    return once


def _number(factor: Factor, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(
            f'"{factor.label}" needs numbers with commas between them. Received: {text[:40]}.', factor.name, text[:40]
        ) from None
