"""The learning curves of the chosen runs over each other, live while one of them is under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.curves import Measure, axis_end, run_curve
from model_lib.comparison.record import RunRecord
from model_lib.figure_code.image_source import path_in_project
from ui.compare.selection import colour_places
from ui.compare.side_by_side import View, choose_smoothing, choose_word
from ui.shared.figure_code import code_of_data, show_code
from ui.shared.histories import history_of
from ui.shared.refresh import refresh_seconds

_MEASURES: Final[tuple[Measure, ...]] = ("loss", "accuracy")
_UNDER_WAY: Final = ("queued", "running")
_REDRAW_SECONDS: Final = 2.0
# A narrower chart has no room for the names of the runs.
_CHART_PX: Final = 340
_SLIDER_PX: Final = 260


def show_curves(records: Sequence[RunRecord], view: View) -> None:
    """Shows loss and accuracy of all runs in one chart each, and how they are drawn.

    Args:
        records: the chosen runs.
        view: how they are shown.
    """
    st.header("Curves over each other", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_word("over", "Horizontal axis", "Seconds are of training alone, without pauses, on this machine.")
        choose_word("lines", "Images", "Solid lines: the training images. Dotted lines: the validation images.")
        choose_word("range", "Vertical axis", "The close-up has only the range of the second half of each training.")
        with st.container(width=_SLIDER_PX):
            choose_smoothing()
    is_live = any(record.run.state in _UNDER_WAY for record in records)
    run_every = refresh_seconds(_REDRAW_SECONDS) if is_live else None
    st.fragment(_live, run_every=run_every)(records, view, is_live)
    folders = [path_in_project(record.run.folder) for record in records]
    # Outside of what is sent again all the time.
    show_code(code_of_data("compare/side_by_side", RUNS=folders, OVER=view.over, SMOOTHING=view.smoothing / 100))


def _live(records: Sequence[RunRecord], view: View, is_live: bool) -> None:
    there = [record for record in records if record.run.exists]
    states = [record.run.state for record in there]
    if len(there) < len(records) or (is_live and not any(state in _UNDER_WAY for state in states)):
        st.rerun()  # the whole page: the list, and the accuracies below
    # Here, not above: Plotly takes a while to load, and the list of runs stands before it.
    from model_lib.figures.comparison.curves import ComparedCurve, compared_curves
    from model_lib.figures.text.description import describe_curve
    from ui.shared.charts import show_chart

    histories, places = [history_of(record.run) for record in there], colour_places(records)
    end = max(
        axis_end(history, view.over, state in _UNDER_WAY) for history, state in zip(histories, states, strict=True)
    )
    with st.grid(2, min_column_width=_CHART_PX):
        for measure in _MEASURES:
            curves = [
                ComparedCurve(record.title, places[record.id], run_curve(history, measure, view.over))
                for record, history in zip(there, histories, strict=True)
            ]
            figure = compared_curves(
                curves,
                measure,
                view.over,
                end or 1.0,
                view.smoothing / 100,
                view.has("range", "close"),
                not view.has("lines", "validation"),
                not view.has("lines", "training"),
            )
            words = (
                f"{record.title}: {describe_curve(history, measure)}"
                for record, history in zip(there, histories, strict=True)
            )
            show_chart(figure, f"compared-{measure}", "; ".join(words), "all")
    st.caption(" ".join(_explanations(view)))


def _explanations(view: View) -> Iterator[str]:
    """Says what a reader of the lines may wonder at."""
    if view.smoothing and not view.has("lines", "validation"):
        yield "Pale: the values themselves; bold: their moving average."
    if view.has("lines", "both"):
        yield (
            "Validation can lie above training: it is measured at the end of an epoch with all units, training during "
            "the epoch, while the network still learns and dropout, where it has any, switches units off."
        )
    yield "A click on a name below a chart hides that run, a second click shows it again."
