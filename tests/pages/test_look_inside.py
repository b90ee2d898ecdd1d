"""The Look inside pages: each of them for each kind of network, and what they say when something does not fit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.network import NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.patience import run_until_computed
from tests.support.sample_networks import (
    ALL_KINDS,
    AVERAGED,
    DENSE,
    MANY_FILTERS,
    finished_run,
    inner_outputs,
    network_with_random_weights,
)
from ui.shared import loaders, selection
from ui.shared.visit import key_of

_PAGES = ("look_inside", "see_filters", "visualize_features", "switch_off_filters", "explain_answer", "embed_images")
_SECONDS = 120
_TEST = load_dataset("mnist").test


def _open(page: str, run: Run | None, **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "pages" / f"{page}.py", default_timeout=_SECONDS)
    if run is not None:
        app.query_params["run"] = run.id
    for name, value in address.items():
        app.query_params[name] = value
    return run_until_computed(app.run())


def _text(app: AppTest) -> str:
    kinds: tuple[Any, ...] = (app.markdown, app.error, app.info, app.warning, app.caption, app.title)
    return " ".join(str(element.value) for kind in kinds for element in kind)


def _metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def _charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


@pytest.mark.parametrize("page", _PAGES)
@pytest.mark.parametrize("spec", [ALL_KINDS, AVERAGED, DENSE], ids=lambda spec: spec.name)
def test_every_page_opens_for_every_kind_of_network(page: str, spec: NetworkSpec, runs_folder: Path) -> None:
    app = _open(page, finished_run(spec, runs_folder))
    assert not app.error
    assert _charts(app) >= 1


def test_the_random_filters_need_no_network() -> None:
    app = _open("try_convolutions", None)
    # The image, the filter and the result, twice; sixteen maps before and after pooling.
    assert _charts(app) == 8
    before = app.caption[0].value
    next(button for button in app.button if button.label == "New seed").click().run()
    assert app.caption[0].value != before


@pytest.mark.parametrize(
    ("layer", "place"), [("conv2d_2", (1, 2, 3)), ("max_pooling2d_1", (6, 6, 4)), ("batch_normalization_1", (0, 13, 2))]
)
def test_the_address_names_a_pixel_and_the_page_shows_what_keras_computed(
    layer: str, place: tuple[int, int, int], runs_folder: Path
) -> None:
    row, column, unit = place
    run = finished_run(ALL_KINDS, runs_folder)
    app = _open("look_inside", run, layer=layer, filter=str(unit), pixel=f"{row}-{column}", image="test-5")
    outputs = inner_outputs(network_with_random_weights(ALL_KINDS, 1), _TEST.images[5] / np.float32(255))
    assert _metrics(app)["check by ONNX Runtime"] == f"{outputs[layer][place]:.4f}"
    assert app.selectbox(key="look-inside-Layer").value == layer


def test_another_layer_is_chosen_from_the_list_and_kept_on_the_next_page(runs_folder: Path) -> None:
    run = finished_run(ALL_KINDS, runs_folder)
    app = _open("look_inside", run, filter="0")
    app.selectbox(key="look-inside-Layer").select("conv2d_3")
    run_until_computed(app.run())
    assert app.query_params["layer"] == "conv2d_3"
    assert "Sum of 24 products" in _metrics(app)  # 2 x 2 pixels of 6 maps


def test_a_network_without_convolutions_says_so_and_shows_what_there_is(runs_folder: Path) -> None:
    run = finished_run(DENSE, runs_folder)
    app = _open("look_inside", run, filter="0")
    assert "no convolutions" in _text(app)
    assert "Sum of 784 products" in _metrics(app)
    assert "28 x 28" in _text(_open("see_filters", run))
    assert "no convolutions" in _text(_open("explain_answer", run))


def test_the_first_grad_cam_of_the_ready_made_network_shows_something(runs_folder: Path) -> None:
    app = _open("explain_answer", None, image="test-0")
    assert "Grad-CAM is zero" not in _text(app)
    # The layer that is tried first says nothing for this image: whoever chooses it is told.
    app.selectbox(key="look-inside-Grad-CAM at layer").set_value("conv2d_3")
    assert "Grad-CAM is zero" in _text(run_until_computed(app.run()))


def test_the_arithmetic_is_folded_up_until_an_output_is_chosen(runs_folder: Path) -> None:
    app = _open("look_inside", finished_run(ALL_KINDS, runs_folder), layer="conv2d_1")
    assert not app.metric
    app.number_input(key="look-inside-number-Map").set_value(2)
    run_until_computed(app.run())
    assert "check by ONNX Runtime" in _metrics(app)
    assert app.query_params["filter"] in ("2", ["2"])


def test_512_filters_are_paged(runs_folder: Path) -> None:
    run = finished_run(MANY_FILTERS, runs_folder)
    for page in ("look_inside", "see_filters", "visualize_features"):
        app = _open(page, run, layer="conv2d_1", filter="200")
        (pages,) = app.pagination
        assert (pages.num_pages, pages.value) == (8, 4), page
        assert "Filters 192 to 255 of 512" in _text(app)


@pytest.mark.parametrize("index", [-1, 10_000])
def test_an_index_that_does_not_exist_is_refused_in_words(index: int, runs_folder: Path) -> None:
    app = _open("look_inside", finished_run(DENSE, runs_folder), image="test-3")
    app.number_input(key="image-index").set_value(index)
    run_until_computed(app.run())
    assert "0 to 9999" in app.error[0].value
    assert app.number_input(key="image-index").value == 3
    app.number_input(key="image-index").set_value(9_999)
    run_until_computed(app.run())
    assert not app.error


@pytest.mark.parametrize("page", _PAGES[:3])
def test_an_address_of_nonsense_opens_the_page_all_the_same(page: str, runs_folder: Path) -> None:
    run = finished_run(AVERAGED, runs_folder)
    app = _open(page, run, layer="conv2d_77", filter="many", pixel="99-x", image="test-99999")
    assert not app.error


@pytest.mark.parametrize("page", _PAGES)
def test_a_run_before_its_first_epoch_is_explained(page: str, runs_folder: Path) -> None:
    run = create_run(DENSE, TrainingConfig(), runs_folder)
    assert "not finished its first epoch" in _text(_open(page, run))


@pytest.mark.parametrize(("kind", "title"), [("drawing", "My drawing"), ("upload", "My picture")])
def test_a_drawing_or_a_picture_of_ones_own_is_looked_into(kind: str, title: str, runs_folder: Path) -> None:
    network = network_with_random_weights(ALL_KINDS, 1)
    own = np.zeros((28, 28), np.float32)
    own[6:22, 13:16] = 1.0
    app = AppTest.from_file(PROJECT / "pages" / "look_inside.py", default_timeout=_SECONDS)
    app.query_params |= {"run": finished_run(ALL_KINDS, runs_folder).id, "layer": "conv2d_1", "pixel": "9-9"}
    image = selection.parse_image(kind)
    app.session_state[key_of(selection._OwnImages)] = selection._OwnImages({image: own})
    app = run_until_computed(app.run())
    app.segmented_control(key="image-kind").select(image).run()
    run_until_computed(app)
    assert title in str([chart.proto for chart in app.get("plotly_chart")])
    assert float(_metrics(app)["check by ONNX Runtime"]) == pytest.approx(
        inner_outputs(network, own)["conv2d_1"][9, 9, 0], abs=6e-5
    )


def test_a_run_that_is_still_training_says_so(runs_folder: Path) -> None:
    run = finished_run(DENSE, runs_folder)
    run.set_state("running")
    assert "still in training" in _text(_open("look_inside", run))


def test_a_run_that_is_deleted_meanwhile_leaves_a_page_that_goes_on(runs_folder: Path) -> None:
    run = finished_run(DENSE, runs_folder)
    app = _open("see_filters", run)
    shutil.rmtree(run.folder)
    app.run()
    # Then the page shows the ready-made network; the app says so, see the tests of the Train page.
    assert not app.exception and not app.warning
    assert _charts(app) >= 1


def test_filters_are_seen_before_any_training_too(runs_folder: Path) -> None:
    app = _open("see_filters", finished_run(AVERAGED, runs_folder))
    app.get("select_slider")[0].set_value(0)
    app.run()
    assert not app.exception
    assert any("before any training" in str(chart.proto.spec) for chart in app.get("plotly_chart"))


def test_switching_off_all_units_leaves_one_answer_for_all_images(runs_folder: Path) -> None:
    run = finished_run(DENSE, runs_folder)
    app = _open("switch_off_filters", run)
    next(button for button in app.button if button.label == "All").click()
    run_until_computed(app.run())
    # With no input the last layer's biases decide: the same digit for all.
    digit = int(network_with_random_weights(DENSE, 1).get_weights()[-1].argmax())
    assert _metrics(app)["Switched off"] == f"{100 * (_TEST.labels == digit).mean():.2f} %"


@pytest.mark.parametrize("page", [*_PAGES, "try_convolutions", "review_mistakes"])
def test_a_network_of_a_data_set_that_is_gone_is_explained(
    page: str, runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished_run(ALL_KINDS, runs_folder, "fashion_mnist")
    monkeypatch.setenv("FASHION_MNIST_FOLDER", str(runs_folder / "nowhere"))
    monkeypatch.setattr(loaders, "dataset", load_dataset)  # not one that another test has read
    assert "could not be read from" in _text(_open(page, run))


@pytest.mark.parametrize("page", [*_PAGES, "review_mistakes"])
def test_a_network_that_diverged_is_explained_in_the_same_words_on_every_page(page: str, runs_folder: Path) -> None:
    run = finished_run(DENSE, runs_folder)
    for epoch in (0, 1):
        network = network_with_random_weights(DENSE, epoch)
        save_checkpoint(run.folder, epoch, [np.full_like(weight, 1e38) for weight in network.get_weights()])
    app = _open(page, run)
    for _ in range(100):
        if "diverged" in _text(app):
            break
        app.run()
    assert "The training diverged: the network's answers to" in _text(app)
    assert "smaller learning rate" in _text(app)
