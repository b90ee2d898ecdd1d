"""A training as it goes: curves that grow, numbers, Stop, Pause and Resume, and what to do afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal

import streamlit as st

from model_lib.datasets.loading import TEST_SET_TITLES
from model_lib.divergence import NOT_A_NUMBER, diverged
from model_lib.networks import as_keras_script
from model_lib.runs import resume_run
from model_lib.storage.history import History
from model_lib.storage.run import Run, RunError
from model_lib.training.cluster import shared_obstacle
from ui.shared.histories import history_of
from ui.shared.loaders import names_of_test_sets
from ui.shared.refresh import refresh_seconds
from ui.shared.run_list import entry_of, forget_listed_runs
from ui.shared.selection import select_run
from ui.train.network_form import show_table

# How often the curves are drawn, by the seconds that a training has taken: often at first, then as often as they change
# visibly. On a laptop the browser that draws shares the cores with the training (benchmarks/pages/watched_training.py).
_REDRAW_SECONDS: Final = ((8.0, 0.5), (30.0, 1.0), (math.inf, 2.0))
# A run that stands still may be resumed by another visitor.
_LOOK_AGAIN_SECONDS = 3.0
_NEXT = (
    ("pages/draw.py", "Draw a digit for it", ":material/draw:"),
    ("pages/look_inside.py", "Look inside it", ":material/search:"),
    ("pages/review_mistakes.py", "See its mistakes", ":material/grid_on:"),
)
# Said at once: the training looks for such a request between two reports, not while it prepares or validates.
_ASKED = {
    "pause": "Pausing. It takes effect after the steps that are being computed.",
    "stop": "Stopping. What was learnt is kept and tested.",
}
_OTHER_PEOPLE: Final = TEST_SET_TITLES["pen_digits"]
_WHO: Final = (
    "Accuracy on 2,498 pen digits by ten people from whom it has not learnt. Mistakes shows them person by person."
)
_UNDER_WAY: Final = ("queued", "running")
_AXES: Final[tuple[Literal["steps", "epochs"], ...]] = ("steps", "epochs")
_STILL = {"displayModeBar": False, "staticPlot": True}
_CHART = {"displaylogo": False, "displayModeBar": True, "toImageButtonOptions": {"format": "png", "scale": 2}}


def show_run(run: Run) -> None:
    """Shows a run's curves and numbers, live while it is under way, and what follows from it when it is done."""
    interval = _interval_seconds(run)
    st.subheader(run.title)
    st.fragment(_live, run_every=None if interval is None else refresh_seconds(interval))(run, interval)
    if run.state not in _UNDER_WAY:
        _afterwards(run)


def show_empty_curves() -> None:
    """Shows where the curves will grow. The browser loads what it needs for charts now, not after the click."""
    from model_lib.figures.curves import empty_curve

    with st.container(horizontal=True, gap="medium"):
        for measure in ("loss", "accuracy"):
            alt = f"Empty axes for the {measure} of a training"
            st.plotly_chart(empty_curve(measure), width="stretch", key=f"empty-{measure}", config=_STILL, alt=alt)


def _interval_seconds(run: Run) -> float | None:
    """Returns how often the curves are drawn; another interval for each state that the rest of the page depends on."""
    if run.state in _UNDER_WAY:
        seconds = history_of(run).seconds
        return next(interval for end, interval in _REDRAW_SECONDS if seconds < end)
    return _LOOK_AGAIN_SECONDS if run.can_resume else None


def _live(run: Run, interval: float | None) -> None:
    if not run.exists:
        st.warning("This run has been deleted. Choose another network in the sidebar, or start one below.")
        return
    # Here, not above: Plotly takes a while to load, and a visitor's first page has no curves.
    from model_lib.figures.curves import training_curve

    history = history_of(run)
    _headline(run, history)
    _buttons(run)
    # Not before the buttons: a click that causes this very run would be lost.
    if interval != _interval_seconds(run):
        st.rerun()  # the whole page: what stands below the curves, and how often they are drawn, is different now
    over = st.segmented_control(
        "Horizontal axis", _AXES, default="epochs", key="curve_axis", label_visibility="collapsed"
    )
    with st.container(horizontal=True, gap="medium"):  # one below the other where the window is narrow
        for measure in ("loss", "accuracy"):
            figure = training_curve(history, measure, over or "epochs")
            alt = f"{measure} on the training and validation images over the {over or 'epochs'}"
            st.plotly_chart(figure, width="stretch", key=f"curve-{measure}", config=_CHART, alt=alt)


