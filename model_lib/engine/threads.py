"""How the cores of a machine share the work of a training: each takes its share of every batch.

TensorFlow's own way is to spread every single operation over all cores. At a batch of 32 most operations are too small
for that: a step of `cnn_5x5` takes hardly less time on two cores than on one. So a process that trains gives every
operation one core, and the engine cuts every batch into as many shares as there are cores, which go through the network
side by side. `python -m benchmarks.kernels.sharding` measures it.

Like the sharing, what TensorFlow prints is settled before it is loaded, so that stands here too.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Final

from model_lib.environment import (
    TF_CPP_MIN_LOG_LEVEL,
    TF_NUM_INTEROP_THREADS,
    TF_NUM_INTRAOP_THREADS,
    set_defaults,
)

# TensorFlow reads them once, at its first operation.
_CORES_AN_OPERATION: Final = TF_NUM_INTRAOP_THREADS.name
_OPERATIONS_AT_ONCE: Final = TF_NUM_INTEROP_THREADS.name
# With fewer images in a share, going from operation to operation takes longer than computing them.
_IMAGES_A_SHARE: Final = 8

_FATAL_ONLY: Final = "3"
# A line of TensorFlow's C++ log below "fatal", such as `I0000 00:00:1700000000.123456  42 port.cc:153] oneDNN ...`.
_LOG_LINE: Final = re.compile(rb"WARNING: All log messages before absl::|[IWE]\d{4} [\d:.]+ +\d+ \S+:\d+\]")


def shared_out(cores: int | None = None) -> Mapping[str, str]:
    """Gives the environment of a process that trains.

    Args:
        cores: how many it may use; None means all.

    Returns:
        Environment variables, to be set before TensorFlow's first operation.
    """
    return {_CORES_AN_OPERATION: "1", _OPERATIONS_AT_ONCE: str(cores or os.cpu_count() or 1)}


def share_out_cores() -> None:
    """Makes this process one that trains, before TensorFlow's first operation. What is in the environment stays."""
    set_defaults(shared_out())


def shares_of(batch_size: int) -> int:
    """Works out into how many shares this process cuts its batches.

    Args:
        batch_size: images a batch.

    Returns:
        1 where the environment is not that of `shared_out`: there every operation takes all cores. 1 with a GPU as
        well, which is quickest with few large operations.
    """
    cores = TF_NUM_INTEROP_THREADS.read() or ""
    if TF_NUM_INTRAOP_THREADS.read() != "1" or not cores.isdecimal():
        return 1
    import tensorflow as tf  # whoever asks computes with it, but the app's first page does not

    if tf.config.list_physical_devices("GPU"):
        return 1
    return max(1, min(int(cores), batch_size // _IMAGES_A_SHARE))


def quiet_tensorflow() -> None:
    """Keeps TensorFlow's own messages off the terminal, from its loading on: all below "fatal", from its C++ parts.

    One of them, without a GPU, is "failed call to cuInit ... UNKNOWN ERROR", which looks like a failure and is logged
    as an error. What goes wrong in a computation is raised all the same. What the environment says stays:
    TF_CPP_MIN_LOG_LEVEL=0 shows everything. Processes that are started from here on inherit it.

    TensorFlow 2.21 reads the level only after its libraries have written their first lines, three of them twice, all
    of them mere information. `load_tensorflow_quietly` is without those too.
    """
    set_defaults({TF_CPP_MIN_LOG_LEVEL.name: _FATAL_ONLY})


def load_tensorflow_quietly() -> None:
    """Loads TensorFlow without a line of its own on the terminal, for a process that does nothing else meanwhile.

    The whole process's standard error is held back for as long as that takes. What others have written follows, but a
    process that is started meanwhile would keep the file that holds it back: hence not in the web server, which starts
    workers while it loads TensorFlow.

    Raises:
        ImportError: if TensorFlow cannot be loaded.
    """
    quiet_tensorflow()
    is_wanted = TF_CPP_MIN_LOG_LEVEL.read() != _FATAL_ONLY
    with nullcontext() if is_wanted else _held_back_stderr():
        import tensorflow  # noqa: F401


@contextmanager
def _held_back_stderr() -> Iterator[None]:
    """Holds back what is written to file descriptor 2, and writes it afterwards without TensorFlow's messages."""
    try:
        stderr = os.dup(2)
    except OSError:  # there is none, as in a process without a terminal
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            with suppress(OSError):
                os.write(2, b"".join(line for line in held if not _LOG_LINE.match(line)))
