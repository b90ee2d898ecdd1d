"""One run: the folder that a training process writes and every page reads.

    spec.json          the network
    config.json        the training settings
    state.json         state and owner process of the run; its modification time is the heartbeat
    events.jsonl       append-only event log
    checkpoints/       weights after each epoch
    progress.npz       state from which training resumes
    network.keras      the final network
    evaluation.npz     its probabilities for all test images
    statistics.jsonl   statistics of its layers while it was trained
    log.txt            log; error.txt: message of a failed run
    stop, pause        requests, polled by the training loop

docs/run-format.md has every field. State lives in the folder alone, so it survives a page reload, a crashed worker
and a restarted server.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.files import read_json, write_json
from model_lib.storage.events import (
    STATES,
    Evaluated,
    State,
    StateChanged,
    append_event,
    last_evaluation,
    read_events,
)
from model_lib.storage.format import FormatError, without_format
from model_lib.storage.liveness import is_owner_alive, this_process
from model_lib.storage.notes import read_notes

ENDED: Final[frozenset[State]] = frozenset({"finished", "stopped", "failed", "interrupted"})

HEARTBEAT_SECONDS: Final = 1.0

SPEC_FILE: Final = "spec.json"
CONFIG_FILE: Final = "config.json"
STATE_FILE: Final = "state.json"
PROGRESS_FILE: Final = "progress.npz"
LOG_FILE: Final = "log.txt"
ERROR_FILE: Final = "error.txt"
ORIGIN_FILE: Final = "origin.json"
CHECKPOINTS_FOLDER: Final = "checkpoints"
STOP_REQUEST: Final = "stop"
PAUSE_REQUEST: Final = "pause"
_LOG_TAIL_LINES: Final = 5

# Set by `on_resubmit`: importing the queue here would be circular.
_resubmit: Callable[[Run], None] | None = None


class RunError(Exception):
    """A run that cannot be started or read; the message says why and what to do."""


class Run:
    """One training run, read lazily from its folder.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    @property
    def exists(self) -> bool:
        """Whether the folder is still there."""
        return self.folder.is_dir()

    @property
    def was_brought(self) -> bool:
        """Whether a visitor has brought it as a file, so that what its log says of a training was not seen here."""
        return (self.folder / ORIGIN_FILE).exists()

    @property
    def has_no_training(self) -> bool:
        """Whether a visitor has brought it as a network alone, so that its settings are defaults that tell nothing.

        The zip of a run has its training, unless that one had been brought as a network itself.
        """
        if not self.was_brought:
            return False
        try:
            origin = self._read(ORIGIN_FILE)
        except RunError:
            return True
        return "format" in origin or "packed" not in origin

    @property
    def spec(self) -> NetworkSpec:
        """The network.

        Raises:
            RunError: if the file is missing or damaged, or of a newer format.
        """
        try:
            return NetworkSpec.from_dict(self._read_versioned(SPEC_FILE))
        except NetworkError as error:
            raise RunError(f"{SPEC_FILE} of the run {self.id} is damaged: {error}") from error

    @property
    def config(self) -> TrainingConfig:
        """The training settings.

        Raises:
            RunError: if the file is missing or damaged, or of a newer format.
        """
        try:
            return TrainingConfig.from_dict(self._read_versioned(CONFIG_FILE))
        except (SettingsError, TypeError) as error:
            raise RunError(f"{CONFIG_FILE} of the run {self.id} is damaged: {error}") from error

    @property
    def title(self) -> str:
        """Display name, unique among runs: the network's title, the time of the start, and the end of the id.

        A run that has been named has that name in place of title and time.
        """
        if name := read_notes(self.folder).title:
            return f"{name} · {self.id.rsplit('-', 1)[-1]}"
        try:
            spec = self.spec
        except RunError:
            return self.id
        clock = re.match(r"\d{8}-(\d\d)(\d\d)\d\d-", self.id)
        when = f"{clock[1]}:{clock[2]} · {self.id.rsplit('-', 1)[-1]}" if clock else self.id
        return f"{spec.title or spec.name} · {when}"

    @property
    def state(self) -> State:
        """The state; "interrupted" is inferred rather than recorded: the owner process is gone."""
        record = self._record()
        state = _known_state(record)
        if state in ("queued", "running") and not is_owner_alive(record, self.folder / STATE_FILE):
            return "interrupted"
        return state

    @property
    def recorded_state(self) -> State:
        """The recorded state, whether or not the process that recorded it is alive."""
        return _known_state(self._record())

    @property
    def can_resume(self) -> bool:
        """Whether training can resume: a paused, stopped or interrupted run, or one that failed with a checkpoint.

        A run that diverged would diverge again.
        """
        state = self.state
        if state == "failed":
            has_weights = (self.folder / PROGRESS_FILE).exists() or any(self.epochs_done)
            return has_weights and self._record().get("cause") != "diverged"
        return state in ("paused", "stopped", "interrupted")

    @property
    def has_diverged(self) -> bool:
        """Whether it failed because the network's numbers grew until they were none."""
        record = self._record()
        return _known_state(record) == "failed" and record.get("cause") == "diverged"

    @property
    def error(self) -> str | None:
        """Why the run failed or was interrupted, for the visitor; None in any other state."""
        state = self.state
        if state == "failed":
            try:
                return (self.folder / ERROR_FILE).read_text(encoding="utf-8").strip()
            except OSError:
                pass
            try:
                self._read(STATE_FILE)
                self.config, self.spec  # noqa: B018 - reading them raises with what is damaged
            except RunError as error:
                return str(error)
            return "The training failed without an error message. Start it again."
        if state == "interrupted":
            return (
                "The process that trained this network is gone. Resume goes on from the last whole epoch. "
                f"The end of its log: {self.log_tail or '(empty)'}"
            )
        return None

    @property
    def log_tail(self) -> str:
        """The last lines of the log; empty if there is none."""
        try:
            lines = (self.folder / LOG_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-_LOG_TAIL_LINES:])

    @property
    def epochs_done(self) -> list[int]:
        """The epochs that have a checkpoint, ascending, from 1; 0 stands for the untrained network."""
        found = (
            re.fullmatch(r"epoch-(\d+)\.npz", file.name) for file in (self.folder / CHECKPOINTS_FOLDER).glob("*.npz")
        )
        return sorted(int(match[1]) for match in found if match)

    @property
    def outcome(self) -> Evaluated | None:
        """The newest result on the test set; None before the end of training."""
        return last_evaluation(read_events(self.folder)[0])

    def stop(self) -> None:
        """Requests the end of training; the network is evaluated and kept. A queued run leaves the queue.

        Raises:
            RunError: if the folder cannot be written.
        """
        self._request(STOP_REQUEST)
        if self.state == "queued" and not (self.folder / PROGRESS_FILE).exists():
            # No process owns it yet, so none polls the request; the worker that receives it skips it.
            self.set_state("stopped")
        elif self.state == "paused":
            # A paused run has no owner: a worker must resume it to evaluate the network.
            if _resubmit is None:
                raise RunError("A paused run needs a queue to be stopped. Import model_lib.runs first.")
            self._queue_again(keep=STOP_REQUEST)
            _resubmit(self)

    def pause(self) -> None:
        """Requests a pause, which frees the worker for the next run.

        Raises:
            RunError: if the folder cannot be written.
        """
        self._request(PAUSE_REQUEST)

    def wait(self, timeout_seconds: float | None = None) -> State:
        """Waits until the run has ended or is paused.

        Returns:
            The state.

        Raises:
            TimeoutError: if it takes longer than `timeout_seconds`.
        """
        start = time.monotonic()
        while (state := self.state) not in ENDED and state != "paused":
            if timeout_seconds is not None and time.monotonic() - start > timeout_seconds:
                raise TimeoutError(f"The run {self.id} is still {state} after {timeout_seconds:g} seconds.")
            time.sleep(0.1)
        return state

    def delete(self) -> None:
        """Removes the folder with all its files, for good; pages move it into the bin, see `model_lib.storage.bin`.

        Raises:
            RunError: if the run is being trained.
        """
        if self.state == "running":
            raise RunError("The run is being trained. Stop it first, then delete it.")
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_requested(self, request: str) -> bool:
        """Whether `STOP_REQUEST` or `PAUSE_REQUEST` is pending."""
        return (self.folder / request).exists()

    def set_state(self, state: State, **content: Any) -> None:
        """Records a state, with this process as the owner of the run.

        Raises:
            OSError: if the folder cannot be written.
        """
        write_json(self.folder / STATE_FILE, {"state": state, **this_process(), **content})
        # The state is recorded by now: an event log that cannot be written must not undo what follows.
        with suppress(OSError):
            append_event(self.folder, StateChanged(state=state))

    def fail(self, message: str, cause: str | None = None) -> None:
        """Records that the run failed, and why.

        Args:
            message: for the visitor.
            cause: "diverged" if the same settings would fail again; None for any other cause.

        Raises:
            OSError: if the folder cannot be written.
        """
        (self.folder / ERROR_FILE).write_text(message + "\n", encoding="utf-8")
        self.set_state("failed", **({"cause": cause} if cause else {}))

    def touch(self) -> None:
        """Writes a heartbeat: the owner process is alive."""
        os.utime(self.folder / STATE_FILE)

    def prepare_again(self) -> None:
        """Puts a run that `can_resume` back into the queue.

        Raises:
            RunError: if it is queued, running or finished, failed before its first checkpoint, diverged, or is of a
                newer format.
        """
        if not self.can_resume:
            raise RunError(
                "Only a paused, stopped or interrupted run can be resumed, or one that failed after its first epoch "
                f"and did not diverge. This one is {self.state}."
            )
        self._queue_again()

    def _queue_again(self, keep: str | None = None) -> None:
        _ = self.spec, self.config  # a folder that this version cannot read must not be queued
        try:
            for request in {STOP_REQUEST, PAUSE_REQUEST} - {keep}:
                self._unrequest(request)
            self.set_state("queued")
        except OSError as error:
            raise RunError(f"The run's folder {self.folder} cannot be written: {error.strerror}.") from error

    def _request(self, name: str) -> None:
        try:
            (self.folder / name).touch()
        except OSError as error:
            raise RunError(f"The run's folder {self.folder} cannot be written: {error.strerror}.") from error

    def _unrequest(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def _record(self) -> dict[str, Any]:
        try:
            return self._read(STATE_FILE)
        except RunError:
            return {}

    def _read_versioned(self, name: str) -> dict[str, Any]:
        try:
            return without_format(self._read(name))
        except FormatError as error:
            raise RunError(f"{name} of the run {self.id} cannot be read: {error}") from error

    def _read(self, name: str) -> dict[str, Any]:
        try:
            return read_json(self.folder / name)
        except OSError as error:
            raise RunError(f"{name} of the run {self.id} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise RunError(f"{name} of the run {self.id} is damaged: {error}") from error


def _known_state(record: Mapping[str, Any]) -> State:
    """Returns the state in a record; a damaged record counts as failed."""
    state = record.get("state")
    return state if state in STATES else "failed"


def on_resubmit(submit: Callable[[Run], None]) -> None:
    """Registers the function that queues a run again. `model_lib.runs` does so on import."""
    global _resubmit
    _resubmit = submit
