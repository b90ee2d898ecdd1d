"""What a run that goes on from trained weights is measured on, before its first step and after its last one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from model_lib.config.fine_tuning import OWN_DIGITS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.loading import TEST_SETS, DatasetError, Split, cached_dataset, names_of_test_sets
from model_lib.storage.events import Measured, read_events
from model_lib.storage.lineage import Ancestor
from model_lib.storage.run import Run
from model_lib.training.images import TrainingData


def measured_splits(
    config: TrainingConfig, ancestors: Sequence[Ancestor], data: TrainingData
) -> Iterator[tuple[str, Split]]:
    """Yields what to measure the network on, with its name in `Measured`.

    That is what it is trained on now, and what it was trained on before: the accuracy there may fall (catastrophic
    forgetting). Data sets that cannot be read are passed over.

    Args:
        config: the settings of the run.
        ancestors: the trainings before.
        data: its images.
    """
    earlier = [name for each in ancestors for name in each.trained_on if name in TEST_SETS or is_image_set(name)]
    for name in dict.fromkeys([*names_of_test_sets(config.dataset), *earlier]):
        try:
            yield name, cached_dataset(name).test
        except DatasetError as error:
            logging.getLogger(__name__).warning("not measured on %s: %s", name, error)
    for name, split in ((OWN_DIGITS, data.own_held_out), (f"{OWN_DIGITS}_trained", data.own_trained)):
        if len(split.labels):
            yield name, split
            return  # the digits trained on only where none is held out


def measured_before(run: Run) -> set[str]:
    """Returns on what a run was measured before its first step, as its event log has it."""
    events = read_events(run.folder)[0]
    return {event.on for event in events if isinstance(event, Measured) and event.stage == "before"}
