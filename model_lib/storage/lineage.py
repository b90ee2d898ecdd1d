"""What a run that is trained on starts from: trained weights, the trainings that made them, and their curves.

    config.json     under "parents" the trainings before, the oldest first
    start.npz       the weights of the first step
    earlier.npz     the curves of those trainings

All of it is a copy: a parent may be deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.fine_tuning import trained_on
from model_lib.files import read_arrays, read_json, write_arrays
from model_lib.storage.checkpoints import load_checkpoint
from model_lib.storage.history import History
from model_lib.storage.run import CONFIG_FILE, Run, RunError

START_FILE: Final = "start.npz"
EARLIER_FILE: Final = "earlier.npz"
PARENTS_KEY: Final = "parents"
# Of the training curve of all trainings before together.
_MAX_POINTS: Final = 500
_COLUMNS: Final = 4


@dataclass(frozen=True)
class Ancestor:
    """A training that another one goes on from.

    Args:
        id: of the run; of the bundled network, which is no run, "pretrained".
        title: the run's title at that time.
        epochs: how many of its epochs the weights have; 0 where that was not recorded.
        trained_on: names of the data sets, and "own_digits" for a visitor's.
        has_seen_own_digits: whether a visitor's digits were among its images, and none of them held out.
    """

    id: str
    title: str
    epochs: int
    trained_on: tuple[str, ...]
    has_seen_own_digits: bool = False


def _no_rows() -> NDArray[np.float64]:
    return np.empty((0, _COLUMNS))


@dataclass(frozen=True)
class EarlierCurves:
    """The curves of all trainings before, on one axis that begins with the first of them.

    Args:
        training: (k, 4), k up to 500: epoch, step, loss and accuracy on the training images.
        validation: (e, 4): epoch, step, loss and accuracy on the validation images.
        ends: (a, 2): epoch and step at which each training ends, the oldest first; the last is where this run begins.
    """

    training: NDArray[np.float64] = field(default_factory=_no_rows)
    validation: NDArray[np.float64] = field(default_factory=_no_rows)
    ends: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))

    @property
    def epochs(self) -> float:
        """Epochs of all of them."""
        return float(self.ends[-1, 0]) if len(self.ends) else 0.0

    @property
    def steps(self) -> float:
        """Optimizer steps of all of them."""
        return float(self.ends[-1, 1]) if len(self.ends) else 0.0


@dataclass(frozen=True)
class Start:
    """What a training starts from instead of random weights.

    Args:
        weights: in the order of Keras's `get_weights()`.
        ancestors: the trainings that made them, the oldest first; at least one.
        earlier: their curves.
    """

    weights: Sequence[NDArray[np.float32]]
    ancestors: tuple[Ancestor, ...]
    earlier: EarlierCurves = field(default_factory=EarlierCurves)


def start_from(run: Run, epoch: int | None = None) -> Start:
    """Returns what a training that goes on from a run starts from.

    Args:
        run: the run, which may have been trained on itself.
        epoch: after which epoch its weights are taken; None for the newest one whose checkpoint is whole.

    Raises:
        RunError: if it has no such checkpoint, the weights are not numbers, or the run cannot be read.
    """
    config, ancestors, earlier = run.config, ancestors_of(run), load_earlier(run.folder)
    kept = [number for number in reversed(run.epochs_done) if number] if epoch is None else [epoch]
    for number in kept:
        weights = load_checkpoint(run.folder, number)
        if weights and all(np.isfinite(weight).all() for weight in weights):
            break
    else:
        raise RunError(
            f"The run {run.id} has no whole checkpoint of {'an epoch' if epoch is None else f'epoch {epoch}'} to go on "
            "from, or its weights are not numbers. Choose another run, or another of its epochs."
        )
    has_seen = bool(config.own_digits) and config.replay == "all" and not ancestors
    newest = Ancestor(run.id, run.title, number, trained_on(config), has_seen)
    return Start(weights, (*ancestors, newest), _extended(earlier, History(run.folder).update(), number))


def stored_start(run: Run) -> Start | None:
    """Returns what a run started from, so that its training can be repeated; None if its first weights were random.

    Raises:
        RunError: if the copy of the weights is missing or damaged.
    """
    ancestors = ancestors_of(run)
    if not ancestors:
        return None
    weights = load_start(run.folder)
    if weights is None:
        raise RunError(
            f"{START_FILE} of the run {run.id}, its first weights, is missing or damaged. Train on from the run before "
            "it once more."
        )
    return Start(weights, ancestors, load_earlier(run.folder))


def ancestors_of(run: Run) -> tuple[Ancestor, ...]:
    """Returns the trainings that a run goes on from, the oldest first; empty if its first weights were random.

    Raises:
        RunError: if what its settings say of them is damaged.
    """
    try:
        return read_ancestors(read_json(run.folder / CONFIG_FILE).get(PARENTS_KEY, []))
    except OSError as error:
        raise RunError(f"{CONFIG_FILE} of the run {run.id} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise RunError(f"{CONFIG_FILE} of the run {run.id} is damaged: `{PARENTS_KEY}`: {error}") from error


def read_ancestors(entries: Any) -> tuple[Ancestor, ...]:
    """Reads what a run's settings say of the trainings before it.

    Raises:
        ValueError: if it is anything else than a list of them.
    """
    if not isinstance(entries, list):
        raise ValueError(f"a list is expected. Received: {entries!r:.80}.")
    return tuple(map(_ancestor, entries))


def best_epoch(run: Run, history: History | None = None) -> int | None:
    """Returns the epoch of the lowest validation loss among those with a checkpoint; None without validation.

    Args:
        run: the run.
        history: its metrics, up to date; None to read them.
    """
    kept = set(run.epochs_done)
    losses = {
        event.epoch: event.validation_loss
        for event in (history or History(run.folder).update()).epochs
        if event.validation_loss is not None and event.epoch in kept
    }
    return min(losses, key=losses.__getitem__) if losses else None


def parents_entry(ancestors: Sequence[Ancestor]) -> dict[str, Any]:
    """Returns what config.json says of the trainings that a run goes on from."""
    return {PARENTS_KEY: [asdict(ancestor) for ancestor in ancestors]}


def save_start(folder: Path, start: Start) -> None:
    """Writes weights and curves into a run's folder, atomically.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    write_arrays(folder / START_FILE, {f"weight_{index}": weight for index, weight in enumerate(start.weights)})
    earlier = start.earlier
    arrays = {"training": earlier.training, "validation": earlier.validation, "ends": earlier.ends}
    write_arrays(folder / EARLIER_FILE, arrays)


