"""Figures as plain dictionaries: made by the steps of a `go.Figure`, sent without its objects."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io

# Plotly 7.1 has no public name for it.
from _plotly_utils.utils import to_typed_array_spec


class FigureDraft:
    """Collects traces and layout, and makes a figure of them.

    Its methods are named as those of `go.Figure` and merge dictionaries as they do, but abbreviate nothing: titles are
    dictionaries, colour scales lists, properties nested. The `update_...` of a `go.Figure` take most of a page's time.
    """

    def __init__(self) -> None:
        self._traces: list[dict[str, Any]] = []
        self._layout: dict[str, Any] = {}

    def add_bar(self, **properties: Any) -> None:
        """Adds bars."""
        self._add("bar", properties)

    def add_contour(self, **properties: Any) -> None:
        """Adds contour lines."""
        self._add("contour", properties)

    def add_heatmap(self, **properties: Any) -> None:
        """Adds a heatmap."""
        self._add("heatmap", properties)

    def add_image(self, **properties: Any) -> None:
        """Adds an image trace."""
        self._add("image", properties)

    def add_scatter(self, **properties: Any) -> None:
        """Adds points, lines or text."""
        self._add("scatter", properties)

    def _add(self, kind: str, properties: Mapping[str, Any]) -> None:
        self._traces.append(_merge({"type": kind}, properties))

    def update_last_trace(self, **properties: Any) -> None:
        """Changes properties of the trace that was added last."""
        _merge(self._traces[-1], properties)

    def add_annotation(self, **properties: Any) -> None:
        """Adds a text to the layout."""
        self._layout.setdefault("annotations", []).append(properties)

    def add_layout_image(self, **properties: Any) -> None:
        """Adds a picture to the layout."""
        self._layout.setdefault("images", []).append(properties)

    def add_shape(self, **properties: Any) -> None:
        """Adds a line or a rectangle to the layout."""
        self._layout.setdefault("shapes", []).append(properties)

    def update_layout(self, **properties: Any) -> None:
        """Changes properties of the layout."""
        _merge(self._layout, properties)

    def update_xaxes(self, **properties: Any) -> None:
        """Changes properties of the first horizontal axis."""
        _merge(self._layout, {"xaxis": properties})

    def update_yaxes(self, **properties: Any) -> None:
        """Changes properties of the first vertical axis."""
        _merge(self._layout, {"yaxis": properties})

    def build(self) -> PlainFigure:
        """Returns the figure."""
        return PlainFigure({"data": self._traces, "layout": self._layout})


class PlainFigure(go.Figure):
    """A figure that Plotly validates and turns into its objects when somebody looks into it, not before.

    Streamlit only asks for its dictionary.

    Args:
        plain: "data" and "layout", complete, see `FigureDraft`.
    """

    def __init__(self, plain: dict[str, Any]) -> None:
        self._plain = plain
        self._sent: dict[str, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        """Makes Plotly's objects, which are missing until then."""
        if "_plain" not in self.__dict__ or name.startswith("__"):
            raise AttributeError(name)
        super().__init__(self.__dict__.pop("_plain"))
        return getattr(self, name)

    def to_dict(self) -> dict[str, Any]:
        """Returns the figure as Plotly.js takes it, to be read only."""
        if "_plain" not in self.__dict__:
            validated: dict[str, Any] = super().to_dict()
            return validated
        if self._sent is None:
            self._sent = {
                "data": [_sendable(trace) for trace in self._plain["data"]],
                "layout": {"template": _template(plotly.io.templates.default)} | self._plain["layout"],
            }
        return self._sent


@cache
def _template(name: str) -> dict[str, Any]:
    template: dict[str, Any] = plotly.io.templates[name].to_plotly_json()
    return template


def _merge(properties: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Merges dictionaries within dictionaries, copied, since callers share constants; None removes a property."""
    for name, value in changes.items():
        if isinstance(value, Mapping):
            before = properties.get(name)
            properties[name] = _merge(before if isinstance(before, dict) else {}, value)
        elif value is None:
            properties.pop(name, None)
        else:
            properties[name] = value
    return properties


def _sendable(value: Any) -> Any:
    """Returns the value with arrays of numbers in base64, as a `go.Figure` sends them."""
    if isinstance(value, dict):
        return {name: _sendable(each) for name, each in value.items()}
    return to_typed_array_spec(value) if isinstance(value, np.ndarray) else value
