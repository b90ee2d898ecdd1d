"""The networks whose files and programs of Take it home are compared with their runs, and those runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.engine.threads import configure_tf_threads
from model_lib.runs import create_run, list_runs
from model_lib.storage.run import Run

_EDITOR: Final = NetworkSpec(
    "editor",
    (
        LayerSpec("Conv2D", filters=12, kernel_size=5, strides=2, padding="same", activation="linear", use_bias=False),
        LayerSpec("BatchNormalization"),
        LayerSpec("Activation", activation="silu"),
        LayerSpec("AveragePooling2D", pool_size=2),
        LayerSpec("Conv2D", filters=24, kernel_size=3, activation="elu"),
        LayerSpec("GlobalAveragePooling2D"),
        LayerSpec("Dense", units=32, activation="gelu"),
    ),
    title="From the editor",
)
_EDITOR_CONFIG: Final = TrainingConfig(
    optimizer="rmsprop", schedule="one_cycle", label_smoothing=0.05, batch_size=64, epochs=3
)
_PUBLISHED: Final = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "two_conv", "mnist_cnn")
# The six published ones, and one that a visitor could have put together in the editor; by what they are called.
NETWORKS: Final[Mapping[str, tuple[NetworkSpec, TrainingConfig]]] = {
    **{name: (PRESETS[name], PRESET_CONFIGS[name]) for name in _PUBLISHED},
    "editor": (_EDITOR, _EDITOR_CONFIG),
}


def check_networks(names: Iterable[str]) -> None:
    """Ends the program if one of the names is no network's.

    Raises:
        SystemExit: with what there is.
    """
    if unknown := [name for name in names if name not in NETWORKS]:
        raise SystemExit(f"There is no network {', '.join(unknown)}. There are {', '.join(NETWORKS)}.")


def finished_run(name: str, root: Path, seed: int, epochs: int | None = None) -> Run:
    """Returns the run of a network, trained now unless it lies in the folder already.

    Args:
        name: one of `NETWORKS`.
        root: where the runs are kept.
        seed: of its random numbers.
        epochs: None for the network's own.

    Raises:
        RuntimeError: if the training failed.
    """
    configure_tf_threads()
    from model_lib.training.loop import train  # here, not above: TensorFlow reads its threads when it is loaded

    spec, usual = NETWORKS[name]
    config = dataclasses.replace(usual, seed=seed, epochs=epochs or usual.epochs)
    for run in list_runs(root):
        if run.state == "finished" and (run.spec, run.config) == (spec, config):
            return run
    run = create_run(spec, config, root)
    if train(run) != "finished" or run.outcome is None:
        raise RuntimeError(f"The training of {name} failed: {run.error}")
    return run
