"""All pairs of the compared networks, corrected for their number, and each accuracy with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.pairwise import PairComparison, pairwise_comparison
from model_lib.comparison.record import RunRecord
from model_lib.comparison.sentences import cases
from model_lib.evaluation.evaluation import Evaluation
from model_lib.figures.comparison.accuracy_intervals import accuracy_intervals
from model_lib.number_format import accuracy_text
from ui.compare.chance.evaluations import choose_test_set, common_test_sets, evaluation_of, offer_evaluation
from ui.compare.chance.selection import choose_pair
from ui.compare.names import unique_titles
from ui.compare.selection import colour_places
from ui.shared.charts import show_chart

_FEWEST: Final = 2
_TABLE: Final = "chance-table"
_HOLM: Final = (
    "Where many pairs are compared at once, some look different by chance alone. Holm's correction asks more of each "
    "of them, so that in only 5 of 100 such tables even a single pair is told apart by chance."
)


def show_all_pairs(records: Sequence[RunRecord]) -> None:
    """Compares each of the chosen runs with each other one."""
    names = common_test_sets(records)
    if not names:
        st.warning(
            "These runs were trained on different kinds of images: there are no test images that all can be asked "
            "about. Choose runs on the same data.",
            icon=":material/difference:",
        )
        return
    test_set = choose_test_set(names)
    found = {record.id: evaluation_of(record, test_set) for record in records}
    evaluations = {name: evaluation for name, evaluation in found.items() if evaluation is not None}
    titles = unique_titles(records)
    if len(evaluations) >= _FEWEST:
        _show_table(pairwise_comparison(evaluations), titles)
        _show_intervals(evaluations, titles, colour_places(records), test_set)
    offer_evaluation([record for record in records if found[record.id] is None], test_set)


def _show_table(pairs: Sequence[PairComparison], titles: dict[str, str]) -> None:
    ordered = sorted(pairs, key=lambda pair: pair.p_value)
    apart = sum(pair.is_told_apart for pair in ordered)
    subject = "1 pair" if len(ordered) == 1 else f"{len(ordered)} pairs"
    st.markdown(
        f"##### Of {subject} of networks {apart} {'is' if apart == 1 else 'are'} told apart, after correction for "
        "their number (Holm).",
        help=_HOLM,
    )

    def open_pair() -> None:
        rows = st.session_state[_TABLE]["selection"]["rows"]
        if rows and rows[0] < len(ordered):
            choose_pair(ordered[rows[0]].first, ordered[rows[0]].second)

    st.dataframe(
        {
            "verdict": ["told apart" if pair.is_told_apart else "not told apart" for pair in ordered],
            "A": [titles[pair.first] for pair in ordered],
            "B": [titles[pair.second] for pair in ordered],
            "by chance, corrected": [cases(pair.corrected) for pair in ordered],
            "only A reads": [pair.only_first for pair in ordered],
            "only B reads": [pair.only_second for pair in ordered],
        },
        column_config=dict.fromkeys(
            ("only A reads", "only B reads"), st.column_config.NumberColumn(format="localized")
        ),
        hide_index=True,
        key=_TABLE,
        on_select=open_pair,
        selection_mode="single-row",
        alt=f"{subject}, {apart} told apart",
    )
    st.caption(
        "Click the box before a row for the images of that pair. By chance: in how many cases a coin falls as unevenly "
        "as that (McNemar's exact test), corrected for the number of pairs. In at most 50 of 1,000: told apart."
    )


def _show_intervals(
    evaluations: dict[str, Evaluation], titles: dict[str, str], places: dict[str, int], test_set: str
) -> None:
    ordered = sorted(evaluations, key=lambda name: -evaluations[name].accuracy)
    accuracies = [evaluations[name].accuracy for name in ordered]
    images = len(evaluations[ordered[0]].labels)
    st.subheader("Each test accuracy with its interval", anchor=False)
    show_chart(
        accuracy_intervals([titles[name] for name in ordered], [places[name] for name in ordered], accuracies, images),
        f"chance-intervals-{test_set}-{'-'.join(ordered)}",
        "; ".join(
            f"{titles[name]}: {accuracy_text(accuracy)}" for name, accuracy in zip(ordered, accuracies, strict=True)
        ),
        "none",
    )
    st.caption(
        f"The lines are 95 % intervals (Wilson): {images:,} other test images of the same kind would give another "
        "accuracy, about so far away. Two intervals may overlap though the pair is told apart: the table above "
        "compares image by image, which tells more. The order is that of the test accuracy, and chooses nothing."
    )
