"""The table of all runs, in which any number of them is chosen: by its boxes, or by name below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.comparison.run_columns import COLUMNS, Column
from ui.compare.selection import choose_runs, chosen_records
from ui.shared.visit import mirrored, state_of

_KEY: Final = "run_table"
# The others are as wide as what they show, in letters of any size.
_WIDTHS_PX: Final = {"name": 232, "settings": 210, "note": 260}
# What is done with the chosen runs stands below the table, and within the same window. Half a row: there are more.
_MOST_ROWS: Final = 8
_HEIGHT_PX: Final = 335
# Accuracies are sorted as numbers, and look as `accuracy_text` writes them.
_FORMATS: Final = {"accuracy": "%.2f %%", "seconds": "%.1f", "count": "localized"}


@dataclass
class _Table:
    """What this visit's table shows.

    Args:
        records: the runs from which it was made.
        columns: their columns.
        data: the cells made of both, by column.
        chosen: ids of the chosen runs, those that a filter hides among them.
        handed_on: what all pages under Compare were told of it.
    """

    records: tuple[RunRecord, ...] = ()
    columns: tuple[str, ...] = ()
    data: dict[str, list[object]] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    handed_on: tuple[str, ...] = ()


def choose_in_table(
    records: Sequence[RunRecord], shown: tuple[RunRecord, ...], columns: tuple[str, ...]
) -> tuple[RunRecord, ...]:
    """Shows the table and the list of the chosen runs.

    Args:
        records: all runs.
        shown: those of the table, in its order.
        columns: names of the columns.

    Returns:
        The chosen runs, the first chosen first, those that are not shown among them.
    """
    table = state_of(_Table)
    by_id = {record.id: record for record in records}
    elsewhere = tuple(record.id for record in chosen_records())
    if elsewhere != table.handed_on:  # by a link, or on another page
        table.chosen = table.handed_on = elsewhere
    table.chosen = tuple(name for name in table.chosen if name in by_id)
    _select_rows(shown, table.chosen)
    st.dataframe(
        _data(table, shown, columns),
        key=_KEY,
        hide_index=True,
        height=_HEIGHT_PX if len(shown) > _MOST_ROWS else "auto",
        column_config={name: _config(COLUMNS[name]) for name in columns},
        on_select=lambda: _take_rows([record.id for record in shown]),
        selection_mode="multi-row",
        placeholder="–",
        alt=f"Table of {len(shown)} runs, the newest first. Choose some of them in the list below it.",
    )
    mirrored(
        st.multiselect,
        f"Chosen runs ({len(table.chosen)})" if table.chosen else "Chosen runs",
        list(by_id),
        key="chosen_runs",
        value=list(table.chosen),
        on_change=lambda names: set_chosen(tuple(names)),
        format_func=lambda name: by_id[name].title if name in by_id else name,
        placeholder="Tick the boxes at the left of the table, or type a name here",
        help="The chosen runs, also those that search and filters hide. In the table: a click on the box at the left "
        "of a row; with the keyboard, arrow keys and Shift+Space. All pages under Compare use them.",
    )
    return tuple(by_id[name] for name in table.chosen)


def set_chosen(names: tuple[str, ...]) -> None:
    """Makes these the chosen runs of the table, and as many as have a colour those of all pages under Compare.

    Args:
        names: ids of runs.
    """
    table = state_of(_Table)
    table.chosen = names
    choose_runs(names)
    table.handed_on = tuple(record.id for record in chosen_records())


def _take_rows(shown: Sequence[str]) -> None:
    """Chooses what is ticked; chosen runs that the table does not show stay chosen."""
    rows = [row for row in st.session_state[_KEY]["selection"]["rows"] if row < len(shown)]
    before, ticked = state_of(_Table).chosen, {shown[row] for row in rows}
    hidden = set(before) - set(shown)
    kept = [name for name in before if name in ticked or name in hidden]
    set_chosen((*kept, *(shown[row] for row in rows if shown[row] not in before)))


def _select_rows(shown: Sequence[RunRecord], chosen: Sequence[str]) -> None:
    """Ticks the chosen runs: what the browser keeps is the places of rows, which other runs may have now."""
    names = set(chosen)
    wanted = [row for row, record in enumerate(shown) if record.id in names]
    ticked = st.session_state[_KEY]["selection"]["rows"] if _KEY in st.session_state else None
    if ticked is None or sorted(ticked) != wanted:
        st.session_state[_KEY] = {"selection": {"rows": wanted, "columns": [], "cells": []}}


def _data(table: _Table, shown: tuple[RunRecord, ...], columns: tuple[str, ...]) -> dict[str, list[object]]:
    if columns != table.columns or shown != table.records:
        table.records, table.columns = shown, columns
        table.data = {name: [_cell(COLUMNS[name], record) for record in shown] for name in columns}
    return table.data


def _cell(column: Column, record: RunRecord) -> object:
    value = column.value(record)
    return 100 * value if column.kind == "accuracy" and isinstance(value, float) else value


def _config(column: Column) -> Any:
    options: dict[str, Any] = {"help": column.help, "width": _WIDTHS_PX.get(column.name)}
    if column.kind == "time":
        return st.column_config.DatetimeColumn(column.title, format="YYYY-MM-DD HH:mm", **options)
    if column.kind == "text":
        return st.column_config.TextColumn(column.title, **options)
    return st.column_config.NumberColumn(column.title, format=_FORMATS[column.kind], **options)
