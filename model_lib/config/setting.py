"""Metadata of the fields of `TrainingConfig` and `LayerSpec`: what each may hold, and how a page offers it."""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeVar

_KEY: Final = "setting"
Default = TypeVar("Default")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Constraints and presentation of one field. `name` and the three that follow it are read off the field itself.

    Args:
        name: the field's.
        is_whole: whether the number must be an integer.
        is_optional: whether None is allowed.
        is_flag: whether it is a boolean.
        range: lowest and highest number, both allowed; None for a field that is no number.
        choices: from each allowed value to what the page calls it; empty for a field that takes any.
        pattern: regular expression that a text must match; empty for no constraint.
        expected: the texts that match `pattern`, in words.
        help: one sentence for the visitor: what it changes.
        label: what stands above its control.
        step: what the arrows of its number box add, in the unit of the box.
        placeholder: what stands in its box while it is empty.
        is_share: whether it is a share, 0 to 1, that the page shows in per cent.
        group: the part of the form that its control stands in.
        used_if: whether it has an effect beside these other settings; its control is hidden where not.
    """

    name: str = ""
    is_whole: bool = False
    is_optional: bool = False
    is_flag: bool = False
    range: tuple[float, float] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    expected: str = ""
    help: str = ""
    label: str = ""
    step: float = 1
    placeholder: str | None = None
    is_share: bool = False
    group: str = ""
    used_if: Callable[[Any], bool] = lambda config: True

    def within(self, low: float, high: float) -> Setting:
        """Returns the same setting with another range."""
        return dataclasses.replace(self, range=(low, high))

    @property
    def expectation(self) -> str:
        """What a value must be, for an error message: "a whole number from 1 to 50"."""
        if self.range is not None:
            low, high = self.range
            return f"a {'whole ' if self.is_whole else ''}number from {low:,.15g} to {high:,.15g}"
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return self.expected or "true or false"

    def allows(self, value: object) -> bool:
        """Whether a value is valid by itself, whatever the other settings are."""
        if value is None:
            return self.is_optional
        if self.is_flag:
            return isinstance(value, bool)
        if self.range is not None:
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            return is_number and self._is_within(typing.cast(float, value))
        if self.choices:
            return value in self.choices
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    def _is_within(self, number: float) -> bool:
        assert self.range is not None
        return self.range[0] <= number <= self.range[1] and not (self.is_whole and number != int(number))


def setting(default: Default, **details: Any) -> Default:
    """Returns a dataclass field with this default, and the arguments of `Setting` as its metadata."""
    made: Default = field(default=default, metadata={_KEY: Setting(**details)})
    return made


def settings_of(description: type) -> dict[str, Setting]:
    """Reads the settings of a dataclass, in the order of its fields; fields without metadata are left out.

    A field's type tells the rest: `int` is a whole number, `| None` is optional, `bool` is a flag, and the values of a
    `Literal` are the choices unless the metadata names them.
    """
    hints = typing.get_type_hints(description)
    return {
        each.name: _completed(each.metadata[_KEY], each.name, hints[each.name])
        for each in fields(description)
        if _KEY in each.metadata
    }


def _completed(details: Setting, name: str, hint: Any) -> Setting:
    is_union = isinstance(hint, types.UnionType)
    kinds = typing.get_args(hint) if is_union else (hint,)
    words = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    return dataclasses.replace(
        details,
        name=name,
        is_whole=int in kinds,
        is_optional=type(None) in kinds,
        is_flag=bool in kinds,
        choices=details.choices or {word: word for word in words},
        label=details.label or name.replace("_", " "),
    )


class SettingsError(ValueError):
    """A setting that is impossible. The message names settings as programs do; a page words it from the parts.

    Args:
        message: what was expected, what was received.
        setting: the setting's name.
        received: its value.
        allowed: its lowest and highest value, both allowed, where it is a number.
        beside: the name of the setting that it does not go with; empty if it is impossible by itself.
    """

    def __init__(
        self,
        message: str,
        setting: str,
        received: object = None,
        allowed: tuple[float, float] | None = None,
        beside: str = "",
    ) -> None:
        super().__init__(message)
        self.setting = setting
        self.received = received
        self.allowed = allowed
        self.beside = beside
