"""The page Six programs: each part, its result, its place in the app, the training by one click, and the address."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.datasets.image_set_names import split_name
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import read_json, write_json
from model_lib.programs.source import PROGRAMS, load_program
from model_lib.runs import list_runs
from model_lib.storage.lineage import Ancestor, parents_entry
from model_lib.storage.run import CONFIG_FILE, Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run
from ui.programs import places, preset_runs
from ui.programs.run_results import needs_training
from ui.programs.selection import Choice, parse_choice
from ui.shared.run_list import forget_listed_runs


def run_with_answers(root: Path, evaluation: Evaluation, preset: str = "mlp", **changes: Any) -> Run:
    """Makes a run that has ended, with the settings of the program but for some."""
    return finished_run(root, evaluation, preset=preset, config=replace(PRESET_CONFIGS[preset], **changes))


def _open(program: str, line: str) -> AppTest:
    forget_listed_runs()
    app = AppTest.from_file(PROJECT / "pages" / "read_programs.py", default_timeout=120)
    app.query_params |= {"program": program, "line": line}
    return _run(app)


def _run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def _text(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.code, app.info, app.success, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def _labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def _parts_that_differ() -> list[tuple[str, str]]:
    """Returns one program and part for each kind of part."""
    found: dict[str, tuple[str, str]] = {}
    for name in reversed(PROGRAMS):
        for part in load_program(name).parts:
            found.setdefault(part.kind, (name, part.id))
    return list(found.values())


def test_the_page_opens_with_the_shapes_and_the_first_images() -> None:
    app = _open("", "")
    assert app.selectbox(key="program-name").value == "mlp"
    assert app.header[0].value == "Lines 11 to 13"
    assert "x_train.shape (60000, 28, 28)  uint8" in _text(app)
    assert "y_test.shape (10000,)  uint8" in _text(app)
    (chart,) = app.get("plotly_chart")
    assert "The first 10 training images" in chart.proto.alt
    assert str(load_dataset("mnist").train.labels[:5].tolist()) in chart.proto.alt
    assert dict(app.query_params) == {"program": "mlp", "line": "load"}


def test_every_part_opens_with_its_lines_and_before_a_training_says_what_it_needs() -> None:
    for program, line in _parts_that_differ():
        app = _open(program, line)
        part = load_program(program).part(line)
        assert part is not None
        assert str(part.lines[0]) in app.header[0].value
        assert ("Train it first" in _text(app)) == needs_training(part), line
        assert _labels(app).count("Train it") == 1 + needs_training(part)


def test_a_layer_shows_its_shapes_and_the_count_of_its_parameters() -> None:
    table = _open("two_conv", "conv2d_2").table[0].value
    assert table["Conv2D"].tolist() == ["14 x 14 x 16", "14 x 14 x 36", "(5 x 5 x 16 + 1) x 36 = 14,436"]


def test_another_program_keeps_the_part_of_the_same_name_or_begins_with_the_images() -> None:
    app = _open("mnist_cnn", "compile")
    app.selectbox(key="program-name").set_value("cnn_5x5")
    assert "`from_logits=True`" in _text(_run(app))
    assert dict(app.query_params) == {"program": "cnn_5x5", "line": "compile"}
    app.selectbox(key="program-name").set_value("mlp")
    _run(app)
    app = _open("cnn_3x3", "callback")
    app.selectbox(key="program-name").set_value("mlp")
    assert dict(_run(app).query_params) == {"program": "mlp", "line": "load"}


@pytest.mark.parametrize(
    "address", [{"program": "vgg"}, {"line": "one_hot"}, {"line": "<b>"}, {"program": "mlp", "line": "conv2d_1"}, {}]
)
def test_what_no_program_has_is_left_out_of_an_address(address: dict[str, str]) -> None:
    assert parse_choice(address) == Choice()


def test_one_click_trains_the_programs_network_and_a_second_one_does_not_train_it_twice(
    no_workers: None, runs_folder: Path
) -> None:
    app = _open("mnist_cnn", "evaluate")
    app.button(key="train_program_here").click()
    _run(app)
    (run,) = list_runs(runs_folder)
    assert (run.spec, run.config) == (PRESETS["mnist_cnn"], PRESET_CONFIGS["mnist_cnn"])
    assert app.button(key="train_program").disabled
    assert "appears here when the training has ended" in _text(app)
    assert preset_runs._start("mnist_cnn") is None
    assert list_runs(runs_folder) == [run]


def test_what_is_trained_again_has_another_seed(no_workers: None, runs_folder: Path) -> None:
    first = run_with_answers(runs_folder, answers(mistakes=200))
    app = _open("mlp", "grid")
    assert app.button(key="train_program").label == "Train it with another seed"
    app.button(key="train_program").click()
    _run(app)
    (newest,) = set(list_runs(runs_folder)) - {first}
    assert newest.config.seed != PRESET_CONFIGS["mlp"].seed
    assert "The first 100 test images" in _text(app), "the last result stays"


def test_a_run_of_another_network_is_no_result_of_a_program(runs_folder: Path) -> None:
    run_with_answers(runs_folder, answers(mistakes=200))
    assert "Train it first" in _text(_open("two_conv", "confusion"))


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "fashion_mnist"},
        {"dataset": split_name("own_125_" + "0" * 32), "training_images": 100},
        {"epochs": 1},
        {"learning_rate": 0.1},
    ],
)
def test_a_run_on_other_images_or_with_other_settings_is_no_result_of_a_program(
    changes: dict[str, Any], runs_folder: Path
) -> None:
    run_with_answers(runs_folder, _first_answers(25), **changes)
    assert "Train it first" in _text(_open("mlp", "grid"))


def test_a_network_that_was_trained_on_is_no_result_of_a_program(runs_folder: Path) -> None:
    run = run_with_answers(runs_folder, answers(mistakes=200))
    before = Ancestor("20260101-000000-abcd", "Digits", 3, ("mnist",), False)
    write_json(run.folder / CONFIG_FILE, read_json(run.folder / CONFIG_FILE) | parents_entry([before]))
    assert "Train it first" in _text(_open("mlp", "grid"))


def test_a_run_with_another_seed_or_with_its_learning_rate_written_out_is_a_result_of_a_program(
    runs_folder: Path,
) -> None:
    run_with_answers(runs_folder, answers(mistakes=200), seed=7, learning_rate=0.001)
    assert "The first 100 test images" in _text(_open("mlp", "grid"))


def test_few_answers_and_no_mistakes_are_shown_as_they_are(runs_folder: Path) -> None:
    run_with_answers(runs_folder, _first_answers(25))
    run_with_answers(runs_folder, answers(mistakes=0), preset="two_conv")
    assert "The first 25 test images" in _text(_open("mlp", "grid"))
    assert "0 mistakes." in _text(_open("two_conv", "gallery"))


def _first_answers(count: int) -> Evaluation:
    whole = answers(mistakes=200)
    return Evaluation(whole.probabilities[:count], whole.labels[:count], "mnist")


def _answers() -> tuple[np.ndarray, np.ndarray]:
    evaluation = answers(mistakes=400)
    return evaluation.labels, evaluation.predictions


def test_after_a_training_the_results_are_those_of_its_network(runs_folder: Path) -> None:
    run = run_with_answers(runs_folder, answers(mistakes=400))
    labels, predictions = _answers()
    assert "test accuracy  96.00 %" in _text(_open("mlp", "evaluate"))
    assert f"predictions  {predictions[:10]}" in _text(_open("mlp", "predict"))
    app = _open("mlp", "grid")
    assert str(predictions[:100].reshape(10, 10)) in _text(app)
    wrong = int((predictions[:100] != labels[:100]).sum())
    assert f"{wrong} wrong ones have a frame" in app.get("plotly_chart")[0].proto.alt
    assert f"From the training {run.title}" in _text(app)


def test_the_mistakes_are_those_of_its_network(runs_folder: Path) -> None:
    evaluation = answers(mistakes=2000)
    run_with_answers(runs_folder, evaluation, preset="two_conv")
    labels, predictions = evaluation.labels, evaluation.predictions
    chosen = np.flatnonzero((labels == 5) & (predictions == 3))
    assert len(chosen)
    assert str(chosen) in _text(_open("two_conv", "chosen"))
    assert "2,000 mistakes; the first 25:" in _text(_open("two_conv", "gallery"))
    (chart,) = _open("two_conv", "confusion").get("plotly_chart")
    assert "8,000 of 10,000 images predicted correctly" in chart.proto.alt


def test_architecture_and_weights_are_those_that_keras_has_saved(runs_folder: Path) -> None:
    run = run_with_answers(runs_folder, answers(mistakes=400), preset="mlp_batchnorm")
    assert "damaged or have been deleted" in _open("mlp_batchnorm", "weights").error[0].value
    with zipfile.ZipFile(run.folder / "network.keras", "w") as file:
        file.writestr("config.json", '{"class_name": "Functional"}')
        file.writestr("model.weights.h5", b"1234")
    assert "A file of 4 bytes" in _text(_open("mlp_batchnorm", "weights"))
    assert "Functional" in _open("mlp_batchnorm", "architecture").json[0].value


def test_the_button_of_a_place_opens_it_whatever_the_visit_has_seen_there(runs_folder: Path) -> None:
    run = run_with_answers(runs_folder, answers(mistakes=400))
    forget_listed_runs()
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    app.query_params |= {"label": "3"}
    app.switch_page("pages/review_mistakes.py")
    assert "Label 3" in _run(app).header[0].value
    app.query_params.clear()
    app.query_params |= {"program": "mlp", "line": "grid"}
    app.switch_page("pages/read_programs.py")
    _run(app)
    app.button(key="place-mlp-grid-0").click()
    _run(app)
    assert app.title[0].value == "Review mistakes"
    assert app.header[0].value == "All labels: 10,000 images"
    assert app.query_params["run"] == run.id


def test_places_lead_to_pages_that_there_are() -> None:
    for places_of_kind in places._PLACES.values():
        for place in places_of_kind:
            if place.page != places._IDEAS:
                assert (PROJECT / place.page).exists()


def test_a_training_whose_files_are_damaged_is_said_to_be_so(runs_folder: Path) -> None:
    run = run_with_answers(runs_folder, answers(mistakes=400))
    (run.folder / "evaluation.npz").write_bytes(b"damaged")
    assert "Train the network again" in _open("mlp", "evaluate").error[0].value
