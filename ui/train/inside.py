"""What happens inside a network while it is trained: sentences, and each layer's numbers over the steps."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from model_lib.diagnostics.findings import (
    EXPLODING_NORM,
    MANY_DEAD,
    VANISHING_RATIO,
    findings_of,
)
from model_lib.diagnostics.log import StatisticsLog
from model_lib.diagnostics.statistics import QUANTITIES, NetworkStatistics, Quantity
from model_lib.number_format import percent
from model_lib.storage.run import Run
from ui.shared.charts import show_chart
from ui.shared.figure_code import code_of_run, show_code
from ui.shared.histories import history_of

_UNDER_WAY: Final = ("queued", "running")
_ALL: Final = "all layers"
_CHART_PX: Final = 340
_WHAT: Final[dict[Quantity, str]] = {
    "weights": "The numbers that are learnt: kernels, and the scale of a normalisation.",
    "biases": "What is added to each sum: biases, and the offset of a normalisation.",
    "activations": "What each layer puts out for the same {images} training images, after its activation function.",
    "gradients": "How the loss on these {images} images changes with each weight. A step goes against it.",
}
_NOTHING: Final = "Nothing conspicuous: no layer with many dead units, no gradient that explodes or vanishes."
_HOW_TO_READ: Final = f"""
Each chart has the steps from left to right. The line is the median: half of the numbers lie below it. The bands hold
the middle 38 %, 68 % and 87 % of the numbers and all of them; those are the quantiles that TensorBoard's distributions
show. They are measured on the first training images, always the same ones, without dropout, at up to 40 steps: more
often at the beginning, and within 1 % of the training time. A short training has few.

- **Dead units**: ReLU gives 0 for every sum below 0. A unit that gives 0 for all images passes nothing on and gets no
  gradient. {percent(MANY_DEAD, 0)} of a layer or more is called a warning here (Stanford's course CS231n: that many die
  where the learning rate is too high).
- **Exploding gradient**: a norm (the length of the gradient) of {EXPLODING_NORM:g} or more. The untrained presets begin
  below 20.
- **Vanishing gradient**: in the first layer {VANISHING_RATIO:g} times smaller than in another one, while the loss on
  these images is still above 1. In the untrained presets it is at most 10 times smaller.
"""


@st.cache_resource(max_entries=20, show_spinner=False)
def _log(folder: str) -> StatisticsLog:
    return StatisticsLog(Path(folder))


def show_inside(run: Run, interval_seconds: float | None = None) -> None:
    """Shows what is a warning, and in a fold all that was measured; its charts are made when it is open.

    Args:
        run: the run.
        interval_seconds: how often it is drawn anew while the training is under way; None for never.
    """
    st.fragment(_show, run_every=interval_seconds)(run)


def _show(run: Run) -> None:
    measured = _log(str(run.folder)).update()
    found = findings_of(measured)
    for finding in found:
        # What the gradient did in a training that diverged stands in its error already.
        if finding.is_warning and not (finding.kind == "exploding" and run.has_diverged):
            st.warning(finding.text, icon=":material/warning:")
    fold = st.expander("Inside while it learns", icon=":material/stacked_line_chart:", key="inside", on_change="rerun")
    if not fold.open:
        return
    with fold:
        if not measured:
            st.info(_why_nothing(run), icon=":material/info:")
            return
        for finding in found:
            if not finding.is_warning:
                st.markdown(f":material/info: {finding.text}")
        if not found:
            st.markdown(f":material/check: {_NOTHING}")
        _show_charts(run, measured)


def _why_nothing(run: Run) -> str:
    if run.state in _UNDER_WAY:
        return "The first measurement comes when the training begins."
    return (
        "Nothing was measured in this training: it ended before its first step, or an older version of the app trained "
        "it. Train it again to see its inside."
    )


def _show_charts(run: Run, measured: list[NetworkStatistics]) -> None:
    # Here, not above: Plotly takes a while to load.
    from model_lib.figures.text.statistics_description import (
        describe_dead_units,
        describe_distribution,
        describe_gradient_norms,
    )
    from model_lib.figures.training.statistics import dead_units, distribution_over_steps, gradient_norms, layer_names

    with st.container(horizontal=True, vertical_alignment="bottom"):
        quantity = st.pills(  # a segmented control would be cut off on a phone
            "Which numbers", QUANTITIES, default="activations", key="inside_quantity", required=True
        )
        names = layer_names(measured, quantity)
        chosen = st.selectbox(
            "Layer",
            [_ALL, *names],
            format_func=lambda name: names.get(name, name),
            key="inside_layer",
            width=220,
        )
    st.caption(_WHAT[quantity].format(images=measured[-1].images))
    history = history_of(run)
    end = history.total_steps if run.state in _UNDER_WAY else max(measured[-1].step, history.steps_done)
    if quantity == "gradients":
        show_chart(gradient_norms(measured, end), "inside-norms", describe_gradient_norms(measured), "all")
    elif quantity == "activations" and (figure := dead_units(measured, end)) is not None:
        show_chart(figure, "inside-dead", describe_dead_units(measured), "all")
    shown = names if chosen == _ALL else {chosen: names[chosen]} if chosen in names else {}
    with st.grid(2 if len(shown) > 1 else 1, min_column_width=_CHART_PX):
        for name in shown:
            figure = distribution_over_steps(measured, name, quantity, end)
            show_chart(figure, f"inside-{name}", describe_distribution(measured, name, quantity))
    if shown:
        show_code(code_of_run("train/inside", run, LAYER=next(iter(shown)), NUMBERS=quantity))
    with st.popover("How to read this", icon=":material/help:"):
        st.markdown(_HOW_TO_READ)
