"""Networks that visitors bring become runs: all in their folders is written anew, no file is copied."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from model_lib.config.summary import count_parameters
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import ProgressCallback, Split, load_dataset, names_of_test_sets
from model_lib.evaluation.evaluate import evaluate_network
from model_lib.files import write_json
from model_lib.inference.session import InferenceNetwork
from model_lib.own_networks.archive import OwnNetworkError
from model_lib.own_networks.reading import OwnNetwork
from model_lib.predictions import PredictionError, predict
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.events import Evaluated, Started, append_event
from model_lib.storage.origin import LONGEST_TITLE, WHITES, read_origin
from model_lib.storage.run import ORIGIN_FILE, Run, RunError
from model_lib.storage.run_folders import create_run, list_runs, runs_root

CHECKED_IMAGES: Final = 500
MOST_OF_ONE: Final = 5
MOST_TOGETHER: Final = 100
_DELETED: Final = ".deleted"
_DELETED_STAY_SECONDS: Final = 24 * 60 * 60
_LOCK: Final = threading.Lock()


@dataclass(frozen=True)
class KeptNetwork:
    """A network that a visitor has brought.

    Args:
        run: its run.
        title: what the visitor calls it; any text.
        largest_pixel: see `OwnNetwork.spec`.
        notes: see `OwnNetwork`.
    """

    run: Run
    title: str
    largest_pixel: float
    notes: tuple[str, ...]


def accuracy_by_white(network: OwnNetwork, split: Split) -> dict[float, float]:
    """Returns the accuracy on the first training images if they have pixels from 0 to 1, and from 0 to 255.

    Args:
        network: the network.
        split: training images; the first `CHECKED_IMAGES` are taken, so that test images choose nothing.

    Raises:
        OwnNetworkError: if the network answers with what is no number in both.
    """
    images, labels = split.images[:CHECKED_IMAGES], split.labels[:CHECKED_IMAGES]
    found = {}
    for white in WHITES:
        with suppress(PredictionError):
            answers = predict(InferenceNetwork(network.spec(white), network.weights), images)
            found[white] = float((answers.argmax(axis=1) == labels).mean())
    if not found:
        raise OwnNetworkError("The network's answers are not numbers (NaN): it cannot be used.")
    return found


def kept_networks(owner: str, root: Path | None = None) -> list[KeptNetwork]:
    """Returns the networks that a visitor has brought, the newest first.

    Args:
        owner: who has brought them, as given to `keep_network`.
        root: see `runs_root`.
    """
    found = []
    for run in list_runs(root):
        origin = read_origin(run.folder)
        if origin.get("owner") == owner:
            with suppress(RunError, KeyError, TypeError, ValueError):
                notes = tuple(str(note) for note in origin["notes"])
                found.append(KeptNetwork(run, str(origin["title"]), float(origin["largest_pixel"]), notes))
    return found


def keep_network(
    network: OwnNetwork,
    largest_pixel: float,
    title: str,
    owner: str,
    write_keras_file: Callable[[Path], object],
    progress: ProgressCallback = lambda share: None,
    root: Path | None = None,
) -> Run:
    """Makes a network a run: in a hidden folder, which is renamed once all of it is there.

    Args:
        network: the network.
        largest_pixel: see `OwnNetwork.spec`.
        title: what the visitor calls it.
        owner: who has brought it; anything that is the same for one visitor and cannot be guessed.
        write_keras_file: writes `network.keras` into a run's folder, from what lies there; it may do nothing.
        progress: called with 0 to 1.
        root: see `runs_root`.

    Raises:
        OwnNetworkError: if the visitor has brought as many as are kept, or the answers are not numbers.
        RunError, OSError: if the folder cannot be written.
        DatasetError: if the test images are missing.
    """
    tidy = " ".join("".join(each if each.isprintable() else " " for each in title).split())[:LONGEST_TITLE]
    tidy = tidy or "My network"
    _check_room(owner, root)
    staging = runs_root(root) / f".bring-{uuid.uuid4().hex}"
    try:
        config = TrainingConfig(validation="none", epochs=1)
        run = create_run(network.spec(largest_pixel, f"{tidy} (brought)"), config, staging)
        save_checkpoint(run.folder, 1, list(network.weights))
        append_event(
            run.folder,
            Started(steps_per_epoch=1, epochs=1, images=0, parameters=count_parameters(run.spec), epoch=1, step=0),
        )
        _evaluate(run, network, largest_pixel, progress)
        write_json(
            run.folder / ORIGIN_FILE,
            {
                "owner": owner,
                "format": ".keras",
                "title": tidy,
                "largest_pixel": largest_pixel,
                "notes": list(network.notes),
            },
        )
        write_keras_file(run.folder)
        run.set_state("finished")
        with _LOCK:
            _check_room(owner, root)
            return Run(run.folder.rename(runs_root(root) / run.id))
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def delete_network(run: Run, owner: str) -> None:
    """Deletes a network that a visitor has brought; `restore_network` undoes it for a day.

    Raises:
        OwnNetworkError: if it is another's, or none that was brought.
        OSError: if the folder cannot be written.
    """
    if read_origin(run.folder).get("owner") != owner:
        raise OwnNetworkError("This network is not one that you have brought.")
    bin_folder = run.folder.parent / _DELETED
    bin_folder.mkdir(exist_ok=True)
    for old in bin_folder.iterdir():
        if time.time() - old.stat().st_mtime > _DELETED_STAY_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    target = run.folder.rename(bin_folder / run.id)
    with suppress(OSError):
        (target / "stop").touch()  # its time to stay begins now
        (target / "stop").unlink()


def restore_network(run: Run, owner: str) -> None:
    """Brings a deleted network back.

    Raises:
        OwnNetworkError: if it is gone for good, or as many as are kept have been brought meanwhile.
    """
    with _LOCK:
        _check_room(owner, run.folder.parent)
        deleted = Run(run.folder.parent / _DELETED / run.id)
        if read_origin(deleted.folder).get("owner") != owner:
            raise OwnNetworkError("The network is gone for good. Bring its file again.")
        deleted.folder.rename(run.folder)


def _evaluate(run: Run, network: OwnNetwork, largest_pixel: float, progress: ProgressCallback) -> None:
    """Writes its answers to all test images, and logs their accuracy."""
    answering = InferenceNetwork(network.spec(largest_pixel), network.weights)
    own, *others = names_of_test_sets(run.config.dataset)
    try:
        evaluation = evaluate_network(answering, load_dataset(own), lambda share: progress(0.7 * share))
        evaluation.save(run.folder)
        accuracies = []
        for name in others:
            other = evaluate_network(answering, load_dataset(name), lambda share: progress(0.7 + 0.2 * share))
            other.save(run.folder, name)
            accuracies.append(other.accuracy)
    except PredictionError as error:
        raise OwnNetworkError("The network's answers are not numbers (NaN): it cannot be used.") from error
    append_event(
        run.folder,
        Evaluated(
            test_loss=float(np.nan_to_num(evaluation.loss)),
            test_accuracy=evaluation.accuracy,
            seconds=0.0,
            epochs=0,
            other_test_accuracy=accuracies[0] if accuracies else None,
        ),
    )


def _check_room(owner: str, root: Path | None) -> None:
    owners = [origin["owner"] for run in list_runs(root) if "owner" in (origin := read_origin(run.folder))]
    if owners.count(owner) >= MOST_OF_ONE:
        raise OwnNetworkError(f"You can keep {MOST_OF_ONE} networks. Delete one of them first.")
    if len(owners) >= MOST_TOGETHER:
        raise OwnNetworkError(f"This server keeps {MOST_TOGETHER} networks of its visitors, and all places are taken.")
