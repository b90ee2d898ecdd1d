"""The scripts of Take it home, run by themselves: their test accuracy beside that of the runs they were made of.

python -m benchmarks.training.exported_scripts --presets mlp,cnn_3x3 --python /path/to/clean/bin/python

With --python an interpreter is named in whose environment TensorFlow alone is installed; else this one runs them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import percent, print_heading, print_table
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import MNIST_FILE
from model_lib.export.exported import ExportedNetwork
from model_lib.export.keras_script import keras_script
from model_lib.runs import create_run
from model_lib.training.loop import train

_PUBLISHED = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "mnist_cnn", "two_conv")
_EDITOR = NetworkSpec(
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
_EDITOR_CONFIG = TrainingConfig(
    optimizer="rmsprop", schedule="one_cycle", label_smoothing=0.05, batch_size=64, epochs=3
)
_COLUMNS = ("network", "epochs", "runs, each seed", "script", "difference to their mean")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join((*_PUBLISHED, "editor")), help="separated by commas")
    parser.add_argument("--epochs", type=int, help="of each training; without it the preset's own")
    parser.add_argument("--seeds", type=int, default=3, help="how many runs of each")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs the scripts")
    options = parser.parse_args(arguments)
    print_heading("Scripts of Take it home, beside the runs")
    rows = []
    for name in options.presets.split(","):
        spec = _EDITOR if name == "editor" else PRESETS[name]
        config = _EDITOR_CONFIG if name == "editor" else PRESET_CONFIGS[name]
        changes = {} if options.epochs is None else {"epochs": options.epochs}
        accuracies, script = [], ""
        for seed in range(1, options.seeds + 1):
            with tempfile.TemporaryDirectory() as root:
                run = create_run(spec, TrainingConfig.from_dict(config.as_dict() | changes | {"seed": seed}), root)
                if train(run) != "finished" or run.outcome is None:
                    raise RuntimeError(f"The training of {name} failed: {run.error}")
                accuracies.append(run.outcome.test_accuracy)
                script = script or keras_script(ExportedNetwork(str(run.folder)).program())
        accuracy = _run(script, options.python)
        difference = f"{100 * (accuracy - float(np.mean(accuracies))):+.2f}"
        epochs = str(changes.get("epochs", config.epochs))
        rows.append((name, epochs, ", ".join(percent(each) for each in accuracies), percent(accuracy), difference))
        print(*rows[-1], flush=True)
    print_table(_COLUMNS, rows)


def _run(script: str, python: str) -> float:
    """Runs a script in a folder of its own, with nothing of this project on its path, and returns its accuracy."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "program.py").write_text(script, encoding="utf-8")
        command = [python, "-I", "program.py", str(MNIST_FILE)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    found = re.search(r"test accuracy ([\d.]+)$", done.stdout, re.M)
    if done.returncode or found is None:
        raise RuntimeError(done.stderr[-3000:])
    return float(found[1])


if __name__ == "__main__":
    main()
