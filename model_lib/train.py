"""Trains a preset in the terminal and leaves a run that the app shows.

python -m model_lib.train --preset two_conv --epochs 2
"""

from __future__ import annotations

import os
import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    # Here and not in `main`: the imports below take long enough for a Ctrl-C to fall into them.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

import argparse
import dataclasses
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

from model_lib.config.fine_tuning import fine_tuning_config
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.setting import Setting
from model_lib.config.training import SETTINGS, SettingsError, TrainingConfig, with_dataset
from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.loading import TEST_SET_TITLES, TRAINING_IMAGES, names_of_test_sets, title_of_test_set
from model_lib.diagnostics.findings import findings_of
from model_lib.diagnostics.log import read_statistics
from model_lib.engine.threads import (
    BackendError,
    configure_tf_threads,
    load_tensorflow_quietly,
    require_tensorflow_backend,
)
from model_lib.environment import RUNS_FOLDER
from model_lib.number_format import accuracy_text
from model_lib.predictions import PredictionError
from model_lib.pretrained.training_start import PRETRAINED_ID, PRETRAINED_SPEC, pretrained_config, pretrained_start
from model_lib.runs import create_run, runs_root
from model_lib.storage.events import EpochEnd, Event, Started, State, Steps
from model_lib.storage.history import History
from model_lib.storage.lineage import Start, best_epoch, start_from
from model_lib.storage.run import Run, RunError

_DEFAULT_PRESET: Final = "mlp"
# What a shell reports for a program that Ctrl-C has ended: 128 and the number of SIGINT.
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program. Installs a SIGINT handler, so call it from the main thread of a process of its own.

    Returns:
        0 if training finished, or was stopped or paused in the app; 1 if it failed or could not start; 130 if Ctrl-C
        stopped it.

    Raises:
        SystemExit: with 2 for invalid settings, with 0 after --help.
    """
    interrupts = _InterruptHandler()
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    preset, root = options.pop("preset"), options.pop("runs")
    parent, is_best = options.pop("from"), options.pop("weights") == "best"
    chosen = {name: value for name, value in options.items() if value is not None}
    if parent is not None and preset is not None:
        parser.error("--preset does not go with --from: the layers are those of the run that is trained on")
    try:
        spec, published, start = _preset(preset) if parent is None else _trained_network(parent, root, is_best)
        config = dataclasses.replace(with_dataset(published, chosen.get("dataset", published.dataset)), **chosen)
        require_tensorflow_backend()
        with interrupts.postponed():
            run = interrupts.run = create_run(spec, config, root, start)
    except SettingsError as error:
        parser.error(str(error))
    except (RunError, BackendError, PredictionError) as error:
        print(error, file=sys.stderr)
        return 1
    before = "" if start is None else f", from {start.ancestors[-1].title}"
    _print_now(f"{spec.title or spec.name}, run {run.id}{before}")

    configure_tf_threads()
    load_tensorflow_quietly()
    from model_lib.training.loop import train  # here, not above: --help does not need TensorFlow

    display = _ProgressBar() if sys.stdout.isatty() else _EpochLines()
    state = train(run, display)
    display.close()
    if state == "failed":
        print(run.error, file=sys.stderr)
        return 1
    _print_now(_summary(run, state))
    for finding in findings_of(read_statistics(run.folder)):
        if finding.is_warning:
            _print_now(finding.text)
    _print_now(f"kept in {run.folder}")
    return _INTERRUPTED if interrupts.has_asked and state == "stopped" else 0


class _InterruptHandler:
    """Handles Ctrl-C: the first one requests the run to stop, the second one ends the process.

    The handler raises nothing: a KeyboardInterrupt between two arbitrary lines, TensorFlow's included, would lose the
    weights.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
        self.has_asked = False
        self._is_postponed = self._has_come = False
        # A duplicate, since `load_tensorflow_quietly` redirects standard error for seconds.
        self._stderr = 2
        with suppress(OSError):
            self._stderr = os.dup(2)
        # A background job of a shell script starts with SIGINT ignored, which has to stay.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._handle)

    @contextmanager
    def postponed(self) -> Iterator[None]:
        """Defers Ctrl-C to the end of the block: a half-created folder would be listed as a failed run."""
        self._is_postponed = True
        try:
            yield
        finally:
            self._is_postponed = False
            if self._has_come:
                self._respond()

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        self._has_come = True
        if not self._is_postponed:
            self._respond()

    def _respond(self) -> None:
        state = None if self.run is None else self.run.recorded_state
        if self.run is not None and state == "running" and not self.has_asked:
            self.has_asked = True  # first: the next Ctrl-C may arrive while this one is handled
            with suppress(RunError):
                self.run.stop()
                self._tell("Stopping: the weights are kept and tested. Press Ctrl-C again to end at once.")
                return
        # A full disk or a deleted folder must not keep the process alive.
        with suppress(OSError, RunError):
            if self.run is not None and state == "queued":
                self.run.stop()
                self._tell("Stopped before the first step.")
            elif self.run is not None and state == "running":
                self.run.set_state("interrupted")
                self._tell("Ended at once. Resume in the app goes on from the last whole epoch.")
        os._exit(_INTERRUPTED)

    def _tell(self, line: str) -> None:
        # Not print, which is not reentrant. The terminal has echoed ^C on the current line.
        with suppress(OSError):
            os.write(self._stderr, f"\n{line}\n".encode())


