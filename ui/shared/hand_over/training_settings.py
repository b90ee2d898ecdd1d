"""Settings of a training that another page hands over to the form on Train, which then shows them as entered there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.shared.visit import Once, state_of


@dataclass
class _HandedOver:
    settings: Once[Mapping[str, Any]] = field(default_factory=Once)


def hand_over_settings(settings: Mapping[str, Any]) -> None:
    """Leaves settings for the form on Train, which takes them when it is next opened.

    Args:
        settings: by name, as `TrainingConfig` has them.
    """
    state_of(_HandedOver).settings.put(settings)


def take_settings() -> Mapping[str, Any]:
    """Returns the settings that were left, once; none if there are none."""
    return state_of(_HandedOver).settings.take() or {}
