"""Which runs and which columns the table shows; both are kept for the visit and stand in the address."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.comparison.run_columns import COLUMNS, DEFAULT_COLUMNS, FIRST_COLUMN, data_title, network_title
from model_lib.comparison.run_filter import ACCURACIES, PARAMETERS, VALIDATION, RunFilter, filter_runs, parse_filter
from ui.shared.url_state import UrlState
from ui.shared.visit import mirrored

_SEARCH_PX: Final = 300
_FILTER: Final = UrlState(PARAMETERS, parse_filter, RunFilter.to_params)


def _parse_columns(parameters: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(name for name in dict.fromkeys(parameters.get("columns", "").split(",")) if name in COLUMNS)
    return _in_order(names) if names else DEFAULT_COLUMNS


def _in_order(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in COLUMNS if name in names or name == FIRST_COLUMN)


_COLUMNS: Final = UrlState(
    ("columns",), _parse_columns, lambda names: {} if names == DEFAULT_COLUMNS else {"columns": ",".join(names)}
)


def write_filters() -> None:
    """Puts filter and columns into the address."""
    _FILTER.write()
    _COLUMNS.write()


def choose_filters(records: Sequence[RunRecord]) -> tuple[tuple[RunRecord, ...], tuple[str, ...]]:
    """Shows search, filters and columns.

    Args:
        records: all runs.

    Returns:
        The runs that pass, in their order, and the names of the columns.
    """
    chosen = _FILTER.value
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mirrored(
            st.text_input,
            "Search",
            key="find_run",
            value=chosen.text,
            on_change=lambda text: _change(text=text),
            placeholder="name, nickname, note, network",
            icon=":material/search:",
            width=_SEARCH_PX,
            help="Shows only runs with these words in their name, nickname, note or network.",
        )
        count = f" ({chosen.conditions})" if chosen.conditions else ""
        with st.popover(
            f"Filters{count}", icon=":material/filter_list:", key="filters", help="Shows only some of the runs."
        ):
            _show_conditions(records, chosen)
        with st.popover(
            "Columns", icon=":material/view_column:", key="columns_popover", help="What the table tells of each run."
        ):
            mirrored(
                st.multiselect,
                "Columns",
                [name for name in COLUMNS if name != FIRST_COLUMN],
                key="columns",
                value=[name for name in _COLUMNS.value if name != FIRST_COLUMN],
                on_change=lambda names: _COLUMNS.set(_in_order(names)),
                format_func=lambda name: COLUMNS[name].title,
                help="The columns beside the name. The table scrolls sideways where they do not fit.",
            )
    if chosen.at_least_percent and chosen.accuracy != VALIDATION:
        st.caption(
            ":material/warning: The test images choose now. Of many runs some do well on them by chance, so the best "
            "of them look better than they are. Choose by best validation."
        )
    return filter_runs(records, chosen), _COLUMNS.value


def offer_all_runs() -> None:
    """Says that no run passes, and offers to take the filters away."""
    st.info("No run passes the search and the filters.", icon=":material/filter_list_off:")
    st.button(
        "Show all runs",
        type="primary",
        key="clear_filters",
        on_click=lambda: _FILTER.set(RunFilter()),
        help="Takes search and filters away.",
    )


def _show_conditions(records: Sequence[RunRecord], chosen: RunFilter) -> None:
    networks = {record.spec.name: network_title(record) for record in records}
    datasets = {record.config.dataset: data_title(record) for record in records}
    states: dict[str, str] = {record.state: record.state for record in records}
    _choose_several("Network", "filter_networks", networks, chosen.networks, lambda names: _change(networks=names))
    _choose_several("Data", "filter_datasets", datasets, chosen.datasets, lambda names: _change(datasets=names))
    _choose_several("State", "filter_states", states, chosen.states, lambda names: _change(states=names))
    mirrored(
        st.toggle,
        "Only with a star",
        key="filter_starred",
        value=chosen.is_starred,
        on_change=lambda is_starred: _change(is_starred=is_starred),
        help="Shows only runs that somebody marked with a star.",
    )
    mirrored(
        st.selectbox,
        "Accuracy",
        ACCURACIES,
        key="filter_accuracy",
        value=chosen.accuracy,
        on_change=lambda name: _change(accuracy=name),
        format_func=lambda name: COLUMNS[name].title,
        help="Which accuracy must reach the number below. Choose by best validation; the others are test images.",
    )
    mirrored(
        st.number_input,
        "at least (%)",
        0.0,
        100.0,
        step=0.5,
        key="filter_least",
        value=chosen.at_least_percent,
        on_change=lambda least: _change(at_least_percent=least),
        help="0 shows every run. Otherwise runs without that accuracy are not shown.",
    )


def _choose_several(
    label: str,
    key: str,
    titles: Mapping[str, str],
    chosen: Sequence[str],
    on_change: Callable[[tuple[str, ...]], None],
) -> None:
    """Shows a choice of several; what an address asks for and no run has stands there too, to be taken away."""
    titles = {name: name for name in chosen} | dict(titles)
    mirrored(
        st.multiselect,
        label,
        list(titles),
        key=key,
        value=list(chosen),
        on_change=lambda names: on_change(tuple(names)),
        format_func=titles.get,
        placeholder="any",
        help="Shows only runs that have one of these. None chosen: all of them.",
    )


def _change(**changes: Any) -> None:
    _FILTER.set(dataclasses.replace(_FILTER.value, **changes))