def _headline(run: Run, history: History) -> None:
    """Says in one line, and a bar, where the training stands."""
    state = run.state
    if state == "queued":
        _waiting(run)
    elif state == "running":
        _progress(history)
        for request, words in _ASKED.items():
            if run.is_requested(request):
                st.info(words, icon=":material/hourglass_top:")
    elif state == "paused":
        st.info("Paused. Resume goes on exactly where it was.", icon=":material/pause_circle:")
    elif state in ("failed", "interrupted"):
        st.error(run.error or "", icon=":material/error:")
        if state == "failed" and run.can_resume:
            st.info("What it learnt is kept. Resume goes on from the last whole epoch.", icon=":material/info:")


def _waiting(run: Run) -> None:
    """Says what a run in the queue waits for."""
    place = entry_of(run).place
    obstacle = shared_obstacle()
    queue = f"In the queue, place {place}." if place and place > 1 else "Starting."
    if obstacle:
        st.info(f"{queue} {obstacle}", icon=":material/hourglass_top:")
    elif place and place > 1:
        st.info(f"{queue} It begins by itself as soon as a worker is free.", icon=":material/hourglass_top:")
    else:
        st.info("Starting. It begins as soon as a worker is free.", icon=":material/hourglass_top:")


def _progress(history: History) -> None:
    if not history.steps_done:
        st.progress(0.0, "Preparing the network")
        return
    epoch, step = divmod(history.steps_done - 1, history.steps_per_epoch)
    epochs = history.total_steps // history.steps_per_epoch
    left = history.seconds_left
    parts = [f"Epoch {epoch + 1} of {epochs}", f"step {step + 1:,} of {history.steps_per_epoch:,}"]
    if history.images_per_second:
        parts.append(f"{history.images_per_second:,.0f} images per second")
    if left is not None:
        parts.append(f"{timedelta(seconds=round(left))} left")
    st.progress((step + 1) / history.steps_per_epoch, " · ".join(parts))


def _buttons(run: Run) -> None:
    state = run.state
    with st.container(horizontal=True):
        if state in ("queued", "running", "paused"):
            text = "Out of the queue" if state == "queued" else "Stop"
            if st.button(text, icon=":material/stop:", key="stop", help="Keeps what was learnt."):
                _do(run.stop)
        is_asked = any(run.is_requested(request) for request in _ASKED)
        if state == "running" and st.button("Pause", icon=":material/pause:", key="pause", disabled=is_asked):
            _do(run.pause)
        if run.can_resume and st.button("Resume", icon=":material/resume:", key="resume", type="primary"):
            _do(lambda: resume_run(run))


def _do(action: Callable[[], None]) -> None:
    try:
        action()
    except RunError as error:
        st.error(str(error))
    else:
        forget_listed_runs()
        st.rerun()


def _afterwards(run: Run) -> None:
    history = history_of(run)
    outcome = history.outcome
    if outcome:
        if outcome.test_loss >= NOT_A_NUMBER:  # as an older version has written it
            st.error(diverged("the network's answers are no longer numbers (NaN)"), icon=":material/error:")
        elif outcome.advice:
            st.warning(outcome.advice, icon=":material/trending_down:")
        if outcome.why:
            st.success(f"Training ended after {outcome.epochs} epochs because {outcome.why}.")
        parameters = history.started.parameters if history.started else 0
        figures = {"Test accuracy": f"{outcome.test_accuracy:.2%}"}
        if outcome.other_test_accuracy is not None:
            figures[_other_test_set(run)] = f"{outcome.other_test_accuracy:.2%}"
        figures |= {
            "Test loss": f"{outcome.test_loss:.4f}",
            "Seconds": f"{outcome.seconds:.1f}",
            "Parameters": f"{parameters:,}",
        }
        with st.container(horizontal=True):
            for name, value in figures.items():
                st.metric(name, value, border=True, help=_WHO if name == _OTHER_PEOPLE else None)
        with st.container(horizontal=True, gap="large"):
            for page, text, icon in _NEXT:
                st.page_link(page, label=text, icon=icon)
    if history.epochs:
        st.download_button(
            "History as CSV", history.as_csv(), f"{run.id}.csv", "text/csv", icon=":material/download:", key="csv"
        )
    try:
        spec = run.spec
    except RunError as error:
        if run.state != "failed":  # that one shows it above
            st.error(str(error), icon=":material/error:")
        return
    with st.expander("The network as a table"):
        show_table(spec)
    with st.expander("The network as a Keras script"):
        st.code(as_keras_script(spec), "python")
    with st.popover("Delete this run", icon=":material/delete:"):
        st.write("The network, its curves and its evaluation are removed for everybody. This cannot be undone.")
        if st.button("Delete for good", key="delete"):
            _do(lambda: _delete(run))


def _other_test_set(run: Run) -> str:
    """Returns what the page calls the other test images; the log of a run tells more than its damaged settings."""
    try:
        return TEST_SET_TITLES[names_of_test_sets(run)[1]]
    except (RunError, IndexError):
        return "Other test images"


def _delete(run: Run) -> None:
    run.delete()
    select_run(None)
