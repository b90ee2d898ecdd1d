"""What a part of a program gives once its network has been trained: curves, predictions, the crosstab, files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.datasets.loading import Dataset, DatasetError, class_names
from model_lib.evaluation.confusion import confusion_counts
from model_lib.evaluation.evaluation import Evaluation, EvaluationError, evaluation_file, load_evaluation
from model_lib.evaluation.image_filter import Captions
from model_lib.figures.confusion import confusion_matrix
from model_lib.figures.curves import Measure, training_curve
from model_lib.figures.data.prediction_sheet import prediction_sheet_figure
from model_lib.figures.image_grid import captions_of, render_image_grid
from model_lib.figures.text.description import describe_confusion, describe_curve
from model_lib.number_format import accuracy_text
from model_lib.programs.source import Part
from model_lib.storage.checkpoints import NETWORK_FILE
from model_lib.storage.run import Run, RunError
from ui.programs.results import printed
from ui.shared.charts import show_chart
from ui.shared.histories import history_of
from ui.shared.loaders import dataset_of

_MATRIX_PX: Final = 430
_MOST_SHOWN: Final = 25
_HUNDRED: Final = 100
_CHOSEN: Final = (5, 3)


@dataclass(frozen=True)
class _Trained:
    """A run with what it has left.

    Args:
        run: the run.
        evaluation: its predictions for the test images.
        data: the images.
    """

    run: Run
    evaluation: Evaluation
    data: Dataset


def needs_training(part: Part) -> bool:
    """Returns whether a part shows more once the network has been trained."""
    return part.kind in _RESULTS


def show_run_result(part: Part, run: Run) -> None:
    """Shows what a part gave in a training, or why that cannot be shown.

    Args:
        part: one that `needs_training`.
        run: a run of the program's preset that has ended.
    """
    try:
        stamp = (run.folder / evaluation_file()).stat().st_mtime_ns
        trained = _Trained(run, _evaluation(str(run.folder), stamp), dataset_of(run))
        _RESULTS[part.kind](trained)
    except (RunError, DatasetError) as error:
        st.error(str(error), icon=":material/error:")
    except (OSError, EvaluationError, KeyError, zipfile.BadZipFile):
        st.error(
            "The files of this training are damaged or have been deleted. Train the network again.",
            icon=":material/error:",
        )


@st.cache_resource(max_entries=32, show_spinner=False)
def _evaluation(folder: str, stamp: int) -> Evaluation:
    return load_evaluation(Path(folder))


def _show_curves(trained: _Trained) -> None:
    for measure in ("accuracy", "loss"):
        _show_curve(trained, measure)


def _show_accuracy(trained: _Trained) -> None:
    _show_curve(trained, "accuracy")


def _show_curve(trained: _Trained, measure: Measure) -> None:
    history = history_of(trained.run)
    end = history.started.epochs if history.started else 1
    show_chart(
        training_curve(history, measure, "epochs", end), f"program-{measure}", describe_curve(history, measure), "all"
    )


def _show_end(trained: _Trained) -> None:
    outcome = history_of(trained.run).outcome
    if outcome is not None and outcome.why:
        st.success(f"Training ended after {outcome.epochs} epochs because {outcome.why}.")
    else:
        st.info("This training was not ended early.")
    _show_accuracy(trained)


def _show_evaluated(trained: _Trained) -> None:
    evaluation = trained.evaluation
    printed(f"test loss      {evaluation.loss:.4f}", f"test accuracy  {accuracy_text(evaluation.accuracy)}")


def _show_predicted(trained: _Trained) -> None:
    evaluation, names = trained.evaluation, class_names(trained.evaluation.dataset)
    printed(
        f"predictions  {evaluation.predictions[:10]}",
        f"labels       {evaluation.labels[:10]}",
        "",
        "probabilities of the first image:",
        *(
            f"{name:>3}  {probability:.4f}"
            for name, probability in zip(names, evaluation.probabilities[0], strict=True)
        ),
    )


def _show_hundred(trained: _Trained) -> None:
    evaluation, names = trained.evaluation, class_names(trained.evaluation.dataset)
    labels, predictions = evaluation.labels[:_HUNDRED], evaluation.predictions[:_HUNDRED]
    wrong = int((labels != predictions).sum())
    figure = prediction_sheet_figure(
        trained.data.test.images[: len(labels)], labels, predictions, names, "Images with their predictions"
    )
    words = f"The first {len(labels)} test images, each with its prediction; {wrong} wrong ones have a frame."
    show_chart(figure, "program-hundred", words)
    st.caption(words)
    rows = len(predictions) // 10
    printed(predictions[: rows * 10].reshape(rows, 10))


def _show_captions(trained: _Trained) -> None:
    count = min(_MOST_SHOWN, len(trained.evaluation.labels))
    words = f"The first {count} test images; captions of wrong predictions"
    _show_sheet(trained, np.arange(count), "labels", words)


def _show_confusion(trained: _Trained) -> None:
    names, counts = class_names(trained.evaluation.dataset), confusion_counts(trained.evaluation)
    show_chart(
        confusion_matrix(counts, names, height_px=_MATRIX_PX),
        "program-confusion",
        f"Confusion matrix, labels by predictions: {describe_confusion(counts, names)}",
    )


def _show_chosen(trained: _Trained) -> None:
    evaluation, (label, prediction) = trained.evaluation, _CHOSEN
    indices = np.flatnonzero((evaluation.labels == label) & (evaluation.predictions == prediction))
    printed(indices)
    _show_sheet(trained, indices, "mistakes", f"Label {label}, predicted as {prediction}; the wrong predictions")


def _show_mistakes(trained: _Trained) -> None:
    evaluation = trained.evaluation
    indices = np.flatnonzero(evaluation.is_mistake)
    first = f"; the first {min(len(indices), _MOST_SHOWN)}:" if len(indices) else "."
    st.markdown(f"{len(indices):,} mistakes{first}")
    _show_sheet(
        trained, indices, "mistakes", "Above each the wrong prediction with its probability, and its index. The former"
    )


def _show_sheet(trained: _Trained, indices: NDArray[np.int64], style: Captions, words: str) -> None:
    """Shows images in rows, at most 25 of them; nothing where there are none.

    Args:
        trained: the run.
        indices: (n,), of the images in the test set.
        style: of the captions.
        words: what the sheet shows, up to what is said of those in red.
    """
    if not len(indices):
        return
    shown = indices[:_MOST_SHOWN]
    names = class_names(trained.evaluation.dataset)
    captions = captions_of(trained.evaluation, shown, names, style)
    sheet = render_image_grid(trained.data.test.images[shown], captions)
    wrong = sum(caption.is_wrong for caption in captions)
    st.image(
        sheet.png,
        f"{words} are red and underlined.",
        width="stretch",
        alt=f"{words} are red and underlined. {wrong} of {len(shown)} are wrong. The first: {captions[0].detail}",
    )


def _show_architecture(trained: _Trained) -> None:
    text = _saved(trained.run, "config.json")
    st.json(text.decode(), expanded=1)
    st.caption(
        "As this app has built it: each layer has a name, and since the app keeps pixels from 0 to 1, a first layer "
        "(Rescaling) multiplies them by 255."
    )
    st.download_button(
        "Architecture as JSON",
        text,
        "network.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
        key="program-architecture",
    )


def _show_weights(trained: _Trained) -> None:
    weights = _saved(trained.run, "model.weights.h5")
    st.markdown(f"A file of {len(weights):,} bytes: 4 for each parameter, and names and shapes around them.")
    st.download_button(
        "Weights as HDF5",
        weights,
        "network.weights.h5",
        "application/x-hdf5",
        icon=":material/download:",
        on_click="ignore",
        key="program-weights",
    )


def _saved(run: Run, name: str) -> bytes:
    """Returns a member of the file in which Keras has saved the network."""
    with zipfile.ZipFile(run.folder / NETWORK_FILE) as file:
        return file.read(name)


# By the kind of a part.
_RESULTS: Final[Mapping[str, Callable[[_Trained], None]]] = {
    "fit": _show_accuracy,
    "callback": _show_end,
    "curve": _show_curves,
    "evaluate": _show_evaluated,
    "predict": _show_predicted,
    "grid": _show_hundred,
    "captions": _show_captions,
    "confusion": _show_confusion,
    "chosen": _show_chosen,
    "gallery": _show_mistakes,
    "architecture": _show_architecture,
    "weights": _show_weights,
}
