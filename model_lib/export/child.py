"""Files that TensorFlow writes: made in a process of its own, which may abort, take long, or be ended.

TensorFlow's converter can abort its whole process, so neither the web process nor the compute worker runs it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from model_lib.datasets.loading import ProgressCallback
from model_lib.environment import (
    KERAS_BACKEND,
    PROJECT,
    TF_CPP_MIN_LOG_LEVEL,
    TF_NUM_INTEROP_THREADS,
    TF_NUM_INTRAOP_THREADS,
    environment_with,
)
from model_lib.export.exported import ExportedNetwork, ExportError
from model_lib.files import read_json

Kind = Literal["litert", "litert_8bit", "architecture_and_weights", "keras"]

TIME_LIMIT_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 0.1
# In the folder that the process writes into.
RESULT_FILE: Final = "result"
FACTS_FILE: Final = "facts.json"
PROGRESS_FILE: Final = "progress"
MESSAGE_FILE: Final = "message"
_ENVIRONMENT: Final = {
    TF_CPP_MIN_LOG_LEVEL.name: "3",
    KERAS_BACKEND.name: "tensorflow",
    TF_NUM_INTRAOP_THREADS.name: "1",
    TF_NUM_INTEROP_THREADS.name: "1",
}


@dataclass(frozen=True)
class MadeFile:
    """A file that the process made.

    Args:
        content: the file.
        accuracy: of what the file answers on all test images, 0 to 1; None for files that answer nothing themselves.
        images: how many test images; 0 where there is no accuracy.
    """

    content: bytes
    accuracy: float | None = None
    images: int = 0


def make_file(
    network: ExportedNetwork, kind: Kind, report: ProgressCallback, time_limit_seconds: float = TIME_LIMIT_SECONDS
) -> MadeFile:
    """Makes a file in a process of its own and waits for it.

    Args:
        network: what it is made of.
        kind: which file.
        report: called with 0 to 1 several times a second; what it raises ends the process.
        time_limit_seconds: after so long the process is ended.

    Raises:
        ExportError: if the process failed, was ended or took too long.
    """
    with tempfile.TemporaryDirectory(prefix="take-home-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        command = [sys.executable, "-m", "model_lib.export.converter", network.folder or "", kind, str(folder)]
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment_with(_ENVIRONMENT),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(process, folder, report, time_limit_seconds)
        finally:
            process.kill()
            process.wait()
        return _read(folder, process.returncode)


def _wait(process: subprocess.Popen[bytes], folder: Path, report: ProgressCallback, limit_seconds: float) -> None:
    end = time.monotonic() + limit_seconds
    while process.poll() is None:
        if time.monotonic() > end:
            raise ExportError(
                f"Making the file took longer than {limit_seconds:g} seconds and was ended: the computer is busy. "
                "Try again later."
            )
        progress = 0.0
        with suppress(OSError, ValueError):
            progress = float((folder / PROGRESS_FILE).read_text(encoding="utf-8"))
        report(progress)
        time.sleep(_LOOK_SECONDS)


def _read(folder: Path, code: int) -> MadeFile:
    with suppress(OSError):
        raise ExportError((folder / MESSAGE_FILE).read_text(encoding="utf-8"))
    try:
        facts = read_json(folder / FACTS_FILE) if code == 0 else None
        if facts is not None:
            return MadeFile((folder / RESULT_FILE).read_bytes(), facts.get("accuracy"), facts.get("images", 0))
    except (OSError, ValueError):
        pass
    raise ExportError(f"The file could not be made: the process that makes it ended with the code {code}. Try again.")
