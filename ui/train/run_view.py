"""A training as it goes: curves that grow on axes that stand still, where it stands, and Stop, Pause and Resume."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from model_lib.config.training import TrainingConfig, planned_steps
from model_lib.number_format import accuracy_text
from model_lib.runs import resume_run
from model_lib.storage.history import History
from model_lib.storage.run import Run, RunError
from model_lib.training.cluster import shared_obstacle, shared_start_progress
from ui.shared.figure_code import code_of_run, show_code
from ui.shared.histories import history_of
from ui.shared.refresh import refresh_seconds
from ui.shared.run_list import entry_of
from ui.shared.wording import in_markdown
from ui.train.ancestors import earlier_curves, show_ancestors
from ui.train.inside import show_inside
from ui.train.outcome import apply_to_run, offer_pretrained, show_outcome

if TYPE_CHECKING:
    from model_lib.figures.curves import Axis

# How often the curves are drawn, by the seconds that a training has taken: often at first, then as often as they change
# visibly. On a laptop the browser that draws shares the cores with the training (benchmarks/pages/watched_training.py).
_REDRAW_SECONDS: Final = ((8.0, 0.5), (30.0, 1.0), (math.inf, 2.0))
# At most 40 measurements are made, hardly more than one a second.
_INSIDE_SECONDS: Final = 2.0
# A run that stands still may be resumed by another visitor.
_LOOK_AGAIN_SECONDS = 3.0
# Said at once: the training looks for such a request between two reports, not while it prepares or validates.
_ASKED = {
    "stop": "Stopping. The weights are kept and tested.",
    "pause": "Pausing. The steps under way are finished first.",
}
# The first steps take far longer than all others: what they promise is wrong.
_SLOW_STEPS: Final = 20
_STOPS: Final[dict[str | None, str]] = {
    "queued": "Removes this training from the queue.",
    "running": "Ends the training now. The weights are kept, and the network is tested.",
    "paused": "Ends the training here. The weights are kept, and the network is tested.",
}
_PAUSES: Final = "Holds the training. Resume goes on exactly where it was."
_UNDER_WAY: Final = ("queued", "running")
_AXES: Final[tuple[Axis, ...]] = ("epochs", "steps")
_ZOOMS: Final = ("accuracy from 0 %", "from 90 %")
# A narrower chart has no room for its legend beside its title.
_CHART_PX: Final = 340


def show_run(run: Run | None, form: TrainingConfig) -> None:
    """Shows a run's curves and numbers, live while it is under way, and what follows from it when it is done.

    Before the first run the same things stand in the same places, so that nothing moves when it starts, and the browser
    loads what it needs for charts meanwhile.

    Args:
        run: the run; None if there is none yet.
        form: settings that can be started, for the axes before the first run.
    """
    interval = None if run is None else _interval_seconds(run)
    st.header("Your training" if run is None else in_markdown(run.title))
    if run is not None:
        show_ancestors(run)
    run_every = None if interval is None else refresh_seconds(interval)
    st.fragment(_live, run_every=run_every)(run, _plan(run, form), interval)
    if run is None:
        offer_pretrained()
        return
    show_code(code_of_run("train/curves", run))  # outside of what is sent again all the time
    if run.exists and run.state in _UNDER_WAY:
        show_inside(run, refresh_seconds(_INSIDE_SECONDS))
    elif run.exists:
        show_outcome(run)


def _plan(run: Run | None, form: TrainingConfig) -> TrainingConfig:
    """Returns the settings of the run, those of the form where it has none."""
    try:
        return form if run is None else run.config
    except RunError:
        return form


def _interval_seconds(run: Run) -> float | None:
    """Returns how often the curves are drawn; another interval for each state that the rest of the page depends on."""
    if run.state in _UNDER_WAY:
        seconds = history_of(run).seconds
        return next(interval for end, interval in _REDRAW_SECONDS if seconds < end)
    return _LOOK_AGAIN_SECONDS if run.can_resume else None


def _live(run: Run | None, plan: TrainingConfig, interval: float | None) -> None:
    if run is not None and not run.exists:
        st.warning("This run has been deleted. Choose another network in the sidebar, or start one above.")
        return
    # Here, not above: Plotly takes a while to load, and the form stands before it.
    from model_lib.figures.curves import training_curve
    from model_lib.figures.text.description import describe_curve
    from ui.shared.charts import show_chart

    history = History(Path()) if run is None else history_of(run)
    st.progress(*_progress(run, history))
    with st.container(horizontal=True, vertical_alignment="center"):
        over = st.segmented_control(
            "Horizontal axis", _AXES, default="epochs", key="curve_axis", label_visibility="collapsed", required=True
        )
        zoom = st.segmented_control(
            "Accuracy axis", _ZOOMS, default=_ZOOMS[0], key="curve_zoom", label_visibility="collapsed", required=True
        )
        # Together, so that a longer name of one takes no other line than a shorter one does.
        with st.container(horizontal=True, width="content"):
            _buttons(run)
    # Not before the buttons: a click that causes this very run would be lost.
    if run is not None and interval != _interval_seconds(run):
        st.rerun()  # the whole page: what stands below the curves, and how often they are drawn, is different now
    # Below the buttons: what comes and goes must not move them.
    if run is not None and run.state in ("failed", "interrupted"):
        st.error(run.error or "", icon=":material/error:")
        if run.state == "failed" and run.can_resume:
            st.info("The weights are kept. Resume goes on from the last whole epoch.", icon=":material/info:")
        elif run.state == "failed" and any(run.epochs_done):
            st.info(
                "The weights of each whole epoch are kept. Train on, below, goes on from the last one with a tenth of "
                "the learning rate.",
                icon=":material/info:",
            )
    end, earlier = _end(history, plan, over), earlier_curves(run)
    with st.grid(2, min_column_width=_CHART_PX):  # one below the other where the window is narrow
        for measure in ("loss", "accuracy"):
            figure = training_curve(history, measure, over, end, zoom != _ZOOMS[0], earlier)
            show_chart(figure, f"curve-{measure}", describe_curve(history, measure, earlier), "all")


def _end(history: History, plan: TrainingConfig, over: Axis) -> float:
    """Returns the end of the horizontal axis: of the whole training, as it was planned until it has begun."""
    if over == "epochs":
        return history.started.epochs if history.started else plan.epochs
    return history.total_steps if history.started else planned_steps(plan)


def _progress(run: Run | None, history: History) -> tuple[float, str]:
    """Returns how far the training is, 0 to 1, and where it stands in one line.

    The line is short: where it took two, also on a phone, what stands below it would move.
    """
    if run is None:
        return 0.0, "Nothing is being trained yet. Press Start."
    share, state = min(1.0, history.steps_done / history.total_steps), run.state
    if state == "queued":
        return _waiting(run)
    if state == "paused":
        return share, "Paused. Resume goes on exactly where it was."
    if state == "running":
        asked = next((words for request, words in _ASKED.items() if run.is_requested(request)), None)
        return share, asked or _position(history)
    done = f"after {len(history.epochs)} of {history.started.epochs} epochs" if history.started else "before it began"
    accuracy = f" Test accuracy {accuracy_text(history.outcome.test_accuracy)}." if history.outcome else ""
    if run.has_no_training:
        return 1.0, f"Brought as a file, not trained here.{accuracy}"
    return share, f"{state.capitalize()} {done}.{accuracy}"


def _waiting(run: Run) -> tuple[float, str]:
    """Returns how far the start of a worker is, and what a run in the queue waits for."""
    place = entry_of(run).place
    progress, obstacle = shared_start_progress() or 0.0, shared_obstacle()
    if place and place > 1:
        return 0.0, f"In the queue, place {place}. {obstacle or 'It begins by itself.'}"
    return progress, obstacle or "Starting. It begins as soon as a worker is free."


def _position(history: History) -> str:
    if not history.steps_done:
        return "Preparing the network"
    epoch, step = divmod(history.steps_done - 1, history.steps_per_epoch)
    epochs = history.total_steps // history.steps_per_epoch
    parts = [f"Epoch {epoch + 1} of {epochs}", f"step {step + 1:,} of {history.steps_per_epoch:,}"]
    if history.steps_done > _SLOW_STEPS:
        parts.append(f"{timedelta(seconds=round(history.seconds_left or 0.0))} left")
    return " · ".join(parts)


def _buttons(run: Run | None) -> None:
    """Shows the buttons of a training. They have their places also while there is nothing to stop or to pause."""
    state = None if run is None else run.state
    text = "Cancel" if state == "queued" else "Stop"
    is_idle = state not in ("queued", "running", "paused")
    is_stopped = st.button(text, icon=":material/stop:", key="stop", help=_STOPS.get(state), disabled=is_idle)
    if run is None or not run.can_resume:
        is_fixed = run is None or state != "running" or any(run.is_requested(request) for request in _ASKED)
        is_paused = st.button("Pause", icon=":material/pause:", key="pause", disabled=is_fixed, help=_PAUSES)
        is_resumed = False
    else:
        is_paused, is_resumed = False, st.button("Resume", icon=":material/resume:", key="resume")
    if run is not None and is_stopped:
        apply_to_run(run.stop)
    elif run is not None and is_paused:
        apply_to_run(run.pause)
    elif run is not None and is_resumed:
        apply_to_run(lambda: resume_run(run))
