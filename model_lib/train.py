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
import typing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, Literal

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import EXPLANATIONS, RANGES, WHOLE_NUMBERS, SettingsError, TrainingConfig
from model_lib.datasets.augmentation import RECIPES
from model_lib.datasets.loading import TRAINING_IMAGES
from model_lib.engine.threads import (
    BackendError,
    configure_tf_threads,
    load_tensorflow_quietly,
    require_tensorflow_backend,
)
from model_lib.runs import RUNS_VARIABLE, create_run, runs_root
from model_lib.storage.run import Run, RunError

_DEFAULT_PRESET: Final = "mlp"
# What a shell reports for a program that Ctrl-C has ended: 128 and the number of SIGINT.
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program, and answers Ctrl-C from then on: to be called by the main thread of a process of its own.

    Returns:
        0 if the training came to its end or was stopped or paused in the app, 1 if it failed or could not begin, 130 if
        Ctrl-C stopped it.

    Raises:
        SystemExit: with 2 for settings that are impossible, with 0 after --help.
    """
    interrupts = _InterruptHandler()
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    preset, root = options.pop("preset"), options.pop("runs")
    chosen = {name: value for name, value in options.items() if value is not None}
    config = dataclasses.replace(PRESET_CONFIGS[preset], **chosen)
    try:
        require_tensorflow_backend()
        with interrupts.postponed():
            run = interrupts.run = create_run(PRESETS[preset], config, root)
    except SettingsError as error:
        parser.error(str(error))
    except (RunError, BackendError) as error:
        print(error, file=sys.stderr)
        return 1
    _say(f"{PRESETS[preset].title}, run {run.id}")

    configure_tf_threads()
    load_tensorflow_quietly()
    from model_lib.training.loop import train  # here, not above: --help need not wait for TensorFlow

    display = _ProgressBar() if sys.stdout.isatty() else _EpochLines()
    state = train(run, display)
    display.close()
    if state == "failed":
        print(run.error, file=sys.stderr)
        return 1
    _say(_summary(run, state))
    _say(f"kept in {run.folder}")
    return _INTERRUPTED if interrupts.has_asked and state == "stopped" else 0


class _InterruptHandler:
    """Turns Ctrl-C into a request: the first one asks the run to stop, the second one ends the process.

    The handler raises nothing. A KeyboardInterrupt can come up between any two lines, TensorFlow's own included, where
    nobody keeps what was learnt.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
        self.has_asked = False
        self._is_postponed = self._has_come = False
        # A copy, since `load_tensorflow_quietly` turns the standard error elsewhere for seconds.
        self._stderr = 2
        with suppress(OSError):
            self._stderr = os.dup(2)
        # A shell script's background job is started with SIGINT ignored: it is not meant.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._handle)

    @contextmanager
    def postponed(self) -> Iterator[None]:
        """Answers a Ctrl-C only afterwards: a folder that was made by half would be shown as a failed run."""
        self._is_postponed = True
        try:
            yield
        finally:
            self._is_postponed = False
            if self._has_come:
                self._answer()

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        self._has_come = True
        if not self._is_postponed:
            self._answer()

    def _answer(self) -> None:
        state = None if self.run is None else self.run.recorded_state
        if self.run is not None and state == "running" and not self.has_asked:
            self.has_asked = True  # first: the next Ctrl-C may come while this one is being answered
            with suppress(RunError):
                self.run.stop()
                self._tell("Stopping: what was learnt is kept and tested. Press Ctrl-C again to end at once.")
                return
        # A full disk, or a folder that was deleted meanwhile, is no reason to go on.
        with suppress(OSError, RunError):
            if self.run is not None and state == "queued":
                self.run.stop()
                self._tell("Stopped before the first step.")
            elif self.run is not None and state == "running":
                self.run.set_state("interrupted")
                self._tell("Ended at once. Resume in the app goes on from the last whole epoch.")
        os._exit(_INTERRUPTED)

    def _tell(self, line: str) -> None:
        # Not print: this may run in the middle of another print, which Python refuses. On a terminal ^C stands before.
        with suppress(OSError):
            os.write(self._stderr, f"\n{line}\n".encode())


