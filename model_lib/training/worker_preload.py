"""Makes a worker process ready for a training before anybody asks for one. Dask loads this at the worker's start."""

from __future__ import annotations

import sys
from typing import Any

import psutil

from model_lib.engine.threads import configure_tf_threads, load_tensorflow_quietly


def dask_setup(worker: Any) -> None:
    """Loads Keras, prepares the training that newcomers start and lowers the process's priority below the web server's.

    A process's first steps are slow: TensorFlow traces them, oneDNN chooses its kernels. Here nobody waits for them.
    """
    # The cluster of this machine has said how many cores there are for each worker; one elsewhere takes all it has.
    configure_tf_threads()
    load_tensorflow_quietly()
    from model_lib.config.presets import FIRST_TRAINING, PRESETS
    from model_lib.engine.step_cache import prepare
    from model_lib.training.loop import cached_dataset

    cached_dataset("mnist")
    prepare(PRESETS["lightning"], FIRST_TRAINING)
    lower_priority()  # only now: on a busy machine a process of low priority would take minutes to get warm


def lower_priority() -> None:
    """Lets every process of usual priority go first: pages must stay quick while a network learns."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(10)
