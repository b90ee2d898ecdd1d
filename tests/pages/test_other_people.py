"""Tested on other people: the Mistakes and Train pages show both accuracies, and all of Mistakes works on both sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from streamlit.testing.v1 import AppTest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import TEST_WRITERS, load_dataset
from model_lib.evaluation.evaluation import Evaluation, load_evaluation
from model_lib.networks import build_network
from model_lib.predictions import PRETRAINED_FOLDER, PROVENANCE_FILE
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.events import Evaluated, append_event
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run
from ui.mistakes import other_people
from ui.mistakes.selection import choose_writer

_PEN = answers(mistakes=125, dataset="pen_digits")  # of 2,498: 95.00 % right


def _open(run: Run | None = None, script: str = "pages/review_mistakes.py", **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / script, default_timeout=120)
    if run is not None:
        app.query_params["run"] = run.id
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _text(app: AppTest) -> str:
    kinds: tuple[Any, ...] = (app.markdown, app.error, app.info, app.warning, app.caption, app.header, app.subheader)
    return " ".join(str(element.value) for kind in kinds for element in kind)


def _metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def _test_on(app: AppTest, test_set: str) -> AppTest:
    app.segmented_control(key="test_set_control").select(test_set).run()
    assert not app.exception
    return app


@pytest.fixture
def run(runs_folder: Path) -> Run:
    """A run with 60 mistakes on MNIST and 125 on other people's digits."""
    return finished_run(runs_folder, answers(mistakes=60), _PEN)


def test_both_accuracies_stand_side_by_side_with_what_they_teach(run: Run) -> None:
    app = _open(run)
    assert _metrics(app)["Test accuracy"] == "99.40 %"
    assert _metrics(app)["Other people's digits"] == "95.00 %"
    assert accuracy_score(_PEN.labels, _PEN.predictions) == pytest.approx(0.95, abs=5e-5)
    lesson = app.info[0].value
    assert "is **99.40 %** on MNIST's test images, and **95.00 %** on 2,498 digits that 10 people drew" in lesson


def test_the_other_test_set_is_chosen_by_a_click_and_stands_in_the_address(run: Run) -> None:
    app = _open(run)
    _test_on(app, "pen_digits")
    assert app.query_params["test"] in ("pen_digits", ["pen_digits"])
    metrics = _metrics(app)
    assert (metrics["Test accuracy"], metrics["MNIST's test images"]) == ("95.00 %", "99.40 %")
    assert "Without disputed labels" not in metrics
    assert app.header[0].value == "All labels: 125 mistakes"
    _test_on(app, "mnist")
    assert app.header[0].value == "All labels: 60 mistakes"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("classes", "Most frequent confusions"),
        ("writers", "Everybody writes"),
        ("certainty", "Expected calibration error"),
        ("labels", "for which all good networks predict the same class"),
    ],
)
def test_every_view_shows_the_other_test_set(run: Run, view: str, words: str) -> None:
    app = _open(run, test="pen_digits", view=view)
    assert words in _text(app)
    assert _metrics(app)["Mistakes"] == "125"