class _ProgressBar:
    """Shows the events of a run as Keras's bar, one an epoch, for a terminal."""

    def __init__(self) -> None:
        self._started: dict[str, Any] = {}
        self._bar: Any = None

    def __call__(self, event: dict[str, Any]) -> None:
        import keras

        if event["kind"] == "started":
            self._started = event
        elif event["kind"] == "steps":
            if self._bar is None:
                print(f"Epoch {event['epoch'] + 1}/{self._started['epochs']}")
                self._bar = keras.utils.Progbar(self._started["steps_per_epoch"], unit_name="step")
            for place, (loss, accuracy) in enumerate(zip(event["loss"], event["accuracy"], strict=True)):
                # The last step is left for the end of the epoch, which knows the validation as well.
                step = min(event["step"] + place + 1, self._started["steps_per_epoch"] - 1)
                self._bar.update(step, [("loss", loss), ("accuracy", accuracy)])
        elif event["kind"] == "epoch" and self._bar is not None:
            names = ("validation_loss", "validation_accuracy")
            values = [(name, event[name]) for name in names if name in event]
            self._bar.update(self._started["steps_per_epoch"], values, finalize=True)
            self._bar = None

    def close(self) -> None:
        """Ends the line of a bar that has not come to its end."""
        if self._bar is not None:
            print()


class _EpochLines:
    """Shows the events of a run as one plain line an epoch, for a file or a pipe."""

    def __init__(self) -> None:
        self._epochs = 0

    def __call__(self, event: dict[str, Any]) -> None:
        if event["kind"] == "started":
            self._epochs = event["epochs"]
        elif event["kind"] == "epoch":
            line = f"Epoch {event['epoch']}/{self._epochs}: loss {event['loss']:.4f}, accuracy {event['accuracy']:.2%}"
            if "validation_loss" in event:
                line += f", validation loss {event['validation_loss']:.4f}"
                line += f", validation accuracy {event['validation_accuracy']:.2%}"
            _say(f"{line}, {event['images_per_second']:,.0f} images/s, {event['seconds']:.1f} s since the start")

    def close(self) -> None:
        """Does nothing: every line has its end."""


def _say(line: str) -> None:
    """Prints a line at once, so that a file can be watched while it grows."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Whoever read the pipe is gone, as with `| head`. The run is still worth its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _summary(run: Run, state: str) -> str:
    if state == "paused":
        return "paused; Resume in the app goes on from here"
    outcome = run.outcome
    if outcome is None:
        return f"{state} before the first step"
    line = f"{state} after {outcome['seconds']:.1f} s: test accuracy {outcome['test_accuracy']:.2%}, "
    line += f"test loss {outcome['test_loss']:.4f}"
    if state == "finished" and outcome["why"]:
        line += f" ({outcome['why']})"
    return f"{line}\n{outcome['advice']}" if outcome.get("advice") else line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model_lib.train",
        usage="python -m model_lib.train [--preset NAME] [--runs FOLDER] [--SETTING VALUE ...]",
        description=f"{__doc__}\nA setting that is not given is the preset's own.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        default=_DEFAULT_PRESET,
        help=f"the network, with its own settings; default: {_DEFAULT_PRESET}",
    )
    folder = str(runs_root()).replace("%", "%%")
    parser.add_argument(
        "--runs",
        metavar="FOLDER",
        help=f"the folder for the runs; default: {folder} (the variable {RUNS_VARIABLE} names another)",
    )
    for name, hint in typing.get_type_hints(TrainingConfig).items():
        options: dict[str, Any] = {"metavar": "NAME"}
        explanation = EXPLANATIONS[name]
        if name in RANGES:
            options = {"metavar": "NUMBER", "type": _number(name)}
            explanation += f" {_expected(name).capitalize()}."
        elif choices := _choices(name, hint):
            options = {"choices": choices}
        parser.add_argument(f"--{name.replace('_', '-')}", help=explanation.replace("%", "%%"), **options)
    return parser


def _choices(name: str, hint: Any) -> tuple[str, ...]:
    """Returns the words that a setting may be, none if it takes any."""
    if typing.get_origin(hint) is Literal:
        return typing.get_args(hint)
    return {"dataset": tuple(TRAINING_IMAGES), "augmentation": tuple(RECIPES)}.get(name, ())


def _range(name: str) -> tuple[float, float]:
    low, high = RANGES[name]
    return low, max(TRAINING_IMAGES.values()) if name == "training_images" else high


def _expected(name: str) -> str:
    """Says what a number may be."""
    low, high = _range(name)
    return f"a {'whole ' if name in WHOLE_NUMBERS else ''}number from {low:,.15g} to {high:,.15g}"


def _number(name: str) -> Callable[[str], float]:
    """Returns what reads the number of a setting, for argparse, which puts the option's name before the error."""

    def read(text: str) -> float:
        low, high = _range(name)
        with suppress(ValueError):
            value = int(text) if name in WHOLE_NUMBERS else float(text)
            if low <= value <= high:
                return value
        raise argparse.ArgumentTypeError(f"must be {_expected(name)}. Received: {text}.")

    return read


if __name__ == "__main__":
    sys.exit(main())
