"""Makes a worker process ready for a training before anybody asks for one. Dask loads this at the worker's start."""

from __future__ import annotations

import os
import sys
from typing import Any

import psutil


def dask_setup(worker: Any) -> None:
    """Loads Keras, trains a few steps on empty images and lowers the process's priority below the web server's.

    A process's first steps are slow: oneDNN chooses its kernels, Keras loads its parts. Here nobody waits for them.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import numpy as np

    from model_lib.networks import PRESETS, build_network
    from model_lib.settings import TrainingConfig
    from model_lib.steps import TrainingSteps
    from model_lib.training import cached_dataset

    cached_dataset("mnist")
    images, labels = np.zeros((64, 28, 28), np.uint8), np.zeros(64, np.uint8)
    steps = TrainingSteps(build_network(PRESETS["cnn_5x5"]), TrainingConfig(batch_size=32), len(images))
    steps.begin_epoch(images, labels, np.arange(64))
    steps.run(0, 2)
    lower_priority()  # only now: on a busy machine a process of low priority would take minutes to get warm


def lower_priority() -> None:
    """Lets every process of usual priority go first: pages must stay quick while a network learns."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(10)