def test_a_bar_leads_to_the_mistakes_of_one_person(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    charts: dict[str, Any] = {}
    monkeypatch.setattr("ui.mistakes.writers.clickable_chart", lambda figure, *rest, **_: charts.update(click=rest[2]))
    _open(run, test="pen_digits", view="writers")
    assert charts["click"] is choose_writer
    writers = _PEN.writers
    assert writers is not None
    count = int((_PEN.is_mistake & (writers == 12)).sum())
    app = _open(run, test="pen_digits", writer="12")
    assert app.header[0].value == f"All labels: {count} mistakes by person 12"
    app.selectbox(key="gallery_writer").set_value("all").run()
    assert app.header[0].value == "All labels: 125 mistakes"


def test_mnist_has_no_people_to_choose_from(run: Run) -> None:
    app = _open(run, view="writers", writer="12")
    assert "Person by person" not in app.segmented_control(key="mistakes_view_control").options
    assert app.header[0].value == "All labels: 60 mistakes"
    assert "gallery_writer" not in {box.key for box in app.selectbox}


def test_one_image_says_who_drew_it_and_what_other_networks_say(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.mistakes.image._neighbours", lambda *_: None)
    app = _open(run, test="pen_digits", view="image", image="pen_digits-700")
    writers = load_dataset("pen_digits").test.writers
    assert writers is not None
    assert app.header[0].value == f"Test image 700, drawn by person {writers[700]}"
    assert len(app.dataframe[0].value) == 2  # the bundled network and this one
    _test_on(app, "mnist")
    assert app.header[0].value == "All labels: 60 mistakes", "the image of the other set is left"
    app = _open(run, view="image", image="pen_digits-700")
    assert "The chosen image is of other test images" in app.info[0].value


def test_the_nearest_images_of_another_persons_digit_are_training_images(runs_folder: Path) -> None:
    run = finished_run(runs_folder, answers(mistakes=60), _PEN)
    save_checkpoint(run.folder, 1, build_network(PRESETS["mlp"], seed=1).get_weights())
    app = _open(run, test="pen_digits", view="image", image="pen_digits-3")
    for _ in range(300):
        if "The training images whose embedding" in _text(app):
            return
        app.run()
    raise TimeoutError(_text(app))


def test_a_run_of_an_older_version_is_tested_on_other_people_when_one_looks(runs_folder: Path) -> None:
    run = finished_run(runs_folder, answers(mistakes=60))
    network = build_network(PRESETS["mlp"], seed=1)
    save_checkpoint(run.folder, 1, network.get_weights())
    app = _open(run)
    assert "Other people's digits" not in _metrics(app)
    assert "Choose them above" in _text(app)
    _test_on(app, "pen_digits")
    for _ in range(200):
        if app.metric:
            break
        app.run()
    test = load_dataset("pen_digits").test
    told = network.predict(test.images[..., np.newaxis] / np.float32(255), verbose=0).argmax(axis=1)
    assert _metrics(app)["Mistakes"] == f"{(told != test.labels).sum():,}"
    assert load_evaluation(run.folder, "pen_digits").dataset == "pen_digits"
    assert "Other people's digits" in _metrics(_open(run))


def test_the_bundled_network_is_tested_on_other_people_at_once() -> None:
    app = _open()
    evaluation = load_evaluation(PRETRAINED_FOLDER, "pen_digits")
    expected = accuracy_score(evaluation.labels, evaluation.probabilities.argmax(axis=1))
    assert _metrics(app)["Other people's digits"] == f"{100 * expected:.2f} %"
    writers = json.loads(PROVENANCE_FILE.read_text(encoding="utf-8"))["pen_digits_writers"]
    assert f"It was trained on MNIST and {len(writers)} other people's pen digits." in app.info[0].value


@pytest.mark.parametrize("writers", [TEST_WRITERS, TEST_WRITERS[:1]])
def test_a_network_that_has_seen_these_people_is_marked_and_not_called_tested(
    writers: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(other_people, "pretrained_writers", lambda: frozenset(writers))
    app = _open()
    assert "Other people's digits" not in _metrics(app)
    assert not app.info
    app = _open(test="pen_digits")
    assert "Test accuracy" not in _metrics(app)
    assert "Accuracy on people it was trained on" in _metrics(app)
    assert "this is no test" in app.warning[0].value


def test_clothes_are_not_tested_on_digits(runs_folder: Path) -> None:
    labels = np.arange(10_000, dtype=np.uint8) % 10
    run = finished_run(runs_folder, Evaluation(np.eye(10, dtype=np.float32)[labels], labels, "fashion_mnist"))
    app = AppTest.from_file(PROJECT / "pages" / "review_mistakes.py", default_timeout=120)
    app.query_params |= {"run": run.id, "test": "pen_digits", "view": "classes"}
    app.run()
    assert not app.exception
    assert "test_set_control" not in {each.key for each in app.segmented_control}
    assert _metrics(app)["Test accuracy"] == "100.00 %"


def test_a_test_set_that_does_not_exist_is_explained(run: Run) -> None:
    app = _open(run, test="letters")
    assert "test=letters, which does not exist" in app.warning[0].value
    assert _metrics(app)["Test accuracy"] == "99.40 %"


@pytest.mark.parametrize(
    ("dataset", "label"), [("mnist", "Other people's digits"), ("pen_digits", "MNIST's test images")]
)
def test_the_end_of_a_training_shows_both_accuracies(dataset: str, label: str, runs_folder: Path) -> None:
    config = TrainingConfig(dataset=dataset, training_images=1000)
    run = create_run(PRESETS["mlp"], config, runs_folder)
    outcome = Evaluated(test_loss=0.1, test_accuracy=0.97, seconds=1.0, epochs=1, other_test_accuracy=0.91)
    append_event(run.folder, outcome)
    run.set_state("finished")
    metrics = _metrics(_open(run, "app.py"))
    assert (metrics["Test accuracy"], metrics[label]) == ("97.00 %", "91.00 %")


def test_a_training_of_an_older_version_has_no_such_figure(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    append_event(run.folder, Evaluated(test_loss=0.1, test_accuracy=0.97, seconds=1.0, epochs=1))
    run.set_state("finished")
    assert set(_metrics(_open(run, "app.py"))) == {"Test accuracy", "Test loss", "Seconds", "Parameters"}
