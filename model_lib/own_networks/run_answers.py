"""What a brought run answers to the test images, worked out here.

The answers in a zip only have to be those of this network, as far as two machines agree, and the accuracies in its log
those of these answers. Neither is kept: what is written, the log's accuracies on test images too, is what the network
answers here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, TypeGuard

import numpy as np

from model_lib.config.fine_tuning import OWN_DIGITS
from model_lib.datasets.loading import (
    CLASSES,
    TEST_SET_TITLES,
    DatasetError,
    ProgressCallback,
    is_on_disk,
    load_dataset,
    names_of_test_sets,
)
from model_lib.evaluation.evaluate import evaluate_network
from model_lib.evaluation.evaluation import Evaluation, evaluation_file
from model_lib.inference.session import InferenceNetwork
from model_lib.inference.weights import read_run_weights
from model_lib.own_networks.zip_members import RunZip, RunZipError, Wanted, finite
from model_lib.predictions import PredictionError
from model_lib.storage.events import Evaluated, Event, Measured, last_evaluation
from model_lib.storage.run import Run, RunError

# Between what two machines compute for the same image, and between the accuracies that come of it.
_TOLERANCE: Final = 0.01


def measured_here(
    archive: RunZip, run: Run, events: Sequence[Event], progress: ProgressCallback = lambda share: None
) -> list[Event]:
    """Makes sure that a zip's answers are those of its network, and writes what the network answers here.

    Args:
        archive: the zip.
        run: its run, with network, settings and weights in the folder.
        events: its log.
        progress: called with 0 to 1.

    Returns:
        The log with the accuracies and losses on test images that were measured here. Of several measurements of the
        trained network on the same images the last is in it.

    Raises:
        RunZipError: if the answers or the accuracies are not those of this network, or cannot be worked out here.
    """
    own, *others = names_of_test_sets(run.config.dataset)
    files = {own: evaluation_file(), **{other: evaluation_file(other) for other in others}}
    if {name for name in archive.names if name.startswith("evaluation")} - set(files.values()):
        raise RunZipError("This zip has answers to test images that do not belong to its data set.")
    checkable = {*files, *(name for name in TEST_SET_TITLES if is_on_disk(name))}
    kept = [event for event in _last_of_each(events) if not _is_result(event) or event.on in checkable]
    logged = last_evaluation(kept)
    names = [name for name, file in files.items() if file in archive]
    if logged is not None:
        names += [own, *(others[:1] if logged.other_test_accuracy is not None else [])]
    names = list(dict.fromkeys([*names, *(event.on for event in kept if _is_result(event))]))
    found: dict[str, Evaluation] = {}
    try:
        network = InferenceNetwork(run.spec, read_run_weights(run))
        for place, name in enumerate(names):
            dataset = load_dataset(run.config.dataset if name == own else name)
            found[name] = evaluate_network(network, dataset, partial(_report_part, progress, place, len(names)))
            if name in files:
                if files[name] in archive:
                    _check_answers(archive, found[name], files[name])
                found[name].save(run.folder, None if name == own else name)
    except (DatasetError, RunError, PredictionError) as error:
        raise RunZipError(f"The answers in this zip cannot be checked: {error}") from error
    return [_as_measured(event, found, own, others) for event in kept]


def _is_result(event: Event) -> TypeGuard[Measured]:
    """Returns whether it tells of the trained network on test images; a visitor's own digits stay where they are."""
    return isinstance(event, Measured) and event.stage == "after" and not event.on.startswith(OWN_DIGITS)


def _last_of_each(events: Sequence[Event]) -> list[Event]:
    """Leaves out what a later event measures again: it told of a network that was trained on since."""
    last: dict[str, int] = {}
    places: dict[int, str] = {}
    for place, event in enumerate(events):
        if isinstance(event, Evaluated) or _is_result(event):
            places[place] = event.on if isinstance(event, Measured) else ""
            last[places[place]] = place
    return [event for place, event in enumerate(events) if place not in places or last[places[place]] == place]


def _report_part(progress: ProgressCallback, place: int, parts: int, share: float) -> None:
    progress((place + share) / parts)


def _check_answers(archive: RunZip, answered: Evaluation, file: str) -> None:
    images = len(answered.labels)
    wanted = {
        "probabilities": Wanted("<f4", (images, CLASSES)),
        "labels": Wanted("|u1", (images,)),
        "dataset": Wanted("U", (), 100),
    }
    if answered.writers is not None:
        wanted["writers"] = Wanted("|u1", (images,))
    arrays = finite(archive.read_arrays(file, wanted), file)
    # Of a data set that was joined of two, the test images are one's.
    is_same = str(arrays["dataset"]) == answered.dataset and np.array_equal(arrays["labels"], answered.labels)
    difference = float(np.abs(arrays["probabilities"] - answered.probabilities).max())
    if not is_same or difference > _TOLERANCE:
        raise RunZipError(
            f"{file} in this zip is not what this network answers: the probabilities differ by up to {difference:.3f}. "
            "Pack the run again."
        )


def _as_measured(event: Event, found: Mapping[str, Evaluation], own: str, others: Sequence[str]) -> Event:
    """Returns the event with what was measured here in place of what it claims."""
    if isinstance(event, Evaluated):
        accuracy, loss = _checked(event.test_accuracy, found[own])
        other = event.other_test_accuracy
        if other is not None:
            other = _checked(other, found[others[0]])[0] if others else None
        return dataclasses.replace(event, test_accuracy=accuracy, test_loss=loss, other_test_accuracy=other)
    if _is_result(event):
        accuracy, loss = _checked(event.accuracy, found[event.on])
        return dataclasses.replace(event, accuracy=accuracy, loss=loss, images=len(found[event.on].labels))
    return event


def _checked(claimed: float, answered: Evaluation) -> tuple[float, float]:
    """Returns accuracy and loss as they are here. Raises an error where the log claims another accuracy."""
    # An image on the edge may be read otherwise, also where there are few.
    if abs(claimed - answered.accuracy) > _TOLERANCE + 1 / len(answered.labels):
        raise RunZipError("The log in this zip tells of another accuracy than its network has.")
    return answered.accuracy, answered.loss