def load_start(folder: Path) -> list[NDArray[np.float32]] | None:
    """Reads the weights that a run starts from; None if they are missing or damaged."""
    try:
        arrays = read_arrays(folder / START_FILE)
        weights = [arrays[f"weight_{index}"] for index in range(len(arrays))]
    except (OSError, ValueError, KeyError):
        return None
    are_numbers = all(weight.dtype == np.float32 and np.isfinite(weight).all() for weight in weights)
    return weights if weights and are_numbers else None


def load_earlier(folder: Path) -> EarlierCurves:
    """Reads the curves of the trainings before; without any points if there are none, or the file is damaged."""
    try:
        arrays = read_arrays(folder / EARLIER_FILE)
        curves = EarlierCurves(arrays["training"], arrays["validation"], arrays["ends"])
    except (OSError, ValueError, KeyError):
        return EarlierCurves()
    shapes = ((curves.training, _COLUMNS), (curves.validation, _COLUMNS), (curves.ends, 2))
    is_whole = all(
        rows.ndim == 2 and rows.shape[1] == width and rows.dtype == np.float64 and np.isfinite(rows).all()
        for rows, width in shapes
    )
    return curves if is_whole else EarlierCurves()


def _ancestor(entry: Any) -> Ancestor:
    if not isinstance(entry, dict):
        raise ValueError(f"an object is expected. Received: {entry!r:.80}.")
    has_seen = entry.get("has_seen_own_digits", False)
    title, name, epochs, data = (entry.get(key) for key in ("title", "id", "epochs", "trained_on"))
    are_texts = isinstance(title, str) and isinstance(name, str) and isinstance(has_seen, bool)
    is_count = type(epochs) is int and epochs >= 0
    if not (are_texts and is_count and isinstance(data, list) and all(isinstance(each, str) for each in data)):
        raise ValueError(f"id, title, epochs and trained_on are expected. Received: {entry!r:.200}.")
    return Ancestor(str(name), str(title), int(epochs or 0), tuple(data), has_seen)


def _extended(earlier: EarlierCurves, history: History, epochs: int) -> EarlierCurves:
    """Returns the curves of the trainings before with the first epochs of one more behind them."""
    per_epoch = history.steps_per_epoch
    steps, losses = history.curve("loss")
    _, accuracies = history.curve("accuracy")
    rows = np.column_stack([steps / per_epoch, steps, losses, accuracies]).astype(np.float64)[
        steps <= epochs * per_epoch
    ]
    validation = np.array(
        [
            (event.epoch, event.epoch * per_epoch, event.validation_loss, event.validation_accuracy)
            for event in history.epochs
            if event.epoch <= epochs and None not in (event.validation_loss, event.validation_accuracy)
        ],
        np.float64,
    ).reshape(-1, _COLUMNS)
    offset = np.array([earlier.epochs, earlier.steps, 0.0, 0.0])
    training = np.concatenate([earlier.training, rows + offset])
    while len(training) > _MAX_POINTS:
        training = training[1::2]  # the last point of each pair, as the last one of an epoch is its end
    return replace(
        earlier,
        training=training,
        validation=np.concatenate([earlier.validation, validation + offset]),
        ends=np.concatenate([earlier.ends, [[earlier.epochs + epochs, earlier.steps + epochs * per_epoch]]]),
    )
