"""The settings of a run in words, to name what two runs differ in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from model_lib.config.layer_kinds import layer_name, layer_title
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.setting import Setting
from model_lib.config.training import SETTINGS, TrainingConfig
from model_lib.datasets.loading import dataset_title, is_known
from model_lib.number_format import percent
from model_lib.storage.lineage import Ancestor

SEED: Final = "seed"
# The id of the bundled network among the trainings before: `Ancestor.id`.
_READY_MADE: Final = "pretrained"
_LAYERS: Final = "layers"
# Longer ones explain a choice; there the value itself is enough.
_LONGEST_CHOICE: Final = 40
_SET_LETTERS: Final = 4


@dataclass(frozen=True)
class Difference:
    """A setting that two runs differ in.

    Args:
        label: of the setting, e.g. "batch size".
        first, second: its values in words; "none" where a run does not have it.
    """

    label: str
    first: str
    second: str


def settings_in_words(spec: NetworkSpec, config: TrainingConfig) -> dict[str, str]:
    """Returns all that makes a training what it is, but its random seed: values by labels, both in words.

    Settings that have no effect beside the others are left out, such as the momentum of Adam.
    """
    words = {_LAYERS: ", ".join(layer.kind for layer in spec.layers)}
    if spec.pixel_scale != 1.0:
        words["pixels times"] = f"{spec.pixel_scale:g}"
    counts: Counter[str] = Counter()
    for layer in spec.layers:
        counts[layer.kind] += 1
        title = layer_title(layer.kind, layer_name(layer.kind, counts[layer.kind]))
        words |= {f"{title}: {name.replace('_', ' ')}": _plain(value) for name, value in layer.options().items()}
    for name, setting in SETTINGS.items():
        if name != SEED and setting.used_if(config):
            words[_label(setting)] = _value(setting, config)
    return words


def differences(first: dict[str, str], second: dict[str, str]) -> tuple[Difference, ...]:
    """Returns what two trainings differ in.

    Args:
        first, second: from `settings_in_words`. Where the chains of layers differ, the options of their layers are left
            out.
    """
    labels = list(first | second)
    if first[_LAYERS] != second[_LAYERS]:
        labels = [label for label in labels if ": " not in label]
    pairs = [(label, first.get(label, "none"), second.get(label, "none")) for label in labels]
    return tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])


def first_weights_in_words(ancestors: Sequence[Ancestor]) -> str:
    """Returns what a training started from: "random", or "those of run 20261127-093000-mlp-1a2b after epoch 3".

    Args:
        ancestors: the trainings that made its first weights, the oldest first.
    """
    if not ancestors:
        return "random"
    last = ancestors[-1]
    if last.id == _READY_MADE:
        return "those of the ready-made network"
    return f"those of run {last.id}" + (f" after epoch {last.epochs}" if last.epochs else "")


@lru_cache(maxsize=4096)
def set_otherwise(spec: NetworkSpec, config: TrainingConfig) -> str:
    """Returns what differs from the usual settings of a network, its random seed too: "seed 2, batch size 512".

    The usual settings are those of the preset of the same name, for other networks the defaults. Short words come
    first: of a long line a table shows the beginning.
    """
    usual = PRESET_CONFIGS.get(spec.name, TrainingConfig())
    changes = differences(settings_in_words(PRESETS.get(spec.name, spec), usual), settings_in_words(spec, config))
    # Layers are a list of many words, which the column of the network has.
    words = [_LAYERS if change.label == _LAYERS else f"{change.label} {change.second}" for change in changes]
    if config.seed != usual.seed:
        words.append(f"seed {config.seed}")
    return ", ".join(sorted(words, key=len))


def _label(setting: Setting) -> str:
    label = setting.label.removesuffix(", per cent")
    return label[0].lower() + label[1:]


def _value(setting: Setting, config: TrainingConfig) -> str:
    value = getattr(config, setting.name)
    if setting.name == "learning_rate":
        return _plain(config.rate)
    if setting.name == "dataset":
        return dataset_title(config.dataset) if is_known(config.dataset) else config.dataset
    if setting.name == "own_digits" and value:
        return f"set {value[:_SET_LETTERS]}"  # enough to tell two sets apart
    if value is None:
        return setting.placeholder or "none"
    if setting.is_share:
        return percent(value)
    choice = setting.choices.get(value, "") if setting.choices else ""
    return choice if 0 < len(choice) <= _LONGEST_CHOICE else _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.15g}"
    return "usual" if value is None else str(value) or "none"
