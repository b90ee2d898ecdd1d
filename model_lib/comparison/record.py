"""What is known of a run without its arrays: one record a run, the row of a table."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from model_lib.config.fine_tuning import OWN_DIGITS
from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.summary import count_parameters
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import names_of_test_sets
from model_lib.storage.events import (
    EVENTS_FILE,
    EpochEnd,
    Evaluated,
    Event,
    Measured,
    Started,
    State,
    Steps,
    from_json,
)
from model_lib.storage.notes import RunNotes, read_notes
from model_lib.storage.run import Run

# Lines of the event log that are skipped unread: there are hundreds of them for each of the others.
_STEPS_LINE: Final = b'{"kind":"steps"'


@dataclass(frozen=True)
class RunRecord:
    """What is known of a run.

    Args:
        run: the run.
        title: its display name.
        state: its state.
        spec: the network.
        config: the settings.
        parameters: of the network.
        created: seconds since 1970, from the run's id; 0 where it has none.
        epochs: completed epochs.
        seconds: training time, pauses left out; None before the first epoch's end.
        images_per_second: mean training throughput over the epochs; None before the first.
        best_validation: highest validation accuracy after any epoch, 0 to 1; None without validation, and where it
            must not choose: measured on the test images, or elsewhere, before the run was brought here.
        last_validation: that of the last epoch, whose weights the network has; None likewise.
        test_accuracies: accuracies on test images, 0 to 1, by the name of the data set, the network's own first;
            "own_digits" for the visitor's held-out digits. Of a run that was brought, only those that were measured
            here.
        notes: what people say of it.
    """

    run: Run
    title: str
    state: State
    spec: NetworkSpec
    config: TrainingConfig
    parameters: int
    created: float
    epochs: int = 0
    seconds: float | None = None
    images_per_second: float | None = None
    best_validation: float | None = None
    last_validation: float | None = None
    test_accuracies: Mapping[str, float] = field(default_factory=dict)
    notes: RunNotes = field(default_factory=RunNotes)

    @property
    def id(self) -> str:
        """The id of the run."""
        return self.run.id

    @property
    def test_accuracy(self) -> float | None:
        """The accuracy on the test images of its own data set, 0 to 1; None before the end of training."""
        return self.test_accuracies.get(self.config.dataset)


def read_record(run: Run) -> RunRecord:
    """Reads the record of a run from its folder.

    Raises:
        RunError: if its network or its settings cannot be read.
    """
    spec, config, was_brought = run.spec, run.config, run.was_brought
    try:
        parameters = count_parameters(spec)
    except NetworkError:  # of a version with other layers
        parameters = 0
    epochs: dict[int, EpochEnd] = {}
    accuracies: dict[str, float] = {}
    for event in _events(run):
        if isinstance(event, Started):
            epochs = {number: end for number, end in epochs.items() if number <= event.epoch}
        elif isinstance(event, EpochEnd):
            epochs[event.epoch] = event
        elif isinstance(event, Measured) and event.stage == "after":
            if not (was_brought and event.on.startswith(OWN_DIGITS)):  # those digits are not here
                accuracies[event.on] = event.accuracy
        elif isinstance(event, Evaluated):
            accuracies |= _accuracies(event, config.dataset)
    rates = [end.images_per_second for end in epochs.values() if end.images_per_second]
    # One that was measured on the test images must not choose, and one that a brought run's log tells of cannot.
    can_choose = config.validation == "last" and not was_brought
    chosen_on = [end.validation_accuracy for end in epochs.values()] if can_choose else []
    validation = [accuracy for accuracy in chosen_on if accuracy is not None]
    return RunRecord(
        run,
        run.title,
        run.state,
        spec,
        config,
        parameters,
        _created(run.id),
        len(epochs),
        max((end.seconds for end in epochs.values()), default=None),
        sum(rates) / len(rates) if rates else None,
        max(validation, default=None),
        validation[-1] if validation else None,
        accuracies,
        read_notes(run.folder),
    )


def _events(run: Run) -> list[Event]:
    """Returns the events of a run's log but those of its steps."""
    try:
        lines = (run.folder / EVENTS_FILE).read_bytes().splitlines()
    except OSError:
        return []
    events = (from_json(line) for line in lines if not line.startswith(_STEPS_LINE))
    return [event for event in events if event is not None and not isinstance(event, Steps)]


def _accuracies(event: Evaluated, dataset: str) -> dict[str, float]:
    try:
        others = names_of_test_sets(dataset)[1:]
    except KeyError:  # a data set of another version
        others = ()
    accuracies = {dataset: event.test_accuracy}
    if event.other_test_accuracy is not None and others:
        accuracies[others[0]] = event.other_test_accuracy
    return accuracies


def _created(name: str) -> float:
    try:
        return time.mktime(time.strptime(name[:15], "%Y%m%d-%H%M%S"))
    except (ValueError, OverflowError):
        return 0.0
