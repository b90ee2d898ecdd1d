"""Person by person: how well the digits of each writer are read."""

from __future__ import annotations

import streamlit as st

from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.writers import writer_metrics, writers_csv
from model_lib.figures.confusion import mistakes_by_writer
from ui.mistakes.selection import choose_writer
from ui.shared.charts import clickable_chart


def show_writers(evaluation: Evaluation, stamp: str) -> None:
    """Shows the share of mistakes of each writer; a click on a bar shows them."""
    rows = writer_metrics(evaluation)
    worst, best = rows[0], rows[-1]
    st.markdown(
        f"The network reads **{best.accuracy:.1%}** of the digits of person {best.writer}, "
        f"and **{worst.accuracy:.1%}** of those of person {worst.writer}. Everybody writes differently."
    )
    clickable_chart(
        mistakes_by_writer(rows),
        f"writers-{stamp}",
        "Share of mistakes in the digits of each person, the largest first",
        choose_writer,
        "mistakes-by-person",
    )
    st.caption("Click a bar to see that person's mistakes. The number on a bar counts them.")
    st.download_button(
        "People as CSV",
        writers_csv(rows),
        "people.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key="writers_csv",
    )
