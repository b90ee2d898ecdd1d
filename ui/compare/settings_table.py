"""Settings and layers of the chosen runs as a table, in which what differs is marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.record import RunRecord
from model_lib.comparison.settings import UNKNOWN, SettingRow, differing, network_rows, setting_rows
from model_lib.config.training import SETTINGS
from model_lib.datasets.image_set_names import is_image_set, unsplit
from ui.compare.side_by_side import View, choose_word
from ui.shared.user_digits import title_in_markdown
from ui.shared.wording import as_written, in_markdown

# Before what differs, which is bold as well.
MARK: Final = "≠"
_HEADING: Final = "setting or layer"
_DATASET: Final = SETTINGS["dataset"]


def show_settings(records: Sequence[RunRecord], view: View) -> None:
    """Shows the settings and the layers of the runs beside each other.

    Args:
        records: the chosen runs.
        view: whether all rows are shown, or those alone that differ.
    """
    st.header("Settings and layers", anchor=False)
    rows = (*setting_rows(records), *network_rows(records))
    marked = differing(rows)
    if len(records) > 1:
        choose_word("settings", "Rows", f"{MARK} and bold letters mark what differs.")
        st.markdown(_in_words(marked, len(rows), [record for record in records if record.run.has_no_training]))
    shown = rows if view.has("settings", "all") or len(records) == 1 else marked
    if shown:
        table = {_HEADING: [f"{MARK} **{row.title}**" if row.differs else row.title for row in shown]}
        for place, record in enumerate(records):
            table[in_markdown(record.title)] = [_cell(row, place) for row in shown]
        st.table(table, hide_index=True, alt="Settings and layers of the chosen runs")


def _in_words(marked: Sequence[SettingRow], rows: int, untold: Sequence[RunRecord]) -> str:
    """Says what differs.

    Args:
        marked: the rows that differ.
        rows: how many there are.
        untold: the runs that were brought without their training.
    """
    if untold:
        names = ", ".join(in_markdown(record.title) for record in untold)
        found = _count_in_words(marked, rows) if marked else "Nothing that is known of these networks differs."
        return f"{found} Brought as a file, so how it was trained is not known here: {names}."
    if not marked:
        return f"All {rows} settings and layers are the same, the random seed too."
    if [row.title for row in marked] == [SETTINGS["seed"].label]:
        return (
            "Only the random seed differs: the same settings, with other first weights and another order of the "
            "images. What differs in how they learnt comes from the seed, not from a setting."
        )
    return _count_in_words(marked, rows)


def _count_in_words(marked: Sequence[SettingRow], rows: int) -> str:
    count = f"{len(marked)} of {rows} rows differ" if len(marked) > 1 else f"1 of {rows} rows differs"
    return (
        f"{count}, marked with {MARK}. What differs between two trained networks need not be what made one of them "
        "better: that needs several seeds of each setting."
    )


def _cell(row: SettingRow, place: int) -> str:
    value = row.values[place]
    if is_image_set(value):
        words = title_in_markdown(unsplit(value))
    else:  # a data set that only another version has is whatever stands in the file
        is_foreign = row.title == _DATASET.label and value not in (UNKNOWN, *_DATASET.choices.values())
        words = as_written(value) if is_foreign else value
    return f"**{words}**" if row.differs else words
