"""The network's files: other libraries read them and answer as the run does."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import onnx
import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.evaluation import Evaluation, load_evaluation
from model_lib.export import child
from model_lib.export.child import make_file
from model_lib.export.exported import ExportedNetwork, ExportError, images_npz
from model_lib.runs import create_run
from model_lib.storage.run import Run
from tests.support.file_readers import (
    architecture_answers,
    csv_answers,
    keras_answers,
    litert_answers,
    onnx_answers,
)

_CLOSE = 1e-5


@pytest.fixture
def exported(trained_run: Run) -> ExportedNetwork:
    return ExportedNetwork(str(trained_run.folder))


@pytest.fixture
def kept(trained_run: Run) -> Evaluation:
    return load_evaluation(trained_run.folder)


def _images() -> np.ndarray:
    return load_dataset("mnist").test.images.astype(np.float32) / 255


def _difference(answers: np.ndarray, kept: Evaluation) -> float:
    assert answers.shape == (10_000, 10)
    return float(np.abs(answers - kept.probabilities).max())


def test_the_keras_file_answers_as_the_run_does(exported: ExportedNetwork, kept: Evaluation) -> None:
    content = exported.keras_file()
    assert content is not None
    assert _difference(keras_answers(content, _images()), kept) < _CLOSE


def test_the_onnx_file_is_valid_and_answers_as_the_run_does(exported: ExportedNetwork, kept: Evaluation) -> None:
    content = exported.onnx_file()
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert [each.name for each in model.graph.output] == ["output"]
    assert {"flatten_1", "dense_1", "dropout_1", "output"} <= {node.name for node in model.graph.node}
    assert _difference(onnx_answers(content, _images()), kept) < _CLOSE


def test_litert_files_answer_as_the_run_does_and_the_8_bit_one_nearly(
    exported: ExportedNetwork, kept: Evaluation
) -> None:
    plain = make_file(exported, "litert", lambda share: None)
    small = make_file(exported, "litert_8bit", lambda share: None)
    of_small = litert_answers(small.content, _images())
    assert _difference(litert_answers(plain.content, _images()), kept) < _CLOSE
    assert _difference(of_small, kept) < 0.1
    assert len(small.content) < len(plain.content) / 3
    assert plain.images == small.images == 10_000
    assert plain.accuracy == pytest.approx(kept.accuracy, abs=1e-4)
    assert small.accuracy == pytest.approx((of_small.argmax(axis=1) == kept.labels).mean(), abs=3e-4)


@pytest.mark.training
def test_the_8_bit_file_survives_a_normalization_of_pixels_that_are_always_black(tmp_path: Path) -> None:
    from model_lib.training.loop import train

    config = TrainingConfig(epochs=1, training_images=6_000, validation="none")
    run = create_run(PRESETS["mlp_batchnorm"], config, tmp_path)
    assert train(run) == "finished"
    kept = load_evaluation(run.folder)
    made = make_file(ExportedNetwork(str(run.folder)), "litert_8bit", lambda share: None)
    predictions = litert_answers(made.content, _images()).argmax(axis=1)
    assert (predictions == kept.labels).mean() > kept.accuracy - 0.01 > 0.8


def test_architecture_and_weights_are_put_together_by_keras(exported: ExportedNetwork, kept: Evaluation) -> None:
    made = make_file(exported, "architecture_and_weights", lambda share: None)
    assert _difference(architecture_answers(made.content, _images()), kept) < _CLOSE


def test_the_table_of_answers_has_the_runs(exported: ExportedNetwork, kept: Evaluation) -> None:
    probabilities, predictions, labels = csv_answers(exported.answers_csv())
    assert _difference(probabilities, kept) < 1e-6  # six digits behind the point
    assert (predictions == kept.predictions).all() and (labels == kept.labels).all()


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
