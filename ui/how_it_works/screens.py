"""The order of the screens, and the one that the address asks for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Final, cast

from ui.how_it_works.texts import ScreenText
from ui.shared.url_state import UrlState

# A screen's name is its address, the name of its file of texts, and that of its module in its group's folder, which
# has a function `show`.
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "data": ("pixels", "one_hot"),
    "neuron": ("neuron", "activation", "softmax"),
    "loss": ("cross_entropy", "three_models", "loss_and_accuracy"),
    "training": ("training_step", "gradient_descent", "batch_and_epoch", "optimizers"),
    "convolution": ("convolution", "padding_and_stride", "pooling", "parameters"),
    "generalization": ("dropout", "batch_normalization", "overfitting", "test_set"),
}
SCREENS: Final = tuple(name for names in _GROUPS.values() for name in names)


def _parse(parameters: Mapping[str, str]) -> str:
    name = parameters.get("screen", "")
    return name if name in SCREENS else SCREENS[0]


_CHOICE: Final = UrlState(("screen",), _parse, lambda name: {"screen": name})


def current_screen() -> str:
    """Returns the name of the screen that is shown, in the address too."""
    _CHOICE.write()
    return _CHOICE.value


def go_to(name: str) -> None:
    """Changes the screen."""
    _CHOICE.set(name)


def shower_of(name: str) -> Callable[[ScreenText], None]:
    """Returns the function that shows a screen's picture and numbers."""
    (group,) = [group for group, names in _GROUPS.items() if name in names]
    return cast("Callable[[ScreenText], None]", importlib.import_module(f"ui.how_it_works.{group}.{name}").show)
