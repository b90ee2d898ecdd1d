"""Two networks image by image: McNemar's sentence, the 2 x 2 table whose cells open their images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.paired_predictions import CELLS, Cell, PairedPredictions, are_paired, pair_predictions
from model_lib.comparison.record import RunRecord
from model_lib.comparison.seed_groups import group_by_settings
from model_lib.comparison.sentences import accuracy_with_interval, sentence_of_pair, verdict_of_pair
from model_lib.comparison.significance import is_told_apart
from model_lib.datasets.loading import dataset_title, is_known
from model_lib.evaluation.evaluation import Evaluation, accuracy_interval
from ui.compare.chance.evaluations import choose_test_set, common_test_sets, evaluation_of, offer_evaluation
from ui.compare.chance.gallery import PairShown, show_images
from ui.compare.chance.selection import IMAGES_CONTAINER, choose_pair, chosen_pair, current_choice, open_cell
from ui.compare.names import title_of, unique_titles
from ui.shared.layout import side_by_side
from ui.shared.scrolling import apply_scroll
from ui.shared.visit import mirrored
from ui.shared.wording import in_markdown

_WORDS: Final[dict[Cell, str]] = {
    "both": "read by both",
    "first": "only by A",
    "second": "only by B",
    "neither": "by neither",
}
_HELPS: Final[dict[Cell, str]] = {
    "both": "Images whose label both networks give. They tell nothing about which is better.",
    "first": "Images whose label A gives and B does not: these speak in favour of A.",
    "second": "Images whose label B gives and A does not: these speak in favour of B.",
    "neither": "Images that both networks take for something else. They tell nothing about which is better.",
}
_TEST: Final = (
    "Only the images that one network reads and the other does not can tell them apart. If both were equally good, "
    "each of these images would be A's or B's like the toss of a coin; the sentence says how often a coin falls as "
    "unevenly as that, to either side (McNemar's exact test). It is about these two trained networks, measured on test "
    "images: it chooses nothing, and another random seed gives other networks. What a setting did is judged over "
    "several seeds."
)
_OTHER_SEED: Final = "Both have the same settings: the random seed made the difference."
# Where there may be none.
_MAYBE_NO_DIFFERENCE: Final = "Both have the same settings but for the random seed."


def show_pair(records: Sequence[RunRecord]) -> None:
    """Compares two of the chosen runs."""
    first, second = _choose_pair(records)
    names = common_test_sets([first, second])
    if not names:
        st.warning(
            f"A was trained on {_dataset(first)}, B on {_dataset(second)}: there are no test images that both can be "
            "asked about. Choose two runs on the same data.",
            icon=":material/difference:",
        )
        return
    test_set = choose_test_set(names)
    found = [evaluation_of(record, test_set) for record in (first, second)]
    if found[0] is None or found[1] is None:
        missing = [record for record, evaluation in zip((first, second), found, strict=True) if evaluation is None]
        offer_evaluation(missing, test_set)
        return
    answers = found[0], found[1]
    if not are_paired(*answers):
        st.error("These runs were measured on other test images, so that they cannot be compared.")
        return
    paired = pair_predictions(*answers)
    st.markdown(f"##### {sentence_of_pair(paired)}", help=_TEST)
    said_of = f"That is said of two networks, on {paired.images:,} test images."
    of_seed = _OTHER_SEED if is_told_apart(paired.p_value) else _MAYBE_NO_DIFFERENCE
    st.markdown(" ".join((verdict_of_pair(paired), said_of, of_seed if _differ_in_seed((first, second)) else "")))
    _show_names((first, second), answers)
    # One image with two rows of bars needs the whole width.
    if current_choice().number is None:
        table, images = side_by_side("chance", IMAGES_CONTAINER)
    else:
        table, images = st.container(), st.container(key=IMAGES_CONTAINER)
    cell = _shown_cell(paired)
    with table:
        _show_cells(paired, cell)
    with images:
        show_images(PairShown((first, second), answers, paired, test_set, cell))
    apply_scroll(IMAGES_CONTAINER)


def _choose_pair(records: Sequence[RunRecord]) -> tuple[RunRecord, RunRecord]:
    """Shows the lists of A and B where more than two runs are compared."""
    first, second = chosen_pair(records)
    if len(records) == 2:
        return first, second
    titles = unique_titles(records)

    def choose(place: int, name: str) -> None:
        pair = [first.id, second.id]
        # The same run in both places: they change places.
        pair = pair[::-1] if name == pair[1 - place] else [name if at == place else pair[at] for at in (0, 1)]
        choose_pair(*pair)

    with st.container(horizontal=True):
        for place, (letter, record) in enumerate((("A", first), ("B", second))):
            mirrored(
                st.selectbox,
                letter,
                list(titles),
                key=f"chance-pair-{letter}",
                value=record.id,
                on_change=lambda name, place=place: choose(place, name),  # type: ignore[misc]
                format_func=lambda name: titles.get(name, name),
                width=400,
                help=f"The network that is called {letter} below.",
            )
    return first, second


def _show_names(pair: tuple[RunRecord, RunRecord], answers: tuple[Evaluation, Evaluation]) -> None:
    for letter, record, evaluation in zip("AB", pair, answers, strict=True):
        interval = accuracy_interval(evaluation.accuracy, len(evaluation.labels))
        st.markdown(
            f"**{letter}** is {in_markdown(title_of(record))}: "
            f"test accuracy {accuracy_with_interval(evaluation.accuracy, interval)}",
            help="In brackets the 95 % interval (Wilson): as far as chance in the choice of the test images reaches.",
        )


def _differ_in_seed(pair: tuple[RunRecord, RunRecord]) -> bool:
    """Returns whether two runs differ in the random seed alone."""
    groups = group_by_settings(pair)
    return len(groups) == 1 and len(groups[0].records) == len(pair)


def _shown_cell(paired: PairedPredictions) -> Cell:
    """Returns the chosen cell, or the one that speaks for the better network."""
    one_sided: tuple[Cell, Cell] = ("second", "first")
    order: tuple[Cell, ...] = (*sorted(one_sided, key=paired.count, reverse=True), "neither", "both")
    chosen = current_choice().cell
    return next(cell for cell in order if paired.count(cell)) if chosen is None else chosen


def _show_cells(paired: PairedPredictions, shown: Cell) -> None:
    with st.container(key="chance_cells", gap="small"):
        for row in (CELLS[:2], CELLS[2:]):
            with st.container(horizontal=True, gap="small"):
                for cell in row:
                    st.button(
                        f"**{paired.count(cell):,}** {_WORDS[cell]}",
                        key=f"chance-cell-{cell}",
                        type="primary" if cell == shown else "secondary",
                        on_click=open_cell,
                        args=(cell,),
                        help=_HELPS[cell],
                    )
    st.caption("Click a cell for its images.")


def _dataset(record: RunRecord) -> str:
    name = record.config.dataset
    return dataset_title(name) if is_known(name) else in_markdown(name)
