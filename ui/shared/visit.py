"""The state of a visit (one browser session): typed objects, one for each part of the app, instead of string keys.

Each module declares a dataclass of what it keeps and gets this visit's object by `state_of(ItsClass)`. Others call its
functions and never read its object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import streamlit as st

T = TypeVar("T")


def state_of(kind: type[T]) -> T:
    """Returns this visit's object of a class, made without arguments on first use."""
    key = key_of(kind)
    if key not in st.session_state:
        st.session_state[key] = kind()
    return cast("T", st.session_state[key])


def key_of(kind: type) -> str:
    """Returns the session key under which the object of a class is kept; for tests that look at it from outside."""
    return f"{kind.__module__}.{kind.__qualname__}"


@dataclass
class Once(Generic[T]):
    """A value that a callback leaves for the next run of the page, such as a message that is shown once."""

    _value: T | None = None

    def put(self, value: T) -> None:
        """Leaves a value in place of one that has not been taken."""
        self._value = value

    def take(self) -> T | None:
        """Returns the value and forgets it; None if there is none."""
        value, self._value = self._value, None
        return value


def mirrored(
    widget: Callable[..., Any], *args: Any, key: str, value: T, on_change: Callable[[T], None], **options: Any
) -> None:
    """Shows a widget for a value that is kept elsewhere, so that other parts of the page may set it too.

    Args:
        widget: such as `st.selectbox`.
        args: its positional arguments.
        key: of the widget.
        value: what it shows in this run.
        on_change: is given the new value when the visitor changes it, before the page runs again.
        options: its other keyword arguments.
    """
    st.session_state[key] = value
    widget(*args, key=key, on_change=lambda: on_change(st.session_state[key]), **options)
