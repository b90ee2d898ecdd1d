"""The bundled network as what a training goes on from."""

from __future__ import annotations

from typing import Final

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig, with_dataset
from model_lib.predictions import load_pretrained
from model_lib.storage.lineage import Ancestor, Start

# As in the address of a page, where it stands for no run.
PRETRAINED_ID: Final = "pretrained"
PRETRAINED_NAME: Final = "Ready-made network (pretrained)"

PRETRAINED_SPEC: Final = PRESETS["bundled"]


def pretrained_config() -> TrainingConfig:
    """Returns the settings nearest to those of its training, which was no run: `model_lib.pretrained.train`."""
    return with_dataset(PRESET_CONFIGS["bundled"], "mnist_and_pen_digits")


def pretrained_start() -> Start:
    """Returns its weights as a start. Its training left no curves, so that it has no epochs here.

    Raises:
        PredictionError: if the network is missing or damaged.
    """
    ancestor = Ancestor(PRETRAINED_ID, PRETRAINED_NAME, 0, ("mnist", "pen_digits"))
    return Start(load_pretrained().weights, (ancestor,))
