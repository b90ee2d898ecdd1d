"""The code below the figures of a page: with what is chosen on that page, it draws what stands above it."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.datasets.image_sets import ImageSetCollection
from model_lib.datasets.loading import Split, load_dataset
from model_lib.evaluation.confusion import confusion_counts
from model_lib.evaluation.image_filter import ImageFilter, filter_images
from model_lib.storage.checkpoints import save_network
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers
from tests.support.fake_evaluations import finished_run as answered_run
from tests.support.figure_programs import figures_of
from tests.support.sample_networks import ALL_KINDS, finished_run, network_with_random_weights
from ui.shared import selection
from ui.shared.visit import key_of

_PENS = load_dataset("pen_digits").test


def _open(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "pages" / f"{page}.py", default_timeout=300)
    app.query_params |= address
    app.run()
    assert not app.exception
    return app


def _constants(program: str) -> dict[str, object]:
    """Returns the values of the names in capitals."""
    found = {}
    for node in ast.parse(program).body:
        if isinstance(node, ast.Assign) and "".join(filter(str.isalpha, ast.unparse(node.targets[0]))).isupper():
            names, values = ast.unparse(node.targets[0]).strip("()").split(", "), ast.literal_eval(node.value)
            found |= {names[0]: values} if len(names) == 1 else dict(zip(names, values, strict=True))
    return found


def test_the_code_of_browse_the_data_draws_the_images_that_are_chosen(tmp_path: Path) -> None:
    place = {"data": "pen_digits", "part": "test", "label": "4", "writer": "6", "number": "700", "pixel": "5-6"}
    apps = [_open("browse_data", **place, view=view) for view in ("nearest", "all")]
    *above, nearest = [code.value for code in apps[0].code]
    programs = [*above, nearest, *[code.value for code in apps[1].code][len(above) :]]
    shown = figures_of(programs, tmp_path)
    assert [figure for figure in shown if isinstance(figure, str)] == []
    sheet, picture, window, nearest, counts, histogram, means = shown
    chosen = np.flatnonzero((_PENS.labels == 4) & (_PENS.writers == 6))
    np.testing.assert_array_equal([trace["z"] for trace in sheet], _PENS.images[chosen[:100]])
    np.testing.assert_array_equal(picture[0]["z"], _PENS.images[700])
    np.testing.assert_allclose(window[0]["z"], _PENS.images[700, 1:10, 2:11])
    assert len(nearest) == 5
    np.testing.assert_array_equal(counts[0]["x"], np.bincount(_PENS.labels))
    assert sum(histogram[0]["y"]) == _PENS.images.size
    assert len(means) == 10


def test_the_code_of_the_validation_images_draws_those_that_are_held_out(tmp_path: Path) -> None:
    app = _open("browse_data", part="validation", label="3", view="all")
    sheet, _, _, counts, *_ = figures_of([code.value for code in app.code], tmp_path)
    train = load_dataset("mnist").train
    held_out = 48_000 + np.flatnonzero(train.labels[48_000:] == 3)[:100]
    np.testing.assert_array_equal([trace["z"] for trace in sheet], train.images[held_out])
    np.testing.assert_array_equal(counts[0]["x"], np.bincount(train.labels[48_000:]))


def test_the_code_of_an_image_set_of_ones_own_draws_its_images(tmp_path: Path) -> None:
    part = slice(6, 500, 3)
    mine = Split(_PENS.images[part], _PENS.labels[part])
    kept = ImageSetCollection("0123456789ab").add(mine, "Mine", [""] * len(mine.labels))
    app = _open("browse_data", digits="0123456789ab", data=kept.name, number="20", view="all")
    figures = figures_of([code.value for code in app.code], tmp_path)
    assert [figure for figure in figures if isinstance(figure, str)] == []
    sheet, picture, _, counts, *_ = figures
    np.testing.assert_array_equal([trace["z"] for trace in sheet], mine.images[:100])
    np.testing.assert_array_equal(picture[0]["z"], mine.images[20])
    np.testing.assert_array_equal(counts[0]["x"], np.bincount(mine.labels))


def test_the_code_of_the_mistakes_draws_the_answers_of_the_chosen_run(runs_folder: Path, tmp_path: Path) -> None:
    evaluation = answers(300)
    run = answered_run(runs_folder, evaluation)
    app = _open("review_mistakes", run=run.id, label="5", images="all")
    matrix, gallery = figures_of([code.value for code in app.code], tmp_path)
    np.testing.assert_array_equal(matrix[0]["z"], confusion_counts(evaluation))
    expected = filter_images(evaluation, ImageFilter(label=5, mistakes_only=False))[:25]
    images = load_dataset("mnist").test.images[expected]
    np.testing.assert_array_equal([trace["z"] for trace in gallery], images)


def test_the_code_of_look_inside_names_the_network_the_layer_the_filter_and_the_pixel(runs_folder: Path) -> None:
    run = finished_run(ALL_KINDS, runs_folder)
    save_network(run.folder, network_with_random_weights(ALL_KINDS, 1))
    app = _open("look_inside", run=run.id, layer="conv2d_2", filter="3", pixel="2-4", image="test-18")
    probabilities, maps, one_map, seen, arithmetic = (_constants(code.value) for code in app.code)
    common = {"RUN": str(run.folder), "IMAGE": 18}
    assert probabilities == common
    assert maps == common | {"LAYER": "conv2d_2", "FIRST": 0, "COUNT": 64}
    place = common | {"LAYER": "conv2d_2", "ROW": 2, "COLUMN": 4}
    assert one_map == place | {"FILTER": 3}
    assert seen == place
    (channel,) = [box.value for box in app.selectbox if box.label == "Products with map"]
    assert arithmetic == place | {"FILTER": 3, "CHANNEL": channel}


def test_a_drawing_stands_in_the_code_itself(tmp_path: Path) -> None:
    drawing = np.random.default_rng(1).integers(0, 256, (28, 28)).astype(np.float32) / 255
    app = AppTest.from_file(PROJECT / "pages" / "try_convolutions.py", default_timeout=300)
    own = selection.DrawnImage()
    app.session_state[key_of(selection._OwnImages)] = selection._OwnImages({own: drawing})
    app.query_params["image"] = own.to_param()
    app.run()
    assert not app.exception
    assert len(app.code) == 3
    names: dict[str, object] = {}
    exec(app.code[0].value.replace("figure.show()", ""), names)
    np.testing.assert_allclose(np.asarray(names["images"])[0] / 255, drawing)


@pytest.mark.parametrize("page", ["look_inside", "see_filters"])
def test_of_a_run_whose_network_is_not_saved_yet_that_is_said(page: str, runs_folder: Path) -> None:
    run = finished_run(ALL_KINDS, runs_folder)  # with checkpoints alone
    app = _open(page, run=run.id)
    assert any("which is not there yet" in caption.value for caption in app.caption)
