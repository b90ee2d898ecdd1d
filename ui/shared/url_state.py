"""Values of the visit that stand in the page's address without a widget of their own, so that a link can be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from ui.shared.visit import state_of

T = TypeVar("T")


class UrlState(Generic[T]):
    """A value that is read from the address once, and from then on is kept in the session and written to the address.

    Once, since a click that comes in quickly still brings along the address of some clicks ago. A value that only its
    own widget needs has `bind="query-params"` instead. That writes what the widget shows, so it suits numbers, but no
    titles, which may be reworded.

    Args:
        names: of the parameters in the address.
        parse: makes the value of those parameters that are there; anything may stand in them.
        to_params: makes the parameters of the value; names that it leaves out are removed from the address.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        parse: Callable[[Mapping[str, str]], T],
        to_params: Callable[[T], Mapping[str, str]],
    ) -> None:
        self._names = names
        self._parse = parse
        self._to_params = to_params

    @property
    def value(self) -> T:
        """The value: what was set last, or what the visitor's address asked for."""
        values = state_of(_Values).by_names
        if self._names not in values:
            values[self._names] = self._parse(
                {name: st.query_params[name] for name in self._names if name in st.query_params}
            )
        return cast("T", values[self._names])

    def set(self, value: T) -> None:
        """Changes the value, and the address of this page."""
        state_of(_Values).by_names[self._names] = value
        self.write()

    def write(self) -> None:
        """Puts the value into the address. A change of page empties it, so each page that speaks of it calls this."""
        wanted = self._to_params(self.value)
        for name in self._names:
            if name not in wanted:
                st.query_params.pop(name, None)
            elif st.query_params.get(name) != wanted[name]:
                st.query_params[name] = wanted[name]


def open_address(page: str, parameters: Mapping[str, str]) -> None:
    """Goes to a page as a link with these parameters would: what the visit has kept for them is read anew.

    Args:
        page: its file, as `st.Page` has it.
        parameters: of the address.
    """
    values = state_of(_Values).by_names
    for names in [names for names in values if not set(names).isdisjoint(parameters)]:
        del values[names]
    st.switch_page(page, query_params=dict(parameters))


@dataclass
class _Values:
    by_names: dict[tuple[str, ...], Any] = field(default_factory=dict)
