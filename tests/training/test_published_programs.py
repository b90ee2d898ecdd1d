"""The six programs run from a shell and are the networks of their presets; what is said of Keras there is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import pytest

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.datasets.loading import MNIST_FILE
from model_lib.networks import build_network
from model_lib.programs.source import PROGRAMS, PROGRAMS_FOLDER

# Runs programs one after the other in a process that has no network: few real images, and one epoch.
_RUN = """
import json, pathlib, re, runpy, sys
import keras, numpy as np

arrays = np.load(sys.argv[1])
few = [(arrays[f"x_{part}"][:count], arrays[f"y_{part}"][:count]) for part, count in (("train", 300), ("test", 100))]
keras.datasets.mnist.load_data = lambda: tuple(few)
for path in map(pathlib.Path, sys.argv[2:]):
    text, found = re.subn("^EPOCHS = [0-9]+$", "EPOCHS = 1", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert found == 1
    copy = pathlib.Path(path.name)
    copy.write_text(text, encoding="utf-8")
    names = runpy.run_path(str(copy), run_name="__main__")
    network = names["network"]
    report = {
        "parameters": network.count_params(),
        "shapes": [list(weight.shape) for weight in network.get_weights()],
        "optimizer": type(network.optimizer).__name__.lower(),
        "rate": float(network.optimizer.learning_rate),
    }
    print("REPORT", path.stem, json.dumps(report))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs run."""
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, Any]:
    """What each program's network was after its end, by the program's name."""
    programs = [str(PROGRAMS_FOLDER / f"{name}.py") for name in PROGRAMS]
    ended = subprocess.run(
        [sys.executable, "-c", _RUN, str(MNIST_FILE), *programs], cwd=folder, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    found = re.findall(r"^REPORT (\w+) (.*)$", ended.stdout, re.MULTILINE)
    return {name: json.loads(report) for name, report in found}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_and_its_network_is_that_of_its_preset(name: str, reports: dict[str, Any]) -> None:
    network, config = build_network(PRESETS[name]), PRESET_CONFIGS[name]
    assert reports[name]["parameters"] == network.count_params()
    assert reports[name]["shapes"] == [list(weight.shape) for weight in network.get_weights()]
    assert reports[name]["optimizer"] == config.optimizer
    assert reports[name]["rate"] == pytest.approx(config.rate)


def test_the_files_that_a_program_leaves_build_the_network_again(folder: Path, reports: dict[str, Any]) -> None:
    network = keras.models.model_from_json((folder / "network.json").read_text())
    network.load_weights(folder / "network.weights.h5")
    assert network.count_params() == reports["mlp_batchnorm"]["parameters"]


def test_what_is_said_of_keras_3_is_so(tmp_path: Path) -> None:
    assert float(keras.optimizers.Adadelta().learning_rate) == pytest.approx(0.001)
    assert float(keras.optimizers.get("adam").learning_rate) == pytest.approx(0.001)
    assert not hasattr(keras.Sequential, "predict_classes")
    assert not hasattr(keras.utils, "np_utils")
    assert keras.backend.image_data_format() == keras.config.image_data_format()
    with pytest.raises(ValueError, match="lr"):
        keras.optimizers.Adam(lr=0.001)
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        network = keras.Sequential([keras.layers.Flatten(input_shape=(28, 28))])
    with pytest.raises(ValueError, match="must end in"):
        network.save_weights(tmp_path / "network.h5")