class _ProgressBar:
    """Shows events as Keras's progress bar, one an epoch, for a terminal."""

    def __init__(self) -> None:
        self._epochs = self._steps_per_epoch = 0
        self._bar: Any = None

    def __call__(self, event: Event) -> None:
        import keras

        if isinstance(event, Started):
            self._epochs, self._steps_per_epoch = event.epochs, event.steps_per_epoch
        elif isinstance(event, Steps):
            if self._bar is None:
                print(f"Epoch {event.epoch + 1}/{self._epochs}")
                self._bar = keras.utils.Progbar(self._steps_per_epoch, unit_name="step")
            for step, (loss, accuracy) in enumerate(zip(event.loss, event.accuracy, strict=True), event.step + 1):
                # The last step is left for the end of the epoch, which has the validation metrics as well.
                self._bar.update(min(step, self._steps_per_epoch - 1), [("loss", loss), ("accuracy", accuracy)])
        elif isinstance(event, EpochEnd) and self._bar is not None:
            metrics = {"validation_loss": event.validation_loss, "validation_accuracy": event.validation_accuracy}
            values = [(name, value) for name, value in metrics.items() if value is not None]
            self._bar.update(self._steps_per_epoch, values, finalize=True)
            self._bar = None

    def close(self) -> None:
        """Ends the line of an unfinished bar."""
        if self._bar is not None:
            print()


class _EpochLines:
    """Shows events as one plain line an epoch, for a file or a pipe."""

    def __init__(self) -> None:
        self._epochs = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self._epochs = event.epochs
        elif isinstance(event, EpochEnd):
            line = (
                f"Epoch {event.epoch}/{self._epochs}: loss {event.loss:.4f}, accuracy {accuracy_text(event.accuracy)}"
            )
            if event.validation_loss is not None and event.validation_accuracy is not None:
                line += f", validation loss {event.validation_loss:.4f}"
                line += f", validation accuracy {accuracy_text(event.validation_accuracy)}"
            _print_now(f"{line}, {event.images_per_second or 0:,.0f} images/s, {event.seconds:.1f} s since the start")

    def close(self) -> None:
        """Does nothing: every line is complete."""


