"""The network's files: other libraries read them and answer as the run does."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.evaluation import load_evaluation
from model_lib.export import child
from model_lib.export.child import make_file
from model_lib.export.exported import ExportedNetwork, ExportError, images_npz
from model_lib.storage.run import Run

_IMAGES = 300


@pytest.fixture
def exported(trained_run: Run) -> ExportedNetwork:
    return ExportedNetwork(str(trained_run.folder))


def _pixels() -> np.ndarray:
    return load_dataset("mnist").test.images[:_IMAGES].astype(np.float32) / 255


def _answers(exported: ExportedNetwork) -> np.ndarray:
    assert exported.folder is not None
    return load_evaluation(Path(exported.folder)).probabilities[:_IMAGES]


def _litert(content: bytes) -> np.ndarray:
    interpreter = Interpreter(model_content=content)
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, (_IMAGES, 28, 28, 1))
    interpreter.allocate_tensors()
    interpreter.set_tensor(place, _pixels()[..., np.newaxis])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def test_the_onnx_file_is_valid_and_answers_as_the_run_does(exported: ExportedNetwork) -> None:
    content = exported.onnx_file()
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert [each.name for each in model.graph.output] == ["output"]
    assert {"flatten_1", "dense_1", "dropout_1", "output"} <= {node.name for node in model.graph.node}
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (answers,) = session.run(None, {"image": _pixels()})
    assert np.abs(answers - _answers(exported)).max() < 1e-5


def test_litert_files_answer_as_the_run_does_and_the_8_bit_one_nearly(exported: ExportedNetwork) -> None:
    plain = make_file(exported, "litert", lambda share: None)
    small = make_file(exported, "litert_8bit", lambda share: None)
    assert np.abs(_litert(plain.content) - _answers(exported)).max() < 1e-5
    assert np.abs(_litert(small.content) - _answers(exported)).max() < 0.05
    assert len(small.content) < len(plain.content) / 3
    assert exported.folder is not None and plain.images == small.images == 10_000
    assert plain.accuracy == pytest.approx(load_evaluation(Path(exported.folder)).accuracy, abs=1e-4)


def test_architecture_and_weights_are_put_together_by_keras(exported: ExportedNetwork, tmp_path: Path) -> None:
    import keras

    made = make_file(exported, "architecture_and_weights", lambda share: None)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.namelist() == ["network.json", "network.weights.h5"]
        archive.extractall(tmp_path)
    network = keras.models.model_from_json((tmp_path / "network.json").read_text())
    network.load_weights(tmp_path / "network.weights.h5")
    assert np.abs(network(_pixels()[..., np.newaxis]).numpy() - _answers(exported)).max() < 1e-5


@pytest.mark.parametrize("end", ["time", "left"])
def test_a_file_that_takes_too_long_or_that_nobody_waits_for_leaves_no_process(
    end: str, exported: ExportedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, real = [], child.subprocess.Popen

    def remember(*arguments: object, **options: object) -> object:
        started.append(real(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    def leave(share: float) -> None:
        if end == "left":
            raise KeyError("nobody waits")

    monkeypatch.setattr(child.subprocess, "Popen", remember)
    with pytest.raises(ExportError if end == "time" else KeyError):
        make_file(exported, "litert", leave, time_limit_seconds=0.3)
    assert started[0].poll() is not None


def test_a_run_without_weights_gets_a_message(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    with pytest.raises(ExportError, match="could not be made"):
        make_file(ExportedNetwork(str(tmp_path / "gone")), "litert", lambda share: None)


def test_the_images_are_packed_as_keras_has_them() -> None:
    with np.load(io.BytesIO(images_npz("pen_digits"))) as arrays:
        assert sorted(arrays.files) == ["x_test", "x_train", "y_test", "y_train"]
        assert arrays["x_train"].shape == (4_996, 28, 28) and arrays["x_train"].dtype == np.uint8
