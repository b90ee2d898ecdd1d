"""Weights on disk: one file an epoch, and all that a training needs to go on where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.files import read_arrays, write_arrays, write_whole
from model_lib.networks import build_network
from model_lib.storage.run import Run, RunError

if TYPE_CHECKING:
    import keras

NETWORK_FILE: Final = "network.keras"
PROGRESS_FILE: Final = "progress.npz"


@dataclass(frozen=True)
class Progress:
    """Where a training stands, enough to go on as if nothing had happened.

    Args:
        weights: as `network.get_weights()` gives them.
        steps_state: as `TrainingSteps.state()` gives it.
        epoch: the epoch under way, from 0.
        step: the next step of that epoch, from 0.
        seconds: how long the training took so far, pauses left out.
        best_loss: the lowest validation loss so far, for patience; infinity before the first.
        epochs_without_gain: how many epochs ago that was.
        loss_sum: sum of the losses of this epoch's images so far.
        right: how many of them were read right.
    """

    weights: Sequence[NDArray[np.float32]]
    steps_state: Mapping[str, NDArray[Any]]
    epoch: int
    step: int
    seconds: float
    best_loss: float
    epochs_without_gain: int
    loss_sum: float
    right: int


_NUMBERS: Final = ("epoch", "step", "seconds", "best_loss", "epochs_without_gain", "loss_sum", "right")


def save_progress(folder: Path, progress: Progress) -> None:
    """Writes the progress of a run, whole.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {f"weight_{place}": weight for place, weight in enumerate(progress.weights)}
    arrays |= {f"state_{name}": np.asarray(value) for name, value in progress.steps_state.items()}
    arrays |= {name: np.array(getattr(progress, name)) for name in _NUMBERS}
    write_arrays(folder / PROGRESS_FILE, arrays)


def load_progress(folder: Path) -> Progress | None:
    """Reads the progress of a run, or None if it has not come as far as its first epoch, or the file is damaged."""
    try:
        arrays = read_arrays(folder / PROGRESS_FILE)
        numbers = {name: arrays[name].item() for name in _NUMBERS}
        weights = _weights(arrays)
    except (OSError, ValueError, KeyError):
        return None
    counts = [numbers[name] for name in ("epoch", "step", "epochs_without_gain", "right")]
    if not all(isinstance(count, int) and count >= 0 for count in counts) or not np.isfinite(numbers["seconds"]):
        return None
    state = {name.removeprefix("state_"): value for name, value in arrays.items() if name.startswith("state_")}
    return Progress(weights, state, **numbers)


def save_checkpoint(folder: Path, epoch: int, weights: Sequence[NDArray[np.float32]]) -> None:
    """Keeps the weights after an epoch, from 1; 0 stands for the untrained network.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    arrays = {f"weight_{place}": weight for place, weight in enumerate(weights)}
    file = _checkpoint(folder, epoch)
    # Somebody may have removed it to free some space; the run's own folder is not made again.
    file.parent.mkdir(exist_ok=True)
    write_arrays(file, arrays)


def load_checkpoint(folder: Path, epoch: int) -> list[NDArray[np.float32]] | None:
    """Reads the weights after an epoch, or None if the file is missing or damaged."""
    try:
        return _weights(read_arrays(_checkpoint(folder, epoch)))
    except (OSError, ValueError, KeyError):
        return None


def save_network(folder: Path, network: keras.Model) -> None:
    """Writes the whole network as Keras's own file, which loads without this project."""
    # Keras chooses the format by the file's ending, so it writes beside under a name of its own.
    beside = folder / ".unfinished.keras"
    network.save(beside)
    content = beside.read_bytes()
    beside.unlink()
    write_whole(folder / NETWORK_FILE, lambda stream: stream.write(content))


def load_network(run: Run, epoch: int | None = None) -> keras.Model:
    """Loads the network of a run, also of one that is still being trained.

    Args:
        run: the run.
        epoch: one of `run.epochs_done`; None for the newest there is.

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
    progress = load_progress(run.folder) if epoch is None else None
    if progress is not None and _have_shapes(progress.weights, shapes):
        return list(progress.weights)
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


def _have_shapes(weights: Sequence[NDArray[np.float32]], shapes: Sequence[tuple[int, ...]]) -> bool:
    return [weight.shape for weight in weights] == list(shapes)


def _checkpoint(folder: Path, epoch: int) -> Path:
    return folder / "checkpoints" / f"epoch-{epoch:03d}.npz"


def _weights(arrays: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
    count = sum(name.startswith("weight_") for name in arrays)
    return [arrays[f"weight_{place}"] for place in range(count)]
