"""One sweep: how far it is, its chart, and at the end what the settings did."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.number_format import accuracy_text
from model_lib.storage.run import RunError
from model_lib.sweeps.cost import training_workers
from model_lib.sweeps.driver import shared_driver
from model_lib.sweeps.plan import SweepError
from model_lib.sweeps.results import SweepResults
from model_lib.sweeps.sweep import Sweep, go_on
from ui.shared.jobs import wait_for
from ui.shared.refresh import refresh_seconds
from ui.shared.selection import select_run
from ui.shared.url_state import open_address
from ui.shared.wording import in_markdown
from ui.sweep.results import results_of
from ui.sweep.selection import select_sweep
from ui.sweep.wording import in_time, points_word, title_of, when

_REDRAW_SECONDS: Final = 1.0
# As many as the pages under Compare show at once.
_MOST_COMPARED: Final = 8
_UNDER_WAY: Final = ("queued", "running")


def show_sweep(sweep: Sweep) -> None:
    """Shows a sweep; the part that changes runs again by itself while anything is under way."""
    try:
        plan = sweep.plan
    except SweepError as error:
        st.error(str(error), icon=":material/error:")
        _offer_new()
        return
    st.header(in_markdown(title_of(plan)), anchor=False)
    halving = ", the worst are stopped early (successive halving)" if plan.is_halving else ""
    epochs = f"{plan.config.epochs} epoch{'s' * (plan.config.epochs > 1)}"
    way = "random search" if plan.way == "random" else "grid"
    st.caption(
        f"{len(plan.points)} {points_word(plan)} x {len(plan.seeds)} seed{'s' * (len(plan.seeds) > 1)}, "
        f"{way}{halving} · {epochs} · {plan.config.training_images:,} training images · started {when(sweep)}"
    )
    is_live = _is_live(sweep, results_of(sweep))
    run_every = refresh_seconds(_REDRAW_SECONDS) if is_live else None
    st.fragment(_live, run_every=run_every)(sweep, is_live)
    if not is_live:
        _show_details(sweep, results_of(sweep))


def _is_live(sweep: Sweep, results: SweepResults) -> bool:
    return sweep.is_active or results.count(*_UNDER_WAY) > 0


def _live(sweep: Sweep, is_live: bool) -> None:
    results = results_of(sweep)
    if is_live:
        st.progress(min(1.0, results.ended / results.plan.runs), _progress(sweep, results))
    else:
        st.markdown(f"{_progress(sweep, results)}.")
    _buttons(sweep, results)
    if is_live != _is_live(sweep, results):
        st.rerun()  # the whole page: what stands below, and how often this is drawn, is different now
    if sweep.reason:
        st.error(in_markdown(sweep.reason), icon=":material/error:")
    if not is_live:
        _show_sentences(sweep, results)
    # Here, not above: Plotly takes a while to load.
    from model_lib.figures.comparison.sweep_points import describe_sweep, sweep_figure
    from ui.shared.charts import show_chart

    show_chart(sweep_figure(results), f"sweep-{sweep.id}", describe_sweep(results), "all")
    st.caption(_legend(results))


def _progress(sweep: Sweep, results: SweepResults) -> str:
    parts = [f"{results.ended} of {results.plan.runs} runs"]
    if running := results.count("running"):
        parts.append(f"{running} {'learns' if running == 1 else 'learn'} now")
    if paused := results.count("paused"):
        parts.append(f"{paused} {'is' if paused == 1 else 'are'} paused")
    state = sweep.state
    if state == "running":
        left = results.seconds_left(training_workers())
        if left is not None:
            parts.append(f"about {in_time(left)} left")
        else:
            parts.append("time left: known when the first has ended")
    else:
        parts.append({"stopping": "stopping", "paused": "paused: no more runs start"}.get(state, state))
    return ", ".join(parts)


def _buttons(sweep: Sweep, results: SweepResults) -> None:
    state = sweep.state
    can_go_on = state in ("paused", "stopped") or (state == "running" and results.count("paused") > 0)
    is_going_on = is_paused = is_stopped = False
    with st.container(horizontal=True):
        if can_go_on:
            is_going_on = st.button(
                "Go on", icon=":material/resume:", key="sweep_go_on", help="Paused and stopped runs go on too."
            )
        elif state != "finished":
            is_paused = st.button(
                "Pause",
                icon=":material/pause:",
                key="sweep_pause",
                disabled=state != "running",
                help="No more runs start; those under way go on to their end.",
            )
        if state in ("running", "paused", "stopping"):
            is_stopped = st.button(
                "Stop",
                icon=":material/stop:",
                key="sweep_stop",
                disabled=state == "stopping",
                help="Runs in the queue are cancelled, those under way are stopped and kept. Go on begins with them "
                "again.",
            )
        _offer_new()
    try:
        if is_going_on:
            go_on(sweep, [each.run for each in results.runs])
        elif is_paused:
            sweep.set_state("paused")
        elif is_stopped:
            sweep.set_state("stopping")
        else:
            return
    except (SweepError, RunError) as error:
        st.error(in_markdown(str(error)), icon=":material/error:")
        return
    shared_driver().wake()
    st.rerun()


def _offer_new() -> None:
    if st.button("New sweep", icon=":material/add:", key="new_sweep", help="The form, and the list of all sweeps."):
        select_sweep(None)
        st.rerun()


def _legend(results: SweepResults) -> str:
    texts = []
    if len(results.plan.factors) == 1:
        texts.append(
            "A dot is a run: open while it learns, a cross where it was stopped before its end. A thin line joins the "
            "runs with the same random seed; the dotted line with diamonds is the mean."
        )
    elif results.plan.way == "random":
        texts.append(
            "A dot is a point; its colour is the mean validation accuracy of its runs. The table has the numbers."
        )
    else:
        texts.append("A cell has the mean over the seeds that have been trained to their end.")
    if stopped := sum(each.stopped_at is not None and each.state == "stopped" for each in results.runs):
        texts.append(f"{stopped} runs were stopped early.")
    if failed := results.count("failed"):
        texts.append(f"{failed} runs failed, for example since their numbers grew without end (divergence).")
    return " ".join(texts)


def _show_sentences(sweep: Sweep, results: SweepResults) -> None:
    """Says what the settings did. The statistics take seconds to load, so that a thread does it."""
    if not results.complete:
        return
    from model_lib.sweeps.verdict import sentences

    key = ("sweep sentences", sweep.id, tuple((each.run.id, each.state, each.validation) for each in results.runs))
    found = wait_for(key, lambda report: sentences(results), "Comparing the values", slot="sweep_sentences")
    if found is None:
        return
    for text in found:
        st.markdown(text)
    st.caption(
        "Said of the settings, with this network and these images, over the random seeds of this sweep: not of one "
        "trained network. Values that are not told apart may still differ: more seeds or more images would show it."
    )


def _show_details(sweep: Sweep, results: SweepResults) -> None:
    if not results.complete:
        st.info("No run has been trained to its end, so that there is nothing to compare.", icon=":material/info:")
        return
    with st.container(horizontal=True):
        best = results.best_run
        if best is not None and st.button(
            "Draw with the best run",
            icon=":material/draw:",
            key="sweep_draw",
            help="The run of the best point with the highest validation accuracy.",
        ):
            select_run(best.run)
            st.switch_page("pages/draw.py")
        compared = results.to_compare(_MOST_COMPARED)
        if len(compared) > 1 and st.button(
            "Compare these runs",
            icon=":material/stacked_line_chart:",
            key="sweep_compare",
            help=f"One run of each point side by side, the best first, at most {_MOST_COMPARED}.",
        ):
            open_address("pages/compare_runs.py", {"runs": ",".join(each.run.id for each in compared)})
    from model_lib.figures.comparison.sweep_parallel import parallel_coordinates
    from ui.shared.charts import show_chart

    _show_table(results)
    show_chart(
        parallel_coordinates(results),
        f"sweep-parallel-{sweep.id}",
        f"each of {results.complete} runs as a line through its settings and accuracies; the table has the numbers",
        "picture",
    )


def _show_table(results: SweepResults) -> None:
    plan = results.plan
    means = results.means
    order = sorted(range(len(plan.points)), key=lambda point: -(means[point] or 0.0))
    table: dict[str, list[str]] = {
        factor.label: [factor.words(plan.points[point][place]) for point in order]
        for place, factor in enumerate(plan.factors)
    }
    table["runs to their end"] = [f"{sum(each.is_complete for each in results.at(point))}" for point in order]
    table["validation, mean"] = [_or_none(means[point]) for point in order]
    table["validation, lowest to highest"] = [_span(results, point) for point in order]
    table["test, mean"] = [_or_none(results.mean_test(point)) for point in order]
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(order) <= 12 else 400,
        alt="the points of the sweep, the highest mean validation accuracy first",
    )


def _or_none(accuracy: float | None) -> str:
    return "none" if accuracy is None else accuracy_text(accuracy)


def _span(results: SweepResults, point: int) -> str:
    values = [each.validation for each in results.at(point) if each.is_complete and each.validation is not None]
    return f"{accuracy_text(min(values))} to {accuracy_text(max(values))}" if values else "none"
