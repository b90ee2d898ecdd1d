"""One run: the folder that a training writes and everybody reads.

A run is nothing but its folder, `runs/<id>/`:

    spec.json          the network
    config.json        the settings
    state.json         where the run stands, and which process holds it; touched every second while one does
    events.jsonl       what happened, a line each
    checkpoints/       the weights after each epoch
    progress.npz       all that is needed to go on from the last whole epoch or pause
    network.keras      the network at the end
    evaluation.npz     its probabilities for all test images
    log.txt, error.txt the process's last words
    stop, pause        requests: the training looks for these files

So a page can be reloaded, a worker can crash and the server can be restarted: what was written is still there.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, get_args

from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.files import read_json, write_json
from model_lib.storage.events import append_event, read_events
from model_lib.storage.liveness import is_held, this_process

State = Literal["queued", "running", "paused", "finished", "stopped", "failed", "interrupted"]
STATES: Final[tuple[State, ...]] = get_args(State)
ENDED: Final[frozenset[State]] = frozenset({"finished", "stopped", "failed", "interrupted"})

HEARTBEAT_SECONDS: Final = 1.0

# The way into the queue, as `on_resubmit` has set it: an import of the queue here would be a circle.
_resubmit: Callable[[Run], None] | None = None


class RunError(Exception):
    """A run that cannot be begun or read; the message says why and what to do."""


class Run:
    """One training, as its folder tells it. Cheap to make: everything is read when it is asked for.

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
    def spec(self) -> NetworkSpec:
        """The network.

        Raises:
            RunError: if the file is missing or damaged.
        """
        try:
            return NetworkSpec.from_dict(self._read("spec.json"))
        except NetworkError as error:
            raise RunError(f"spec.json of the run {self.id} is damaged: {error}") from error

    @property
    def config(self) -> TrainingConfig:
        """The settings.

        Raises:
            RunError: if the file is missing or damaged.
        """
        try:
            return TrainingConfig.from_dict(self._read("config.json"))
        except (SettingsError, TypeError) as error:
            raise RunError(f"config.json of the run {self.id} is damaged: {error}") from error

    @property
    def title(self) -> str:
        """What a person calls the run: the network's title, the time of the start, and the end of the id.

        No two runs have the same one: lists on pages tell their entries apart by it.
        """
        try:
            spec = self.spec
        except RunError:
            return self.id
        clock = re.match(r"\d{8}-(\d\d)(\d\d)\d\d-", self.id)
        when = f"{clock[1]}:{clock[2]} · {self.id.rsplit('-', 1)[-1]}" if clock else self.id
        return f"{spec.title or spec.name} · {when}"

    @property
    def state(self) -> State:
        """Where the run stands. "interrupted" is seen, hardly ever written: the process that held the run is gone."""
        record = self._record()
        state = _known_state(record)
        if state in ("queued", "running") and not is_held(record, self.folder / "state.json"):
            return "interrupted"
        return state

    @property
    def recorded_state(self) -> State:
        """The state as it was written last, whether or not the process that wrote it is still there."""
        return _known_state(self._record())

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ENDED

    @property
    def can_resume(self) -> bool:
        """Whether a training can go on here: what stands still, and what failed with weights that it had learnt.

        One that diverged would do so again.
        """
        state = self.state
        if state == "failed":
            has_weights = (self.folder / "progress.npz").exists() or any(self.epochs_done)
            return has_weights and self._record().get("cause") != "diverged"
        return state in ("paused", "stopped", "interrupted")

    @property
    def error(self) -> str | None:
        """What went wrong, in words for the visitor, or None."""
        state = self.state
        if state == "failed":
            try:
                return (self.folder / "error.txt").read_text(encoding="utf-8").strip()
            except OSError:
                pass
            try:
                self._read("state.json")
                self.config, self.spec  # noqa: B018 - reading them says what is damaged
            except RunError as error:
                return str(error)
            return "The training failed without a word. Start it again."
        if state == "interrupted":
            return (
                "The process that trained this network is gone. Resume goes on from the last whole epoch. "
                f"The last words of its log: {self.last_words or '(none)'}"
            )
        return None

    @property
    def last_words(self) -> str:
        """The last lines of the log, empty if there is none."""
        try:
            lines = (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-5:])

    @property
    def epochs_done(self) -> list[int]:
        """The numbers of the epochs, from 1, whose weights are kept; 0 stands for the untrained network."""
        found = (re.fullmatch(r"epoch-(\d+)\.npz", file.name) for file in (self.folder / "checkpoints").glob("*.npz"))
        return sorted(int(match[1]) for match in found if match)

    @property
    def outcome(self) -> dict[str, Any] | None:
        """The event that the evaluation wrote: test_loss, test_accuracy, seconds, epochs; None before the end."""
        events, _ = read_events(self.folder)
        return next((event for event in reversed(events) if event["kind"] == "evaluated"), None)

    def stop(self) -> None:
        """Asks the training to stop and to keep what was learnt. A run in the queue is taken out of it."""
        self._request("stop")
        if self.state == "queued" and not (self.folder / "progress.npz").exists():
            # Nobody holds it yet, so nobody would answer; the worker that finds it passes it over.
            self.set_state("stopped")
        elif self.state == "paused":
            # A paused run is held by nobody: a worker must take it up again to evaluate what was learnt.
            if _resubmit is None:
                raise RunError("A paused run needs a queue to be stopped. Import model_lib.runs first.")
            self._queue_again(keep="stop")
            _resubmit(self)

    def pause(self) -> None:
        """Asks the training to stand still and to give its place to the next one."""
        self._request("pause")

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
        """Removes the folder and all that is in it.

        Raises:
            RunError: if the run is being trained.
        """
        if self.state == "running":
            raise RunError("The run is being trained. Stop it first, then delete it.")
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_requested(self, request: str) -> bool:
        """Whether "stop" or "pause" has been asked for."""
        return (self.folder / request).exists()

    def set_state(self, state: State, **content: Any) -> None:
        """Writes where the run stands, held by this process from now on.

        Raises:
            OSError: if the folder cannot be written.
        """
        write_json(self.folder / "state.json", {"state": state, **this_process(), **content})
        # The state counts from here on; that the journal does not tell of it must not undo what follows.
        with suppress(OSError):
            append_event(self.folder, state)

    def fail(self, message: str, cause: str | None = None) -> None:
        """Writes why the run has failed.

        Args:
            message: in words for the visitor.
            cause: "diverged" if the same settings would end in the same way again.

        Raises:
            OSError: if the folder cannot be written.
        """
        (self.folder / "error.txt").write_text(message + "\n", encoding="utf-8")
        self.set_state("failed", **({"cause": cause} if cause else {}))

    def touch(self) -> None:
        """Says that the process which holds the run is alive."""
        os.utime(self.folder / "state.json")

    def prepare_again(self) -> None:
        """Puts a run that `can_resume` back into the queue.

        Raises:
            RunError: if it is queued, running or finished, or failed before its first whole epoch, or diverged.
        """
        if not self.can_resume:
            raise RunError(
                "Only a paused, stopped or interrupted run can be resumed, or one that failed after its first epoch "
                f"and did not diverge. This one is {self.state}."
            )
        self._queue_again()

    def _queue_again(self, keep: str | None = None) -> None:
        try:
            for request in {"stop", "pause"} - {keep}:
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
            return self._read("state.json")
        except RunError:
            return {}

    def _read(self, name: str) -> dict[str, Any]:
        try:
            return read_json(self.folder / name)
        except OSError as error:
            raise RunError(f"{name} of the run {self.id} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise RunError(f"{name} of the run {self.id} is damaged: {error}") from error


def _known_state(record: Mapping[str, Any]) -> State:
    """Returns the state of a record; a damaged one counts as failed."""
    state = record.get("state")
    return state if state in STATES else "failed"


def on_resubmit(submit: Callable[[Run], None]) -> None:
    """Sets how a run is put into the queue again. `model_lib.runs` does so when it is imported."""
    global _resubmit
    _resubmit = submit
