"""The script and the notebook: they run by themselves, have the run's values, and quote what anybody typed."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.summary import summarise
from model_lib.config.training import OPTIMIZERS, TrainingConfig
from model_lib.datasets.loading import MNIST_FILE
from model_lib.export.cells import literal, training_cells
from model_lib.export.keras_script import TrainingProgram, file_stem, keras_script
from model_lib.export.notebook import notebook_bytes
from tests.support.sample_networks import ALL_KINDS, AVERAGED

_SMALLEST = NetworkSpec("own", (LayerSpec("Conv2D", filters=2, strides=4), LayerSpec("Flatten")), title="Smallest")
_SHORT = TrainingConfig(
    epochs=1,
    training_images=400,
    validation_share=0.25,
    batch_size=50,
    schedule="one_cycle",
    label_smoothing=0.1,
    patience=1,
)
_NASTY = [
    '"""\nimport os\nos.abort()\n"""',
    "\\",
    "'\" + str(1) + \"'",
    "\u2028raise",
    "\x00\ud800 {0} %s",
    "# %%\r1/0",
]


def _constants(script: str) -> dict[str, object]:
    """Returns what the script's top level sets to plain values."""
    found = {}
    for node in ast.parse(script).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.targets[0], ast.Name)
        ):
            found[node.targets[0].id] = node.value.value
    return found


def _run(script: str, folder: Path) -> str:
    (folder / "program.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-I", "program.py", str(MNIST_FILE)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_script_trains_the_smallest_network_and_saves_it(tmp_path: Path) -> None:
    printed = _run(keras_script(TrainingProgram(spec=_SMALLEST, config=_SHORT)), tmp_path)
    assert re.search(r"^Smallest: test accuracy 0\.\d+$", printed, re.M)
    assert {"network.keras", "network.json", "network.weights.h5"} <= {file.name for file in tmp_path.iterdir()}


def test_the_scripts_network_has_the_parameters_of_the_specs_for_every_layer_kind_and_optimizer(tmp_path: Path) -> None:
    assert {layer.kind for spec in (ALL_KINDS, AVERAGED) for layer in spec.layers} | {"AveragePooling2D"} == set(KINDS)
    averaged = NetworkSpec("pool", (LayerSpec("AveragePooling2D", pool_size=3), LayerSpec("Flatten")))
    specs = [ALL_KINDS, AVERAGED, averaged, *PRESETS.values()]
    lines = ["import keras", "import numpy as np", "from keras import layers", "LEARNING_RATE = 0.5"]
    for place, spec in enumerate(specs):
        config = TrainingConfig(optimizer=OPTIMIZERS[place % len(OPTIMIZERS)], weight_decay=0.01)
        cells = {cell.name: cell.code for cell in training_cells(spec, config)}
        lines += [cells["network"], cells["compile"], 'print("COUNT", network.count_params())']
    counts = re.findall(r"^COUNT (\d+)", _run("\n".join(lines), tmp_path), re.M)
    assert [int(count) for count in counts] == [sum(row.parameters for row in summarise(spec)) for spec in specs]


@pytest.mark.parametrize("name", PRESETS)
def test_the_settings_in_the_script_are_the_runs(name: str) -> None:
    config = PRESET_CONFIGS[name]
    script = keras_script(TrainingProgram(spec=PRESETS[name], config=config))
    constants = _constants(script)
    assert constants["EPOCHS"] == config.epochs
    assert constants["BATCH_SIZE"] == config.batch_size
    assert constants["SEED"] == config.seed
    assert constants["LEARNING_RATE"] == config.rate
    held_out = constants.get("VALIDATION_IMAGES", 0)
    assert isinstance(constants["TRAINING_IMAGES"], int) and isinstance(held_out, int)
    assert constants["TRAINING_IMAGES"] + held_out == config.training_images
    assert ("validation_data" in script) is (config.validation != "none")
    assert ("OneCycle()" in script) is (config.schedule == "one_cycle")


@pytest.mark.parametrize("text", _NASTY)
def test_what_anybody_typed_stands_in_the_program_as_a_quoted_text_alone(text: str) -> None:
    named = dataclasses.replace(_SMALLEST, name=text, title=text)
    plain = keras_script(TrainingProgram(spec=dataclasses.replace(_SMALLEST, title="A"), config=_SHORT))
    script = keras_script(TrainingProgram(spec=named, config=_SHORT))
    assert _constants(script)["TITLE"] == text
    assert script.replace(literal(text), '"A"') == plain
    notebook = nbformat.reads(notebook_bytes(TrainingProgram(spec=named, config=_SHORT)).decode(), 4)
    assert [cell.source for cell in notebook.cells if literal(text) in cell.source] == [notebook.cells[6].source]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", file_stem([text]))


def test_what_the_script_cannot_repeat_is_said() -> None:
    program = TrainingProgram(
        spec=_SMALLEST,
        config=dataclasses.replace(_SHORT, augmentation="gentle", own_digits="0123456789ab", epochs=20),
        has_parents=True,
        stopped_after=2,
    )
    assert len(program.not_repeated()) == 4
    assert "The run was stopped after 2 of 20 epochs" in program.not_repeated()[1]
    words = " ".join(keras_script(program).split())
    assert all(sentence in words for sentence in program.not_repeated())
    assert "0123456789ab" not in words
    alone = dataclasses.replace(program, config=dataclasses.replace(program.config, replay="none"))
    assert "somebody's own digits alone" in " ".join(keras_script(alone).split())


def test_images_that_keras_does_not_have_must_be_named() -> None:
    script = keras_script(
        TrainingProgram(spec=_SMALLEST, config=TrainingConfig(dataset="pen_digits", training_images=4_000))
    )
    assert "keras.datasets" not in script and "SystemExit" in script


def test_the_notebook_is_valid_and_runs_with_its_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGES_FILE", str(MNIST_FILE))
    notebook = nbformat.reads(notebook_bytes(TrainingProgram(spec=_SMALLEST, config=_SHORT)).decode(), 4)
    nbformat.validate(notebook)
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(tmp_path)}}).execute()
    pictures = [
        kind
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
        if kind.startswith("image/")
    ]
    assert sorted(pictures) == ["image/png"] * 3 + ["image/svg+xml"] * 2
