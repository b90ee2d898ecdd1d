"""Threads of a training process: one thread per operation, one shard of every batch per core.

By default TensorFlow parallelises each operation over all cores (intra-op). At a batch size of 32 most operations are
too small for that: a step of `cnn_5x5` is hardly faster on two cores than on one. A training process therefore runs
every operation on one thread, and the engine splits every batch into one shard per core; the shards pass through the
network concurrently (inter-op). `python -m benchmarks.kernels.sharding` compares the two.

Thread counts, the log level and Keras's backend are read once, when the libraries load, so all of them are set here.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Final

from model_lib.environment import (
    KERAS_BACKEND,
    TF_CPP_MIN_LOG_LEVEL,
    TF_NUM_INTEROP_THREADS,
    TF_NUM_INTRAOP_THREADS,
    set_defaults,
)

# In smaller shards, dispatching the operations takes longer than computing them.
_MIN_SHARD_SIZE: Final = 8

_FATAL_ONLY: Final = "3"
# A line of TensorFlow's C++ log below "fatal", such as `I0000 00:00:1700000000.123456  42 port.cc:153] oneDNN ...`.
_LOG_LINE: Final = re.compile(rb"WARNING: All log messages before absl::|[IWE]\d{4} [\d:.]+ +\d+ \S+:\d+\]")


class BackendError(RuntimeError):
    """Keras is configured for another backend than TensorFlow; the message says how to mend it."""


def require_tensorflow_backend() -> None:
    """Makes Keras use TensorFlow, in which the training step is written, whatever keras.json holds.

    Call it before Keras is imported. Processes that are started afterwards inherit the setting.

    Raises:
        BackendError: if the environment asks for another backend, or Keras has already been imported with one.
    """
    set_defaults({KERAS_BACKEND.name: "tensorflow"})
    backend = KERAS_BACKEND.read() or "tensorflow"
    if "keras" in sys.modules:
        import keras

        backend = keras.backend.backend()
    if backend != "tensorflow":
        raise BackendError(
            "Keras must use TensorFlow here: the training step is written in it. "
            f"Received: {KERAS_BACKEND.name}={backend}. "
            f"Remove {KERAS_BACKEND.name} from the environment, or set it to tensorflow, and start again."
        )


def tf_thread_env(cores: int | None = None) -> Mapping[str, str]:
    """Returns the environment variables of a training process, to be set before TensorFlow's first operation.

    Args:
        cores: how many the process may use; None means all.
    """
    return {TF_NUM_INTRAOP_THREADS.name: "1", TF_NUM_INTEROP_THREADS.name: str(cores or os.cpu_count() or 1)}


def configure_tf_threads() -> None:
    """Configures this process for training, before TensorFlow's first operation. Variables already set are kept."""
    set_defaults(tf_thread_env())


def shards_per_batch(batch_size: int) -> int:
    """Returns the number of shards into which this process splits its batches.

    Args:
        batch_size: images per batch.

    Returns:
        1 where the environment is not that of `tf_thread_env`, since every operation then uses all cores, and 1 with
        a GPU, which is fastest with few large operations.
    """
    cores = TF_NUM_INTEROP_THREADS.read() or ""
    if TF_NUM_INTRAOP_THREADS.read() != "1" or not cores.isdecimal():
        return 1
    import tensorflow as tf  # not at the top: the web server imports this module before it draws its first page

    if tf.config.list_physical_devices("GPU"):
        return 1
    return max(1, min(int(cores), batch_size // _MIN_SHARD_SIZE))


def quiet_tensorflow() -> None:
    """Suppresses TensorFlow's own log below "fatal", before it is imported.

    Without a GPU it logs "failed call to cuInit ... UNKNOWN ERROR" as an error, which looks like a failure. Failing
    computations still raise. A level that is already set is kept: TF_CPP_MIN_LOG_LEVEL=0 shows everything. Processes
    that are started afterwards inherit it.

    TensorFlow 2.21 reads the level only after its libraries have logged three informational lines; only
    `load_tensorflow_quietly` suppresses those as well.
    """
    set_defaults({TF_CPP_MIN_LOG_LEVEL.name: _FATAL_ONLY})


def load_tensorflow_quietly() -> None:
    """Imports TensorFlow without a line of log on the terminal, in a process that starts no other one meanwhile.

    Standard error is redirected for the whole process during the import; what other code writes to it is passed on
    afterwards. A child process started meanwhile would keep the redirected file: hence not for the web server, which
    starts workers while it imports TensorFlow.

    Raises:
        BackendError: if Keras is configured for another backend.
        ImportError: if TensorFlow cannot be imported.
    """
    require_tensorflow_backend()
    quiet_tensorflow()
    shows_log = TF_CPP_MIN_LOG_LEVEL.read() != _FATAL_ONLY
    with nullcontext() if shows_log else _filtered_stderr():
        import tensorflow  # noqa: F401


@contextmanager
def _filtered_stderr() -> Iterator[None]:
    """Buffers what is written to file descriptor 2, and writes it on exit without TensorFlow's log lines."""
    try:
        stderr = os.dup(2)
    except OSError:  # closed, as in a process without a terminal
        yield
        return
    with tempfile.TemporaryFile() as buffer:
        os.dup2(buffer.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            buffer.seek(0)
            with suppress(OSError):
                os.write(2, b"".join(line for line in buffer if not _LOG_LINE.match(line)))
