"""How the cores of a machine share the work of a training: each takes its share of every batch.

TensorFlow's own way is to spread every single operation over all cores. At a batch of 32 most operations are too small
for that: a step of `cnn_5x5` takes hardly less time on two cores than on one. So a process that trains gives every
operation one core, and the engine cuts every batch into as many shares as there are cores, which go through the network
side by side. `python -m benchmarks.shares` measures it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

# TensorFlow reads them once, at its first operation.
_CORES_AN_OPERATION: Final = "TF_NUM_INTRAOP_THREADS"
_OPERATIONS_AT_ONCE: Final = "TF_NUM_INTEROP_THREADS"
# With fewer images in a share, going from operation to operation takes longer than computing them.
_IMAGES_A_SHARE: Final = 8


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
    for name, value in shared_out().items():
        os.environ.setdefault(name, value)


def shares_of(batch_size: int) -> int:
    """Works out into how many shares this process cuts its batches.

    Args:
        batch_size: images a batch.

    Returns:
        1 where the environment is not that of `shared_out`: there every operation takes all cores. 1 with a GPU as
        well, which is quickest with few large operations.
    """
    cores = os.environ.get(_OPERATIONS_AT_ONCE, "")
    if os.environ.get(_CORES_AN_OPERATION) != "1" or not cores.isdecimal():
        return 1
    import tensorflow as tf  # whoever asks computes with it, but the app's first page does not

    if tf.config.list_physical_devices("GPU"):
        return 1
    return max(1, min(int(cores), batch_size // _IMAGES_A_SHARE))
