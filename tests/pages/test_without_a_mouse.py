"""What a click on a chart does, done by a list or a box of numbers instead."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.datasets.loading import load_dataset
from model_lib.storage.run import Run
from tests.pages.test_look_inside import _metrics, _open
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers
from tests.support.fake_evaluations import finished_run as run_with_answers
from tests.support.patience import run_until_computed
from tests.support.sample_networks import ALL_KINDS, finished_run, inner_outputs, network_with_random_weights

_IMAGES = load_dataset("mnist").test.images


@pytest.fixture
def run(runs_folder: Path) -> Run:
    """A network with all kinds of layers."""
    return finished_run(ALL_KINDS, runs_folder)


def _address(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else value


def test_a_pixel_is_chosen_by_its_row_and_its_column(run: Run) -> None:
    outputs = inner_outputs(network_with_random_weights(ALL_KINDS, 1), _IMAGES[5] / np.float32(255))["conv2d_2"]
    app = _open("look_inside", run, layer="conv2d_2", filter="1", pixel="0-0", image="test-5")
    for axis, number, place in (("Row", 4, (4, 0)), ("Column", 2, (4, 2)), ("Row", 1, (1, 2))):
        app.number_input(key=f"look-inside-pixel-{axis}").set_value(number)
        run_until_computed(app.run())
        assert _metrics(app)["check by ONNX Runtime"] == f"{outputs[(*place, 1)]:.4f}"
        assert _address(app, "pixel") == f"{place[0]}-{place[1]}"
        # The frame follows, also back to a pixel that was clicked before.
        (chart,) = [each for each in app.get("plotly_chart") if "Conv2D 2, map 1" in str(each.proto.spec)]
        width = outputs.shape[1]
        assert f'"selectedpoints":[{place[0] * width + place[1]}]' in chart.proto.spec


def test_a_filter_is_chosen_by_its_number(run: Run) -> None:
    app = _open("see_filters", run, layer="conv2d_1")
    app.number_input(key="look-inside-number-Filter").set_value(3)
    run_until_computed(app.run())
    assert "Filter 3: its weights" in str([chart.proto for chart in app.get("plotly_chart")])


def test_a_point_of_the_map_is_chosen_by_its_number(run: Run) -> None:
    app = _open("embed_images", run, image="test-5")
    app.number_input(key="places-index-2000").set_value(17)
    run_until_computed(app.run())
    assert "Test image 17" in str([chart.proto for chart in app.get("plotly_chart")])
    assert app.number_input(key="places-index-2000").value == 17


def test_one_of_the_images_that_activate_a_filter_most_becomes_the_image_of_all_pages(run: Run) -> None:
    app = _open("visualize_features", run, layer="conv2d_1")
    images = app.selectbox(key="list-strongest-conv2d_1-0")
    assert len(images.options) == 9
    images.select_index(2)
    run_until_computed(app.run())
    assert images.options[2].split(",")[0] in app.success[0].value


@pytest.fixture
def mistakes(runs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page Review mistakes for a network with 400 mistakes."""
    monkeypatch.setattr("ui.mistakes.image._neighbours", lambda *_: None)
    app = AppTest.from_file(PROJECT / "pages" / "review_mistakes.py", default_timeout=120)
    app.query_params["run"] = run_with_answers(runs_folder, answers(mistakes=400)).id
    app.run()
    assert not app.exception
    return app


def _most_confident_mistakes() -> np.ndarray:
    evaluation = answers(mistakes=400)
    wrong = np.flatnonzero(evaluation.predictions != evaluation.labels)
    return wrong[np.argsort(-evaluation.probabilities[wrong].max(axis=1), kind="stable")]


def test_an_image_of_the_gallery_is_opened_from_a_list_in_its_order(mistakes: AppTest) -> None:
    (images,) = [box for box in mistakes.selectbox if box.label == "Open an image of this page"]
    wrong = _most_confident_mistakes()[:25]
    assert [title.split(":")[0] for title in images.options] == [f"Test image {index}" for index in wrong]
    images.select_index(3).run()
    assert not mistakes.exception
    assert mistakes.header[0].value == f"Test image {wrong[3]}"


def test_a_cell_of_the_matrix_is_chosen_from_a_list_that_names_its_images(mistakes: AppTest) -> None:
    evaluation = answers(mistakes=400)
    cells = mistakes.selectbox(key="matrix_cell")
    label, prediction, count = (int(number) for number in re.findall(r"\d+", cells.options[0]))
    is_there = (evaluation.labels == label) & (evaluation.predictions == prediction)
    assert label != prediction and count == is_there.sum()
    cells.select_index(0).run()
    assert not mistakes.exception
    assert mistakes.header[0].value == f"{label} predicted as {prediction}: {count} mistakes"
    assert mistakes.selectbox(key="matrix_cell").value == (label, prediction)


def test_one_image_begins_at_the_first_mistake_and_then_stays_at_the_chosen_image(mistakes: AppTest) -> None:
    view = mistakes.segmented_control(key="mistakes_view_control")
    view.select("image").run()
    assert not mistakes.exception
    assert mistakes.header[0].value == f"Test image {_most_confident_mistakes()[0]}"
    next(button for button in mistakes.button if button.label == "Next image").click().run()
    for name in ("gallery", "image"):
        mistakes.segmented_control(key="mistakes_view_control").select(name).run()
    assert mistakes.header[0].value == f"Test image {_most_confident_mistakes()[1]}"


def test_a_link_to_test_image_0_opens_it(runs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.mistakes.image._neighbours", lambda *_: None)
    app = AppTest.from_file(PROJECT / "pages" / "review_mistakes.py", default_timeout=120)
    run = run_with_answers(runs_folder, answers(mistakes=400))
    app.query_params |= {"run": run.id, "view": "image", "image": "test-0"}
    app.run()
    assert app.header[0].value == "Test image 0"
