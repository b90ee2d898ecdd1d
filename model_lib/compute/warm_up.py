"""What the compute worker does before it answers: TensorFlow loaded, the first computations traced."""

from __future__ import annotations

import os
from typing import Final

import numpy as np

from model_lib.config.network import IMAGE_SHAPE
from model_lib.engine.priority import lower_thread_priorities
from model_lib.engine.threads import load_tensorflow_quietly
from model_lib.environment import TF_NUM_INTEROP_THREADS, TF_NUM_INTRAOP_THREADS, set_defaults

# Below a training's 10: computations without a break take a seventh of its speed, not a third.
_NICENESS: Final = 15


def warm_up() -> None:
    """Loads TensorFlow and the bundled network, and computes each interactive computation of it once.

    The first computation of its kind takes a second: TensorFlow traces it, oneDNN selects its kernels.
    """
    cores = str(max(1, (os.cpu_count() or 1) // 2))  # the other half is for trainings
    set_defaults({TF_NUM_INTRAOP_THREADS.name: cores, TF_NUM_INTEROP_THREADS.name: cores})
    load_tensorflow_quietly()
    from model_lib.compute.computations import GradCam, Occlusion, Saliency
    from model_lib.compute.networks import PRETRAINED, open_reader
    from model_lib.datasets.loading import cached_dataset
    from model_lib.layers.layer_info import filter_layers

    pixels = np.zeros(IMAGE_SHAPE[:2], np.float32).tobytes()
    for computation in (
        Saliency(PRETRAINED, pixels, 0),
        Occlusion(PRETRAINED, pixels, 0, 5),
        GradCam(PRETRAINED, pixels, 0, filter_layers(open_reader(PRETRAINED).views)[-1].name),
    ):
        computation.compute(lambda fraction: None)
    cached_dataset("mnist")
    lower_thread_priorities(_NICENESS)  # last: on a busy machine a low-priority process would load for minutes
