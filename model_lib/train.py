"""Trains a preset in the terminal and leaves a run that the app shows.

python -m model_lib.train --preset two_conv --epochs 2
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from typing import Any

from model_lib.cores import share_out_cores
from model_lib.networks import PRESETS
from model_lib.presets import PRESET_CONFIGS
from model_lib.run import RunError
from model_lib.runs import create_run
from model_lib.settings import EXPLANATIONS, SettingsError, TrainingConfig

_NUMBERS = {"int": int, "float": float, "int | None": int, "float | None": float}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program.

    Returns:
        0 if the training came to its end, 1 if it failed, 2 for settings that are impossible.
    """
    options = vars(_parser().parse_args(arguments))
    preset, root = options.pop("preset"), options.pop("runs")
    chosen = {name: value for name, value in options.items() if value is not None}
    config = dataclasses.replace(PRESET_CONFIGS[preset], **chosen)
    try:
        run = create_run(PRESETS[preset], config, root)
    except (SettingsError, RunError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{PRESETS[preset].title}, run {run.id}")

    share_out_cores()
    from model_lib.training import train  # here, not above: --help need not wait for TensorFlow

    state = train(run, _ProgressBar())
    if state == "failed":
        print(run.error, file=sys.stderr)
        return 1
    outcome = run.outcome or {}
    print(
        f"{state} after {outcome['seconds']:.1f} s: test accuracy {outcome['test_accuracy']:.2%}, "
        f"test loss {outcome['test_loss']:.4f}" + (f" ({outcome['why']})" if outcome["why"] else "")
    )
    print(f"kept in {run.folder}")
    return 0


class _ProgressBar:
    """Shows the events of a run as Keras's bar, one an epoch."""

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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model_lib.train", description=__doc__)
    parser.add_argument("--preset", choices=PRESETS, default="mlp", help="the network, with its own settings")
    parser.add_argument("--runs", help="the folder for the runs; default: runs/ in the project")
    for field in dataclasses.fields(TrainingConfig):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=_NUMBERS.get(str(field.type), str),
            help=EXPLANATIONS[field.name].replace("%", "%%") + " Default: the preset's.",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
