"""Accuracy against price: which runs are the best for their parameters, seconds or multiplications."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.cost import PricedRun, accuracy_of, best_for_the_price, held_out_sets, priced_runs
from model_lib.comparison.record import RunRecord
from model_lib.datasets.loading import TITLES
from ui.compare.records import recorded_runs
from ui.compare.selection import MOST_CHOSEN, colour_places, toggle_run
from ui.compare.side_by_side import View, choose_word
from ui.shared.wording import in_markdown

_MOST_NAMED: Final = 3


def show_cost(records: Sequence[RunRecord], view: View) -> None:
    """Shows a point a run, with the line of those that no other beats for the same price.

    Args:
        records: the chosen runs; those of another data set than the first one's are left out, and said to be.
        view: which price, which accuracy, and whether all runs are shown.
    """
    st.header("Accuracy and price", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_word(
            "price",
            "Price",
            "Multiplications for one image are what an answer costs on any machine: a processor spends most of its "
            "time and energy on them. Seconds are those of the training, on the machine that trained.",
        )
        choose_word(
            "judge",
            "Accuracy on images for",
            "Choose by the validation images. Who chooses by the test images has an accuracy that is too high.",
        )
        choose_word("of", "Shown", "All runs, or only those that are chosen above.")
    if view.judge == "test":
        st.warning(
            "The test images are for the last look. Choose a network by the validation images, then see here how good "
            "it is. A network that is chosen by them seems better than it is.",
            icon=":material/visibility:",
        )
    shown = recorded_runs() if view.has("of", "all") else tuple(records)
    dataset = records[0].config.dataset
    alike = [record for record in shown if record.config.dataset == dataset]
    others = [record for record in shown if record.config.dataset != dataset]
    _say_what_is_left_out(others, alike, dataset, view)
    runs = priced_runs(alike, view.price, view.judge)
    if not runs:
        return
    from model_lib.figures.comparison.cost import cost_figure, describe_cost
    from ui.shared.charts import clickable_chart

    places, front = colour_places(records), best_for_the_price(runs)
    # Another key for other content: a click on the same place must be seen again.
    content = zlib.crc32(repr((sorted(places), view.price, view.judge, view.has("of", "all"))).encode())
    clickable_chart(
        cost_figure(runs, front, places, view.price, view.judge),
        f"cost-{content}",
        describe_cost(front, view.price),
        _toggle,
    )
    st.caption(f"{_who_is_best(front)} A click on a point chooses the run, or no longer; so does the list at the top.")
    if view.judge == "validation" and held_out_sets(runs) > 1:
        st.caption(
            "Not all of these runs hold out the same images for validation: small differences between them say little."
        )


def _who_is_best(front: Sequence[PricedRun]) -> str:
    # One run alone may have no room for its line: the dearest of all stands at the end of the axis.
    if len(front) == 1:
        return f"Best for the price is {in_markdown(front[0].record.title)}: no other run shown is more accurate."
    return (
        "On the dashed line (Pareto front): no other run shown is more accurate than these for the same price or less."
    )


def _toggle(name: object) -> None:
    if not toggle_run(str(name)):
        st.toast(f"At most {MOST_CHOSEN} runs can be compared. Take one out first.", icon=":material/info:")


def _say_what_is_left_out(others: Sequence[RunRecord], alike: Sequence[RunRecord], dataset: str, view: View) -> None:
    if others:
        title = TITLES.get(dataset, "the same image set")
        st.caption(f"Only runs on the same data can be compared: {title}. Left out: {_named(others)}.")
    without = [record for record in alike if accuracy_of(record, view.judge) is None]
    if without and view.judge == "validation":
        st.info(
            f"No validation images, or no whole epoch yet: {_named(without)} cannot be ranked. Train again with "
            "“Validation on: the last part of the training images”.",
            icon=":material/info:",
        )
    elif without:
        st.info(f"Not tested yet: {_named(without)}. A run is tested at its end.", icon=":material/info:")


def _named(records: Sequence[RunRecord]) -> str:
    named = ", ".join(in_markdown(record.title) for record in records[:_MOST_NAMED])
    return f"{named} and {len(records) - _MOST_NAMED} more" if len(records) > _MOST_NAMED else named
