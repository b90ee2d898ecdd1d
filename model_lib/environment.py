"""Environment variables: all that the app and the library read, in one place.

docs/configuration.md describes each one for whoever runs the server.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

PROJECT: Final = Path(__file__).parent.parent

T = TypeVar("T")
_LARGEST_NUMBER: Final = 1024


class VariableError(ValueError):
    """An environment variable whose value cannot be used; the message says what was expected."""


@dataclass(frozen=True, kw_only=True)
class Variable(Generic[T]):
    """One environment variable.

    Args:
        name: its name in the environment.
        purpose: what it sets, in one sentence.
        parse: turns its text into a value; raises VariableError if that is impossible.
    """

    name: str
    purpose: str
    parse: Callable[[str], T]

    def read(self) -> T | None:
        """Returns the value, None if the variable is unset or empty.

        Raises:
            VariableError: if the value cannot be used.
        """
        text = os.environ.get(self.name, "")
        return self.parse(text) if text.strip() else None


def set_defaults(values: Mapping[str, str]) -> None:
    """Sets environment variables of this process and of those that it starts, unless they are set already."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def environment_with(values: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of this process with some variables set, for a process that it starts."""
    return os.environ | dict(values)


def _folder(text: str) -> Path:
    return Path(text).resolve()


def _positive_number(name: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = text.strip()
        is_number = value.isascii() and value.isdecimal() and len(value) < 10
        if not is_number or not 0 < int(value) <= _LARGEST_NUMBER:
            raise VariableError(
                f"{name} must be a whole number from 1 to {_LARGEST_NUMBER}. Received: {value!r:.60}. "
                "Set it to such a number, or unset it: then the app chooses one that suits this machine."
            )
        return int(value)

    return parse


RUNS_FOLDER: Final = Variable(
    name="RUNS_FOLDER",
    purpose="The folder of the runs; without it `runs/` in the project.",
    parse=_folder,
)
DIGITS_FOLDER: Final = Variable(
    name="DIGITS_FOLDER",
    purpose="The folder of the digits that visitors keep; without it `digits/` in the project.",
    parse=_folder,
)
FASHION_MNIST_FOLDER: Final = Variable(
    name="FASHION_MNIST_FOLDER",
    purpose="The folder of Fashion-MNIST's four idx files; without it Debian's folder, else Keras's download.",
    parse=_folder,
)
TRAINING_WORKERS: Final = Variable(
    name="TRAINING_WORKERS",
    purpose="How many runs train at once, each in a process of its own; without it one for every four cores.",
    parse=_positive_number("TRAINING_WORKERS"),
)
TRAINING_THREADS: Final = Variable(
    name="TRAINING_THREADS",
    purpose="Cores for each of these processes; without it the cores shared out evenly.",
    parse=_positive_number("TRAINING_THREADS"),
)
TRAINING_SCHEDULER: Final = Variable(
    name="TRAINING_SCHEDULER",
    purpose="Address of a Dask scheduler whose workers see the same RUNS_FOLDER; without it workers on this machine.",
    parse=str.strip,
)
MAX_VISITS: Final = Variable(
    name="MAX_VISITS",
    purpose="How many visits one server process serves at once; without it 120.",
    parse=_positive_number("MAX_VISITS"),
)
TF_NUM_INTRAOP_THREADS: Final = Variable(
    name="TF_NUM_INTRAOP_THREADS",
    purpose="TensorFlow's threads for one operation; without it 1 in training, half of the cores in computing.",
    parse=str.strip,
)
TF_NUM_INTEROP_THREADS: Final = Variable(
    name="TF_NUM_INTEROP_THREADS",
    purpose="TensorFlow's operations at once; without it all cores of a training, half of the cores in computing.",
    parse=str.strip,
)
KERAS_BACKEND: Final = Variable(
    name="KERAS_BACKEND",
    purpose="Must be tensorflow or unset: the training step is written in TensorFlow.",
    parse=str.strip,
)
TF_CPP_MIN_LOG_LEVEL: Final = Variable(
    name="TF_CPP_MIN_LOG_LEVEL",
    purpose="TensorFlow's log on the terminal, from 0, everything, to 3, fatal errors only; set to 3 unless it is set.",
    parse=str.strip,
)
ORT_DISABLE_TELEMETRY: Final = Variable(
    name="ORT_DISABLE_TELEMETRY",
    purpose="Keeps ONNX Runtime from reporting to its makers; set to 1 unless it is set.",
    parse=str.strip,
)

_PLATFORM: Final = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG")


def platform_variables() -> dict[str, str]:
    """Returns the variables that a program needs to start at all, for a child process that is given no others."""
    return {name: os.environ[name] for name in _PLATFORM if name in os.environ}


VARIABLES: Final = (
    RUNS_FOLDER,
    DIGITS_FOLDER,
    TRAINING_WORKERS,
    TRAINING_THREADS,
    TRAINING_SCHEDULER,
    FASHION_MNIST_FOLDER,
    MAX_VISITS,
    TF_NUM_INTRAOP_THREADS,
    TF_NUM_INTEROP_THREADS,
    TF_CPP_MIN_LOG_LEVEL,
    KERAS_BACKEND,
    ORT_DISABLE_TELEMETRY,
)
