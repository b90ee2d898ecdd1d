"""Checkpoints: the weights after each epoch, the final network, and the state from which training resumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.files import read_arrays, write_arrays, write_atomic
from model_lib.networks import build_network
from model_lib.storage.run import CHECKPOINTS_FOLDER, PROGRESS_FILE, Run, RunError

if TYPE_CHECKING:
    import keras

NETWORK_FILE: Final = "network.keras"


@dataclass(frozen=True, kw_only=True)
class Position:
    """Position of a training within its epochs, with the running sums of the epoch's metrics.

    Args:
        epoch: index of the current epoch, from 0; equal to the number of completed epochs.
        step: index of the next step in that epoch, from 0.
        loss_sum: sum of the training losses over this epoch's images so far.
        correct: correctly classified images of this epoch so far.
    """

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0


@dataclass(frozen=True, kw_only=True)
class TrainingState:
    """All that training needs to resume with the same result as without the interruption.

    Args:
        weights: those of `network.get_weights()`.
        steps_state: optimizer slots and RNG state, those of `TrainingSteps.state()`.
        position: where training continues.
        seconds: training time so far, pauses left out.
        best_loss: the lowest validation loss so far, for early stopping; infinity before the first.
        epochs_without_gain: completed epochs since that one.
    """

    weights: Sequence[NDArray[np.float32]]
    steps_state: Mapping[str, NDArray[Any]]
    position: Position
    seconds: float
    best_loss: float
    epochs_without_gain: int


def save_training_state(folder: Path, state: TrainingState) -> None:
    """Writes the state from which a run resumes, atomically.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    position = state.position
    arrays: dict[str, NDArray[Any]] = {f"weight_{index}": weight for index, weight in enumerate(state.weights)}
    arrays |= {f"state_{name}": np.asarray(value) for name, value in state.steps_state.items()}
    arrays |= {
        "epoch": np.array(position.epoch),
        "step": np.array(position.step),
        "loss_sum": np.array(position.loss_sum),
        "right": np.array(position.correct),
        "seconds": np.array(state.seconds),
        "best_loss": np.array(state.best_loss),
        "epochs_without_gain": np.array(state.epochs_without_gain),
    }
    write_arrays(folder / PROGRESS_FILE, arrays)


def load_training_state(folder: Path) -> TrainingState | None:
    """Reads the state from which a run resumes; None before its first epoch or pause, or if the file is damaged."""
    try:
        arrays = read_arrays(folder / PROGRESS_FILE)
        counts = {name: arrays[name].item() for name in ("epoch", "step", "right", "epochs_without_gain")}
        state = TrainingState(
            weights=_weights(arrays),
            steps_state={
                name.removeprefix("state_"): value for name, value in arrays.items() if name.startswith("state_")
            },
            position=Position(
                epoch=counts["epoch"],
                step=counts["step"],
                loss_sum=arrays["loss_sum"].item(),
                correct=counts["right"],
            ),
            seconds=arrays["seconds"].item(),
            best_loss=arrays["best_loss"].item(),
            epochs_without_gain=counts["epochs_without_gain"],
        )
    except (OSError, ValueError, KeyError):
        return None
    are_counts = all(isinstance(count, int) and count >= 0 for count in counts.values())
    return state if are_counts and np.isfinite(state.seconds) else None


def save_checkpoint(folder: Path, epoch: int, weights: Sequence[NDArray[np.float32]]) -> None:
    """Writes the weights after an epoch, from 1; 0 stands for the untrained network.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    arrays = {f"weight_{index}": weight for index, weight in enumerate(weights)}
    file = _checkpoint(folder, epoch)
    # A visitor may have deleted the checkpoints to free some space; a deleted run folder is not made again.
    file.parent.mkdir(exist_ok=True)
    write_arrays(file, arrays)


def load_checkpoint(folder: Path, epoch: int) -> list[NDArray[np.float32]] | None:
    """Reads the weights after an epoch, or None if the file is missing or damaged."""
    try:
        return _weights(read_arrays(_checkpoint(folder, epoch)))
    except (OSError, ValueError, KeyError):
        return None


def save_network(folder: Path, network: keras.Model) -> None:
    """Writes architecture and weights in Keras's own format, which loads without this project."""
    # Keras chooses the format by the file's suffix, so the temporary file needs one too.
    temporary = folder / ".unfinished.keras"
    network.save(temporary)
    content = temporary.read_bytes()
    temporary.unlink()
    write_atomic(folder / NETWORK_FILE, lambda stream: stream.write(content))


def remove_results(folder: Path) -> None:
    """Removes what a training wrote at its end, network and evaluations, since it goes on with other weights."""
    for file in (folder / NETWORK_FILE, *folder.glob("evaluation*.npz")):
        with suppress(OSError):  # one that is being read cannot be removed everywhere
            file.unlink(missing_ok=True)


def load_network(run: Run, epoch: int | None = None) -> keras.Model:
    """Loads the network of a run, also of one in training.

    Args:
        run: the run.
        epoch: one of `run.epochs_done`; None for the newest.

    Returns:
        The Keras network with its weights.

    Raises:
        RunError: if the run has no weights yet, or the file is damaged or gone.
    """
    network = build_network(run.spec)
    network.set_weights(load_weights(run, [weight.shape for weight in network.get_weights()], epoch))
    return network


def load_weights(run: Run, shapes: Sequence[tuple[int, ...]], epoch: int | None = None) -> list[NDArray[np.float32]]:
    """Reads the weights of a run without Keras, also of one that is still being trained.

    Args:
        run: the run.
        shapes: those of the network's weights, in the order of `network.get_weights()`; a file that holds others is
            passed over.
        epoch: one of `run.epochs_done`; None for the newest weights there are.

    Raises:
        RunError: if the run has no weights yet, or the file is damaged or gone.
    """
    kept = run.epochs_done if epoch is None else [epoch]
    state = load_training_state(run.folder) if epoch is None else None
    if state is not None and _have_shapes(state.weights, shapes):
        return list(state.weights)
    for number in reversed(kept):
        weights = load_checkpoint(run.folder, number)
        if weights is not None and _have_shapes(weights, shapes):
            return weights
    if not kept and run.state in ("queued", "running"):
        raise RunError("This network has not finished its first epoch yet. Wait a moment.")
    raise RunError(
        f"The weights of the run {run.id} cannot be read: there is no whole checkpoint of this network. "
        "Train the network again."
    )


def weights_stamp(run: Run, epoch: int | None = None) -> float:
    """Returns when weights were last written, in seconds since 1970, so that caches notice newer ones.

    Args:
        run: the run.
        epoch: whose weights; None for the newest, which change while the run is trained.

    Returns:
        The time; 0 if there are none.
    """
    names = (PROGRESS_FILE, NETWORK_FILE, CHECKPOINTS_FOLDER)
    files = [run.folder / name for name in names] if epoch is None else [_checkpoint(run.folder, epoch)]
    return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)


def _have_shapes(weights: Sequence[NDArray[np.float32]], shapes: Sequence[tuple[int, ...]]) -> bool:
    return [weight.shape for weight in weights] == list(shapes)


def _checkpoint(folder: Path, epoch: int) -> Path:
    return folder / CHECKPOINTS_FOLDER / f"epoch-{epoch:03d}.npz"


def _weights(arrays: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
    count = sum(name.startswith("weight_") for name in arrays)
    return [arrays[f"weight_{index}"] for index in range(count)]
