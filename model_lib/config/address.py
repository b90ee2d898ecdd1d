"""Network and settings of a training as parameters of an address, and back; anything may stand in an address."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from model_lib.config.setting import Setting
from model_lib.config.training import LEARNING_RATES, SETTINGS, TrainingConfig, with_dataset
from model_lib.datasets.loading import TITLES

NETWORK: Final = "network"
# A visitor's own digits are nobody else's.
_PERSONAL: Final = ("own_digits", "replay")
SHARED_SETTINGS: Final[Mapping[str, Setting]] = {name: each for name, each in SETTINGS.items() if name not in _PERSONAL}
_NONE: Final = "none"
_LONGEST: Final = 40


@dataclass(frozen=True)
class WrongParameter:
    """A parameter that cannot be used.

    Args:
        name: as it stands in the address.
        value: alike.
        expected: what it must be, as in "a number from 1 to 50".
    """

    name: str
    value: str
    expected: str


@dataclass(frozen=True)
class SharedTraining:
    """What an address says of a training.

    Args:
        network: one of the names it may be; None if it says nothing of it.
        settings: by name, each allowed by itself.
        wrong: what else stands there under these names.
    """

    network: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    wrong: tuple[WrongParameter, ...] = ()


def read_address(parameters: Mapping[str, str], networks: tuple[str, ...]) -> SharedTraining:
    """Reads a training from the parameters of an address.

    Args:
        parameters: of the address, those of others too, which are passed over.
        networks: the names that a network may have.
    """
    network, settings, wrong = parameters.get(NETWORK), {}, []
    if network is not None and network not in networks:
        wrong.append(WrongParameter(NETWORK, network, f"one of {', '.join(networks)}"))
        network = None
    for name, allowed in SHARED_SETTINGS.items():
        if name not in parameters:
            continue
        value = _parsed(allowed, parameters[name])
        if value is not _UNREADABLE and allowed.allows(value):
            settings[name] = value
        else:
            expected = allowed.expectation + (f", or {_NONE}" if allowed.is_optional else "")
            wrong.append(WrongParameter(name, parameters[name], expected))
    return SharedTraining(network, settings, tuple(wrong))


def to_address(network: str, usual: TrainingConfig, config: TrainingConfig) -> dict[str, str]:
    """Returns the parameters of a training: its network, and what differs from that network's usual settings.

    Args:
        network: the network's name in an address.
        usual: the settings that a form for it starts from.
        config: the settings of the training; an image set that a visitor has brought is left out.
    """
    start = usual
    if config.dataset in TITLES and config.dataset != usual.dataset:
        start = dataclasses.replace(with_dataset(usual, config.dataset), dataset=usual.dataset)
    rate = usual.rate if config.optimizer == usual.optimizer else LEARNING_RATES[config.optimizer]
    start = dataclasses.replace(start, learning_rate=rate)
    shown = dataclasses.replace(config, learning_rate=config.rate)
    if config.dataset not in TITLES:
        shown = dataclasses.replace(shown, dataset=usual.dataset, training_images=usual.training_images)
    return {NETWORK: network} | {
        name: _written(getattr(shown, name))
        for name, allowed in SHARED_SETTINGS.items()
        if allowed.used_if(shown) and getattr(shown, name) != getattr(start, name)
    }


_UNREADABLE: Final = object()


def _parsed(allowed: Setting, text: str) -> Any:
    if allowed.is_optional and text == _NONE:
        return None
    if allowed.range is None:
        return text
    try:
        # Short: Python would read a number of a million digits, slowly.
        return int(text) if allowed.is_whole and len(text) <= _LONGEST else float(text[:_LONGEST])
    except ValueError:
        return _UNREADABLE


def _written(value: Any) -> str:
    if value is None:
        return _NONE
    return repr(value) if isinstance(value, float) and value != int(value) else str(value)
