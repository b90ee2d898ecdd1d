"""The evaluation of the chosen network: read from its file, or made beside the page where there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import streamlit as st

from model_lib.compute.computations import NetworkEvaluation
from model_lib.datasets.loading import DatasetError
from model_lib.evaluation.evaluation import Evaluation, EvaluationError, evaluation_file, load_evaluation
from model_lib.figure_code.image_source import ImageSource
from model_lib.predictions import PRETRAINED_FOLDER
from model_lib.storage.run import Run, RunError
from ui.mistakes.selection import other_test_set
from ui.shared.figure_code import FigureCode, code_of_evaluation, test_images
from ui.shared.jobs import compute
from ui.shared.loaders import names_of_test_sets, network_reference
from ui.shared.run_list import listed_runs
from ui.shared.selection import PRETRAINED_TITLE, selected_run
from ui.shared.visit import state_of

_MOST_RUNS: Final = 20
_READING_OTHERS: Final = "Predicting these test images for the first time"


@dataclass
class _Kept:
    """The epoch of each unfinished run that has been looked at, by the run's id."""

    epochs: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluated:
    """A network's answers, and which state of it they are of.

    Args:
        evaluation: the answers to all test images.
        epoch: after which epoch, if the network still learns; None for the result of a training.
        stamp: changes whenever the answers do; part of the names of what is computed from them.
        other: name of the test set; None for the network's own.
    """

    evaluation: Evaluation
    epoch: int | None
    stamp: str
    other: str | None = None


def evaluated(run: Run | None) -> Evaluated | None:
    """Returns the answers of the chosen network, or says in the page why there are none yet, or how far they are.

    Args:
        run: the run, or None for the ready-made network.
    """
    try:
        other = other_test_set()
        if run is None:
            return _of_pretrained(other)
        if run.state in ("finished", "stopped"):
            return _of_ended(run, other)
        return _of_checkpoint(run, other)
    except (RunError, DatasetError) as error:
        st.error(str(error), icon=":material/error:")
        return None


def all_evaluations(test_set: str) -> dict[str, Evaluation]:
    """Returns the answers of the newest networks to these test images, by title, the bundled network's first.

    Networks without a whole file are passed over.
    """
    found: dict[str, Evaluation] = {}
    folders = [(PRETRAINED_TITLE, PRETRAINED_FOLDER)]
    folders += [(entry.title, entry.run.folder) for entry in listed_runs()[:_MOST_RUNS]]
    for title, folder in folders:
        for other in (None, test_set):
            try:
                evaluation = _read(folder, other)
            except EvaluationError:
                continue
            if evaluation.dataset == test_set:
                found[title] = evaluation
                break
    return found


def other_evaluation(run: Run | None, shown: Evaluated) -> Evaluation | None:
    """Returns the answers to the test images that are not shown, as far as they have been computed and kept.

    Args:
        run: the run, or None for the ready-made network.
        shown: what is shown of it.
    """
    others = names_of_test_sets(run)[1:]
    if shown.epoch is not None or not others:
        return None
    folder, other = PRETRAINED_FOLDER if run is None else run.folder, others[0] if shown.other is None else None
    try:
        evaluation = _read(folder, other)
    except EvaluationError:
        return None
    return evaluation if evaluation.dataset in names_of_test_sets(run) else None


def _of_pretrained(other: str | None) -> Evaluated | None:
    # The command that makes the bundled network leaves its evaluations beside it.
    stamp = _stamp(PRETRAINED_FOLDER / evaluation_file(other))
    try:
        return Evaluated(_read(PRETRAINED_FOLDER, other), None, f"pretrained-{other}-{stamp}", other)
    except EvaluationError:
        return _made(None, None, other, "Predicting all test images")


def _of_ended(run: Run, other: str | None) -> Evaluated | None:
    try:
        evaluation = _read(run.folder, other)
        if evaluation.dataset == (other or names_of_test_sets(run)[0]):
            stamp = _stamp(run.folder / evaluation_file(other))
            return Evaluated(evaluation, None, f"{run.id}-{other}-{stamp}", other)
    except EvaluationError:
        pass
    text = "This run's evaluation is missing or damaged, and is made again" if other is None else _READING_OTHERS
    return _made(run, None, other, text)


def _of_checkpoint(run: Run, other: str | None) -> Evaluated | None:
    epochs = [epoch for epoch in run.epochs_done if epoch > 0]
    if not epochs:
        if run.state in ("queued", "running", "paused"):
            st.info(
                "This network has not finished its first epoch yet. Its mistakes can be seen as soon as it has.",
                icon=":material/hourglass_top:",
            )
            st.button("Look again", icon=":material/refresh:")
        else:
            st.error(run.error or "This network has not been trained.", icon=":material/error:")
        return None
    # The one that has been looked at stays until the visitor asks for a newer one: a page that changes under the
    # reader's eyes helps nobody.
    kept = state_of(_Kept).epochs
    epoch = kept.get(run.id, epochs[-1])
    if epoch not in epochs:
        epoch = epochs[-1]
    kept[run.id] = epoch
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.info(f"This network is not finished. You see it after epoch {epoch}.", icon=":material/hourglass_top:")
    if epoch < epochs[-1] and button.button(f"Show epoch {epochs[-1]}", icon=":material/refresh:", width="stretch"):
        kept[run.id] = epochs[-1]
        st.rerun()
    text = f"Predicting all test images with the network after epoch {epoch}"
    return _made(run, epoch, other, text)


def _made(run: Run | None, epoch: int | None, other: str | None, text: str) -> Evaluated | None:
    """Returns an evaluation that is made beside the page, or shows how far it is."""
    network = network_reference(run, epoch)
    evaluation = compute(NetworkEvaluation(network, other), text)
    return None if evaluation is None else Evaluated(evaluation, epoch, f"evaluated {network} {other}", other)


def code_of_shown(name: str, *sources: ImageSource, **values: Any) -> FigureCode:
    """Returns the code of a figure of the answers that the page shows; see `code_of_evaluation`."""
    return code_of_evaluation(name, selected_run(), other_test_set(), *sources, **values)


def source_of_shown() -> ImageSource:
    """Returns how a program reads the test images to which they are the answers."""
    return test_images(selected_run(), other_test_set())


def _stamp(file: Path) -> int:
    return file.stat().st_mtime_ns if file.exists() else 0


def _read(folder: Path, other: str | None) -> Evaluation:
    return _cached(str(folder), other, _stamp(folder / evaluation_file(other)))


@st.cache_resource(max_entries=64, show_spinner=False)
def _cached(folder: str, other: str | None, stamp: int) -> Evaluation:
    return load_evaluation(Path(folder), other)
