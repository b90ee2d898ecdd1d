"""The numbers of a figure as a table: for those who cannot see it, or want to read a value."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import plotly.graph_objects as go

from model_lib.number_format import percent

# Cells by the name of their column, all columns of one length; empty where a figure has no data but its pixels.
Table: TypeAlias = dict[str, list[str]]
_Trace: TypeAlias = Mapping[str, Any]
_Cells: TypeAlias = dict[tuple[Any, str], str]

_TAG: Final = re.compile(r"<[^>]+>")


def figure_table(figure: go.Figure) -> Table:
    """Returns what the traces of a figure say, by the first of these that it has.

    Curves and bars: a column for the axis that they share and one for each trace. Heatmaps: their rows and columns,
    below each other if there are several. Numbers written on cells of two categories: the same. Tiles and points: the
    number, the caption and the hover text of each. Percentages are written with two decimals, other numbers with four
    digits.
    """
    plain = figure.to_dict()
    traces, layout = plain["data"], plain["layout"]
    for read in (_series, _heatmaps, _cells_of_categories, _points):
        if table := read(traces, layout):
            return table
    return {}


def _series(traces: Sequence[_Trace], layout: _Trace) -> Table:
    """Returns bars and lines; a line without hover text is a mark in the picture, not data."""
    shown = [each for each in traces if each["type"] == "bar" or (_is_line(each) and each.get("hoverinfo") != "skip")]
    if not shown:
        return {}
    is_horizontal = shown[0].get("orientation") == "h"
    along, across = ("y", "x") if is_horizontal else ("x", "y")
    write, title = _writer(layout, across), _axis_title(layout, across) or "value"
    names = [each.get("name", title) for each in shown]
    cells: _Cells = {}
    for name, trace in zip(names, shown, strict=True):
        for place, value in zip(_values(trace[along]), _values(trace[across]), strict=True):
            cells[place, name] = write(value)
    places = list(dict.fromkeys(place for place, _ in cells))
    if all(isinstance(place, float | int) for place in places):
        places.sort()
    return _pivot(_axis_title(layout, along) or "name", places, names, cells, _writer(layout, along))


def _is_line(trace: _Trace) -> bool:
    return trace["type"] == "scatter" and "lines" in trace.get("mode", "")


def _heatmaps(traces: Sequence[_Trace], layout: _Trace) -> Table:
    shown = [each for each in traces if each["type"] == "heatmap" and each.get("hoverinfo") != "skip"]
    titles = [_words(each["text"]) for each in layout.get("annotations", ())]
    tables = [_heatmap(each, layout) for each in shown]
    if len(tables) < 2:
        return tables[0] if tables else {}
    whole: Table = {}
    columns = list(dict.fromkeys(name for table in tables for name in table))
    for number, table in enumerate(tables):
        length = len(next(iter(table.values())))
        part = titles[number] if len(titles) == len(tables) else str(number + 1)
        whole.setdefault("part", []).extend([part] * length)
        for name in columns:
            whole.setdefault(name, []).extend(table.get(name, [""] * length))
    return whole


def _heatmap(trace: _Trace, layout: _Trace) -> Table:
    numbers = np.array(_values(trace["z"]), dtype=np.float64)
    rows = _values(trace["y"]) if "y" in trace else list(range(numbers.shape[0]))
    columns = _values(trace["x"]) if "x" in trace else list(range(numbers.shape[1]))
    suffix = trace.get("colorbar", {}).get("ticksuffix")
    cells = {
        (row, str(column)): _number(numbers[at, place], suffix)
        for at, row in enumerate(rows)
        for place, column in enumerate(columns)
    }
    title = _axis_title(layout, "y") or "row"
    return _pivot(title, rows, [str(column) for column in columns], cells, str)


def _cells_of_categories(traces: Sequence[_Trace], layout: _Trace) -> Table:
    if not all(layout.get(axis, {}).get("type") == "category" for axis in ("xaxis", "yaxis")):
        return {}
    (written,) = [each for each in traces if each.get("mode") == "text"]
    words = zip(written["y"], written["x"], written["text"], strict=True)
    cells = {(row, str(column)): text for row, column, text in words}
    heatmap = next(each for each in traces if each["type"] == "heatmap")
    return _pivot(_axis_title(layout, "y"), heatmap["y"], heatmap["x"], cells, str)


def _points(traces: Sequence[_Trace], layout: _Trace) -> Table:
    shown = [each for each in traces if "hovertext" in each and "customdata" in each]
    captions = [_words(text) for each in traces if each.get("mode") == "text" for text in each["text"]]
    ids = [number for each in shown for number in _values(each["customdata"])]
    hovers = [_words(text) for each in shown for text in each["hovertext"]]
    if not ids:
        return {}
    table: Table = {}
    if not isinstance(ids[0], list):
        table["number" if isinstance(ids[0], int) else "name"] = [str(each) for each in ids]
    if len(captions) == len(ids) and captions not in table.values():
        table["caption"] = captions
    for axis in ("x", "y") if _axis_title(layout, "x") and _axis_title(layout, "y") else ():
        values = [value for each in shown for value in _values(each[axis])]
        table[_axis_title(layout, axis)] = [_number(value) for value in values]
    if hovers != captions:
        table["what it is"] = hovers
    return table


def _pivot(
    title: str, places: Iterable[Any], names: Sequence[str], cells: _Cells, write_place: Callable[[Any], str]
) -> Table:
    places = list(places)
    table = {title: [write_place(place) for place in places]}
    for name in names:
        table[name] = [cells.get((place, name), "") for place in places]
    return table


def _writer(layout: _Trace, axis: str) -> Callable[[Any], str]:
    suffix = layout.get(f"{axis}axis", {}).get("ticksuffix")
    return lambda value: _number(value, suffix)


def _number(value: Any, suffix: str | None = None) -> str:
    if isinstance(value, str):
        return value
    if value is None or np.isnan(value):
        return ""
    if suffix == " %":
        return percent(value / 100, 2)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def _axis_title(layout: _Trace, axis: str) -> str:
    title: str = layout.get(f"{axis}axis", {}).get("title", {}).get("text", "")
    return title


def _words(text: str) -> str:
    return _TAG.sub("", text.replace("<br>", ", "))


def _values(values: Any) -> list[Any]:
    """Returns a trace's data as a list, also those that are sent in base64."""
    if isinstance(values, Mapping):
        shape = [int(each) for each in str(values["shape"]).split(",")] if "shape" in values else [-1]
        values = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).reshape(shape)
    return values.tolist() if isinstance(values, np.ndarray) else list(values)
