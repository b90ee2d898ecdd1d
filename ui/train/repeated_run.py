"""The run that the next training begins from: its network and its settings, as far as the form can show them.

It is repeated, or trained on: then the training goes on from its weights.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from model_lib.config.fine_tuning import fine_tuning_config
from model_lib.config.network import NetworkSpec
from model_lib.config.training import TrainingConfig, with_dataset
from model_lib.datasets.image_set_names import is_image_set, unsplit
from model_lib.datasets.loading import TITLES, training_images
from model_lib.pretrained.training_start import PRETRAINED_SPEC, pretrained_config
from model_lib.storage.lineage import Ancestor, ancestors_of
from model_lib.storage.run import Run, RunError
from ui.shared.selection import PRETRAINED, PRETRAINED_TITLE, find_run
from ui.shared.url_state import UrlState
from ui.shared.user_digits import own_collection, own_image_sets
from ui.shared.visit import state_of
from ui.shared.wording import as_written

_DATASET: Final = TrainingConfig().dataset
# As they stand in the address.
_AGAIN: Final = "again"
_TRAIN_ON: Final = "train_on"


@dataclass(frozen=True)
class RepeatedRun:
    """A run, read for its repetition, or to be trained on.

    Args:
        run: the run; None for the network that comes with the app, which can only be trained on.
        spec: its network.
        config: its settings, without what cannot be had here.
        left_out: what that is, a sentence each, as Markdown; empty if nothing is left out.
        is_trained_on: whether the training goes on from its weights.
        ancestors: the trainings that it goes on from itself, the oldest first.
    """

    run: Run | None
    spec: NetworkSpec
    config: TrainingConfig
    left_out: tuple[str, ...] = ()
    is_trained_on: bool = False
    ancestors: tuple[Ancestor, ...] = ()

    @property
    def title(self) -> str:
        """What a visitor calls it."""
        return PRETRAINED_TITLE if self.run is None else self.run.title

    @property
    def usual(self) -> TrainingConfig:
        """The settings that the form starts from."""
        return fine_tuning_config(self.config) if self.is_trained_on else self.config

    @property
    def has_weights(self) -> bool:
        """Whether the training begins with trained weights, so that its layers are fixed."""
        return self.is_trained_on or bool(self.ancestors)

    @property
    def is_same_result(self) -> bool:
        """Whether the same settings give the same result: nobody stopped it, and neither clock nor own digits count."""
        is_fixed = self.config.time_limit_seconds is None and not self.config.own_digits
        return is_fixed and not self.left_out and self.run is not None and self.run.state == "finished"


@dataclass(frozen=True)
class _Choice:
    """What the address and the visit keep.

    Args:
        run_id: of the run; empty for none.
        number: of the request, since each begins with the run's settings.
        is_chosen: whether the form shows it; otherwise the list of networks still has its entry.
        is_trained_on: whether it is to be trained on, not repeated.
    """

    run_id: str = ""
    number: int = 0
    is_chosen: bool = False
    is_trained_on: bool = False

    @property
    def entry(self) -> str:
        """The id of the entry in the list of networks."""
        return f"{self.parameter}-{self.number}-{self.run_id}"

    @property
    def parameter(self) -> str:
        """Under which name it stands in the address."""
        return _TRAIN_ON if self.is_trained_on else _AGAIN


def _parse(parameters: Mapping[str, str]) -> _Choice:
    is_trained_on = bool(parameters.get(_TRAIN_ON))
    name = parameters.get(_TRAIN_ON) or parameters.get(_AGAIN, "")
    return _Choice(name, is_chosen=bool(name), is_trained_on=is_trained_on)


_CHOICE: Final[UrlState[_Choice]] = UrlState(
    (_AGAIN, _TRAIN_ON), _parse, lambda choice: {choice.parameter: choice.run_id} if choice.is_chosen else {}
)


@dataclass
class _Read:
    """Runs as they were read: each may be deleted meanwhile.

    Args:
        repeated: the one of the list, read at the beginning of this run of the page.
        edited: the one from which the layers in the editor come, by the id of the editor's entry.
    """

    repeated: RepeatedRun | None = None
    edited: dict[str, RepeatedRun] = field(default_factory=dict)


def read_for_repetition(run: Run, is_trained_on: bool = False) -> RepeatedRun:
    """Reads a run's network and settings, and leaves out what cannot be trained with here.

    That is a data set or images that only another version has, digits drawn by somebody else, and the settings of a
    network that was brought as a file: they tell nothing of its training, so the usual ones replace them.

    Args:
        run: the run.
        is_trained_on: whether it is to be trained on, not repeated.

    Raises:
        RunError: if the run cannot be read.
    """
    spec, config, left_out = run.spec, run.config, []
    if run.has_no_training:
        left_out.append(
            "It was brought as a file, and how it was trained is not known here: these are the usual settings."
        )
        config = TrainingConfig()
    if is_image_set(config.dataset):
        # Like hand-drawn digits: only whoever has brought the images trains with them.
        if all(each.name != unsplit(config.dataset) for each in own_image_sets().sets()):
            left_out.append(
                f"It was trained on an image set that is not among your own; {TITLES[_DATASET]} replaces it."
            )
            config = with_dataset(config, _DATASET)
    elif config.dataset not in TITLES:
        left_out.append(
            f"Its data set, {as_written(config.dataset)}, is unknown to this version; {TITLES[_DATASET]} replaces it."
        )
        config = dataclasses.replace(config, dataset=_DATASET)
    most = training_images(config.dataset)
    if config.training_images > most:
        left_out.append(f"It was trained on {config.training_images:,} images; here are {most:,}.")
        config = dataclasses.replace(config, training_images=most)
    if config.own_digits:
        own = own_collection()
        if config.own_digits != own.folder.name or not len(own):
            left_out.append("Hand-drawn digits were mixed in that are not among your own digits; they are left out.")
            config = dataclasses.replace(config, own_digits="", replay="all")
    return RepeatedRun(run, spec, config, tuple(left_out), is_trained_on, ancestors_of(run))


def repeat(run: Run | None, is_trained_on: bool = False) -> str:
    """Makes a run the one that the next training begins from; returns the id of its entry in the list of networks.

    Args:
        run: the run; None for the network that comes with the app.
        is_trained_on: whether it is to be trained on, not repeated.
    """
    name = PRETRAINED if run is None else run.id
    choice = _Choice(name, _CHOICE.value.number + 1, is_chosen=True, is_trained_on=is_trained_on)
    _CHOICE.set(choice)
    return choice.entry


def read_repeated_run() -> tuple[str, str] | None:
    """Reads the run that the next training begins from: called once in each run of the page, before the form.

    One that has been deleted, or that this version cannot read, is forgotten, and a toast says so.

    Returns:
        The id and the title of its entry in the list of networks; None if there is none.
    """
    choice, read = _CHOICE.value, state_of(_Read)
    read.repeated = None
    if not choice.run_id:
        return None
    problem = "does not exist any more"
    try:
        if choice.is_trained_on and choice.run_id == PRETRAINED:
            read.repeated = RepeatedRun(None, PRETRAINED_SPEC, pretrained_config(), is_trained_on=True)
        elif (run := find_run(choice.run_id)) is not None:
            read.repeated = read_for_repetition(run, choice.is_trained_on)
    except RunError:
        problem = "cannot be read by this version"
    if read.repeated is None:
        _CHOICE.set(_Choice(number=choice.number))
        purpose = "train on" if choice.is_trained_on else "train again"
        st.toast(f"The run to {purpose} {problem}. Choose a network in the list.", icon=":material/info:")
        return None
    return choice.entry, f"{'Train on from' if choice.is_trained_on else 'As in'} {read.repeated.title}"


def repeated_run(entry: str) -> RepeatedRun | None:
    """Returns the run that an entry of the list of networks stands for or was edited from; None if there is none."""
    read = state_of(_Read)
    return read.repeated if entry == _CHOICE.value.entry else read.edited.get(entry)


def note_edited(entry: str, source: str) -> None:
    """Notes that the layers of one entry were taken from another, for `repeated_run`."""
    repeated, edited = repeated_run(source), state_of(_Read).edited
    if repeated is None:
        edited.pop(entry, None)
    else:
        edited[entry] = repeated


def is_repetition_chosen() -> bool:
    """Returns whether the form last showed the run, or a link asks for it."""
    return _CHOICE.value.is_chosen


def keep_in_address(entry: str) -> None:
    """Puts the run into the address while its entry is the chosen one, so that a reload and a link keep it."""
    is_chosen = entry == _CHOICE.value.entry
    if is_chosen != _CHOICE.value.is_chosen:
        _CHOICE.set(dataclasses.replace(_CHOICE.value, is_chosen=is_chosen))
    _CHOICE.write()
