"""Person by person: the accuracy on the digits of each writer."""

from __future__ import annotations

import streamlit as st

from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.writers import writer_metrics, writers_csv
from model_lib.figures.confusion import mistakes_by_writer
from model_lib.figures.text.description import describe_writers
from model_lib.number_format import accuracy_text
from ui.mistakes.evaluations import code_of_shown
from ui.mistakes.selection import choose_writer
from ui.shared.charts import clickable_chart


def show_writers(evaluation: Evaluation, stamp: str) -> None:
    """Shows the share of mistakes of each writer; a click on a bar shows them."""
    rows = writer_metrics(evaluation)
    worst, best = rows[0], rows[-1]
    st.markdown(
        f"The accuracy is **{accuracy_text(best.accuracy)}** on the digits of person {best.writer}, and "
        f"**{accuracy_text(worst.accuracy)}** on those of person {worst.writer}. Everybody writes differently."
    )
    clickable_chart(
        mistakes_by_writer(rows),
        f"writers-{stamp}",
        describe_writers(rows),
        choose_writer,
        "mistakes-by-person",
        code=code_of_shown("mistakes/writers"),
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
