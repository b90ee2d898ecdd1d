"""Dask preload module: loads Keras in a worker and traces a training step before the first run."""

from __future__ import annotations

from typing import Any, Final

from model_lib.engine.priority import lower_priority
from model_lib.engine.threads import configure_tf_threads, load_tensorflow_quietly

_NICENESS: Final = 10


def dask_setup(worker: Any) -> None:
    """Loads Keras, traces the default training and lowers the process's priority below the web server's.

    Dask calls this function by its name when a worker starts. The first steps of a process are slow: TensorFlow traces
    them, oneDNN selects its kernels.
    """
    # The local cluster sets the number of cores per worker; a remote worker uses all of its machine's.
    configure_tf_threads()
    load_tensorflow_quietly()
    from model_lib.config.presets import FIRST_TRAINING, PRESETS
    from model_lib.datasets.loading import cached_dataset
    from model_lib.engine.step_cache import prepare

    cached_dataset("mnist")
    prepare(PRESETS["lightning"], FIRST_TRAINING)
    lower_priority(_NICENESS)  # last: on a busy machine a low-priority process would load for minutes
