"""Review mistakes: what it shows of a network, and what it says where there is nothing to show or nothing fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import FASHION_NAMES, DatasetError, load_dataset
from model_lib.evaluation.evaluation import EVALUATION_FILE, Evaluation, load_evaluation
from model_lib.networks import build_network
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run

_SECONDS = 120


def _open(run: Run | None = None, **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "pages" / "review_mistakes.py", default_timeout=_SECONDS)
    if run is not None:
        app.query_params["run"] = run.id
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _text(app: AppTest) -> str:
    kinds: tuple[Any, ...] = (
        app.markdown, app.error, app.info, app.warning, app.success, app.caption, app.title, app.header, app.subheader,
    )  # fmt: skip
    return " ".join(str(element.value) for kind in kinds for element in kind)


def _press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def _figures(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


@pytest.fixture
def run(runs_folder: Path) -> Run:
    """A finished run with 400 mistakes."""
    return finished_run(runs_folder, answers(mistakes=400))


def test_a_finished_run_shows_its_accuracy_matrix_and_mistakes(run: Run) -> None:
    app = _open(run)
    assert app.title[0].value == "Review mistakes"
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Test accuracy"] == "96.00 %"
    assert metrics["Mistakes"] == "400"
    assert set(metrics) == {"Test accuracy", "Test loss", "Mistakes", "Without disputed labels"}
    assert app.header[0].value == "All labels: 400 mistakes"
    assert _figures(app) == 2
    assert "Page 1 of 16" in _text(app)


def test_a_link_to_a_cell_shows_exactly_its_images(run: Run) -> None:
    evaluation = answers(mistakes=400)
    count = int(((evaluation.labels == 5) & (evaluation.predictions == 3)).sum())
    app = _open(run, label="5", read_as="3")
    assert app.header[0].value == f"5 predicted as 3: {count} mistakes"
    assert app.query_params["label"] in ("5", ["5"])


def test_filters_change_the_gallery_and_the_address(run: Run) -> None:
    app = _open(run)
    app.selectbox(key="gallery_label").set_value(5).run()
    app.selectbox(key="gallery_mistakes_only").set_value(False).run()
    assert not app.exception
    assert app.header[0].value == "Label 5: 892 images"
    address = {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}
    assert address["label"] == "5"
    assert address["images"] == "all"


def test_pages_are_turned_and_a_filter_goes_back_to_the_first(run: Run) -> None:
    app = _open(run)
    for page in (3, 2):
        app.pagination[0].select(page).run()
        assert f"Page {page} of 16" in _text(app)
    app.selectbox(key="gallery_per_page").set_value(50).run()
    assert "Page 1 of 8" in _text(app)


def test_the_published_grids_are_one_click_away(run: Run) -> None:
    app = _press(_open(run), "100 images")
    assert app.header[0].value == "All labels: 10,000 images"
    assert "Page 1 of 100" in _text(app)
    assert app.selectbox(key="gallery_captions").value == "predictions"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("classes", "Most frequent confusions"),
        ("certainty", "Expected calibration error"),
        ("labels", "for which all good networks predict the same class"),
    ],
)
def test_every_view_can_be_linked_to(run: Run, view: str, words: str) -> None:
    assert words in _text(_open(run, view=view))


def test_a_worst_confusion_leads_to_its_images(run: Run) -> None:
    app = _open(run, view="classes")
    worst = next(button for button in app.button if "predicted as" in button.label)
    words, count = worst.label.split(": ")
    worst.click().run()
    assert not app.exception
    assert app.header[0].value == f"{words}: {count.removesuffix(' times')} mistakes"


def test_a_perfect_run_is_said_to_be_perfect(runs_folder: Path) -> None:
    app = _open(finished_run(runs_folder, answers(mistakes=0)))
    assert "predicts every test image correctly" in _text(app)
    assert {metric.label: metric.value for metric in app.metric}["Test accuracy"] == "100.00 %"
    app = _open(finished_run(runs_folder, answers(mistakes=0)), view="classes")
    assert "makes no mistake" in _text(app)


@pytest.mark.parametrize(
    "address",
    [{"label": "99"}, {"sort": "beauty"}, {"view": "everything"}, {"page": "minus one"}, {"images": "none"}],
)
def test_nonsense_in_the_address_is_explained_and_the_gallery_is_shown(run: Run, address: dict[str, str]) -> None:
    app = _open(run, **address)
    assert "does not exist" in app.warning[0].value
    assert app.header[0].value == "All labels: 400 mistakes"
    app.run()
    assert not app.warning, "said once, not at every click"


@pytest.mark.parametrize("image", ["test-99999", "test-", "banana", "test--1"])
def test_an_image_that_does_not_exist_is_explained(run: Run, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.mistakes.image._neighbours", lambda *_: None)
    app = _open(run, view="image", image=image)
    assert "test images are test-0 to test-9999" in app.warning[0].value
    assert "Test image 0" in _text(app)


def test_a_page_beyond_the_last_shows_the_last(run: Run) -> None:
    text = _text(_open(run, page="77"))
    assert "There are only 16 pages" in text
    assert "Page 16 of 16" in text


def test_a_choice_that_no_image_fits_says_so_and_offers_none(run: Run) -> None:
    app = _open(run, label="5", read_as="5")
    assert "No test image fits" in _text(app)
    assert "Open an image of this page" not in [box.label for box in app.selectbox]


def test_one_image_shows_its_label_its_dispute_and_the_other_networks(
    run: Run, runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.mistakes.image._neighbours", lambda *_: None)
    finished_run(runs_folder, answers(mistakes=300, seed=2))
    app = _open(run, view="image", image="test-947")
    text = _text(app)
    assert "Label **8**" in text
    assert "most of five people saw a 9" in text
    table = app.dataframe[0].value
    assert len(table) >= 2
    assert set(table.columns) == {"network", "prediction", "confidence", "correct"}


def test_a_run_that_has_not_finished_an_epoch_says_what_to_wait_for(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    assert "has not finished its first epoch" in _text(_open(run))


def _wait(app: AppTest) -> AppTest:
    """Runs the page again, as its progress bar does, until it has something to show."""
    for _ in range(200):
        if app.metric:
            return app
        app.run()
    raise TimeoutError(_text(app))


def test_a_run_still_training_is_evaluated_after_its_newest_epoch(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    network = build_network(PRESETS["mlp"], seed=1)
    save_checkpoint(run.folder, 1, build_network(PRESETS["mlp"], seed=2).get_weights())
    save_checkpoint(run.folder, 2, network.get_weights())
    run.set_state("running")
    app = _wait(_open(run))
    test = load_dataset("mnist").test
    told = network.predict(test.images.astype(np.float32)[..., np.newaxis] / 255, verbose=0).argmax(axis=1)
    assert {metric.label: metric.value for metric in app.metric}["Mistakes"] == f"{(told != test.labels).sum():,}"
    assert "after epoch 2" in _text(app)


def test_a_damaged_evaluation_is_made_again(runs_folder: Path) -> None:
    run = finished_run(runs_folder, answers(mistakes=400))
    save_checkpoint(run.folder, 1, build_network(PRESETS["mlp"], seed=1).get_weights())
    file = run.folder / EVALUATION_FILE
    file.write_bytes(file.read_bytes()[:1000])
    _wait(_open(run))
    assert len(load_evaluation(run.folder).labels) == 10_000


def test_a_damaged_evaluation_without_weights_is_explained(runs_folder: Path) -> None:
    run = finished_run(runs_folder, answers(mistakes=400))
    (run.folder / EVALUATION_FILE).unlink()
    app = _open(run)
    for _ in range(200):
        if app.error:
            break
        app.run()
    assert "no whole checkpoint" in app.error[0].value


def test_a_run_with_damaged_settings_is_explained(run: Run) -> None:
    (run.folder / "config.json").write_text("{", encoding="utf-8")
    assert "damaged" in _open(run).error[0].value


def test_fashion_has_names_not_digits(runs_folder: Path) -> None:
    try:
        data = load_dataset("fashion_mnist")
    except DatasetError:
        pytest.skip("Fashion-MNIST is not on this machine")
    told = (data.test.labels.astype(int) + (np.arange(10_000) < 50)) % 10
    evaluation = Evaluation(np.eye(10, dtype=np.float32)[told], data.test.labels, "fashion_mnist")
    run = finished_run(runs_folder, evaluation)
    app = _open(run, label="9", read_as="0")
    assert app.header[0].value.startswith(f"{FASHION_NAMES[9]} predicted as {FASHION_NAMES[0]}: ")
    assert "Without disputed labels" not in {metric.label for metric in app.metric}