def _print_now(line: str) -> None:
    """Prints and flushes a line, so that a redirected output can be followed."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # The reader of the pipe has exited, as with `| head`; training continues.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _summary(run: Run, state: State) -> str:
    if state == "paused":
        return "paused; Resume in the app goes on from here"
    outcome = run.outcome
    if outcome is None:
        return f"{state} before the first step"
    line = f"{state} after {outcome.seconds:.1f} s: test accuracy {accuracy_text(outcome.test_accuracy)}, "
    line += f"test loss {outcome.test_loss:.4f}"
    if outcome.other_test_accuracy is not None:
        title = title_of_test_set(names_of_test_sets(run.config.dataset)[1])
        line += f"; {title}: {accuracy_text(outcome.other_test_accuracy)}"
    if state == "finished" and outcome.why:
        line += f" ({outcome.why})"
    lines = [line, *_changes(run)]
    return "\n".join([*lines, outcome.advice] if outcome.advice else lines)


def _changes(run: Run) -> Iterator[str]:
    """Yields a line for each set of images on which a run that goes on from trained weights was measured."""
    for name, stages in History(run.folder).update().measures.items():
        if {"before", "after"} <= set(stages):
            is_test_set = is_image_set(name) or name in TEST_SET_TITLES
            title = title_of_test_set(name) if is_test_set else name.replace("_", " ")
            first, last = (accuracy_text(stages[stage].accuracy) for stage in ("before", "after"))
            yield f"{title}: {first} before, {last} after"


def _trained_network(name: str, root: str | None, is_best: bool) -> tuple[NetworkSpec, TrainingConfig, Start]:
    """Reads what to train on.

    Args:
        name: id or folder of a run, or "pretrained".
        root: the folder for the runs; see `runs_root`.
        is_best: whether the weights are those of the lowest validation loss, as far as there was validation.

    Returns:
        The network, the settings to go on with, and the weights.

    Raises:
        RunError: if there is no such run, or it has no weights.
        PredictionError: if the ready-made network is damaged.
    """
    if name == PRETRAINED_ID:
        return PRETRAINED_SPEC, fine_tuning_config(pretrained_config()), pretrained_start()
    run = next((each for each in (Run(runs_root(root) / name), Run(Path(name).resolve())) if each.exists), None)
    if run is None:
        raise RunError(f"`--from` must be the id of a run in {runs_root(root)}, or its folder. Received: {name}.")
    config = run.config
    if not is_image_set(config.dataset) and config.dataset not in TRAINING_IMAGES:
        raise RunError(f"The run {run.id} was trained on a data set that this version does not have: {config.dataset}.")
    return run.spec, fine_tuning_config(config), start_from(run, best_epoch(run) if is_best else None)


def _preset(name: str | None) -> tuple[NetworkSpec, TrainingConfig, None]:
    return PRESETS[name or _DEFAULT_PRESET], PRESET_CONFIGS[name or _DEFAULT_PRESET], None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model_lib.train",
        usage="python -m model_lib.train [--preset NAME | --from RUN] [--runs FOLDER] [--SETTING VALUE ...]",
        description=f"{__doc__}\nA setting that is not given is the preset's own; with --from that of the run, but for "
        "the learning rate, which is a tenth.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        help=f"the network, with its own settings; default: {_DEFAULT_PRESET}",
    )
    parser.add_argument(
        "--from",
        metavar="RUN",
        help="train on from the weights of a run, by its id or its folder, or from those of the ready-made network: "
        "pretrained",
    )
    parser.add_argument(
        "--weights",
        choices=["last", "best"],
        default="last",
        help="of --from RUN: those after its last epoch, or after that of the lowest validation loss; default: last",
    )
    folder = str(runs_root()).replace("%", "%%")
    parser.add_argument(
        "--runs",
        metavar="FOLDER",
        help=f"the folder for the runs; default: {folder} (the variable {RUNS_FOLDER.name} names another)",
    )
    for setting in SETTINGS.values():
        options: dict[str, Any] = {"metavar": "NAME"}
        explanation = setting.help
        if setting.range is not None:
            options = {"metavar": "NUMBER", "type": _number(setting)}
            explanation += f" {setting.expectation.capitalize()}."
        elif setting.choices:
            options = {"choices": list(setting.choices)}
        parser.add_argument(f"--{setting.name.replace('_', '-')}", help=explanation.replace("%", "%%"), **options)
    return parser


def _number(setting: Setting) -> Callable[[str], float]:
    """Returns what reads the number of a setting, for argparse, which puts the option's name before the error."""

    def read(text: str) -> float:
        with suppress(ValueError):
            value = int(text) if setting.is_whole else float(text)
            if setting.allows(value):
                return value
        raise argparse.ArgumentTypeError(f"must be {setting.expectation}. Received: {text}.")

    return read


if __name__ == "__main__":
    sys.exit(main())
