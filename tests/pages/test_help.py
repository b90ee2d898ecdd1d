"""Every selector, box and number has its help where it is: one sentence behind the question mark beside its label."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.datasets.user_digits import UserDigitSet
from tests.image_sets.files import zip_of_split
from tests.pages.test_draw import Canvas, open_draw, strokes_of
from tests.pages.test_my_digits import OWNER, keep_test_images
from tests.pages.test_my_digits import open_page as open_my_digits
from tests.pages.test_own_images import IMAGES, LABELS, bring
from tests.pages.test_own_images import keep as keep_image_set
from tests.pages.test_own_images import open_page as open_own_images
from tests.pages.test_upload_picture import as_file, number_on_paper, upload
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers
from tests.support.fake_evaluations import finished_run as run_with_answers
from tests.support.patience import run_until_computed
from tests.support.sample_networks import ALL_KINDS, finished_run
from ui.draw import canvas
from ui.mistakes.selection import VIEWS

_KINDS: Final = (
    "selectbox", "multiselect", "number_input", "slider", "select_slider", "checkbox", "toggle", "button_group",
    "segmented_control", "file_uploader", "camera_input", "metric",
)  # fmt: skip
# Without a visible label, and their options explain themselves.
_SELF_EVIDENT: Final = frozenset(["View", "Horizontal axis", "Accuracy axis", "Draw with"])
_PAGES: Final = tuple(sorted(file.stem for file in (PROJECT / "pages").glob("*.py")))


def _without_help(app: AppTest) -> set[str]:
    """Returns the labels of what a visitor chooses or reads a number from without being told what it is."""
    elements = [element for kind in _KINDS for element in app.get(kind)]
    assert elements
    labels = {element.proto.label for element in elements if not element.proto.help}
    return labels - _SELF_EVIDENT


def _open(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    app.switch_page(f"pages/{page}.py").run()
    return app if page == "train" else run_until_computed(app)  # a training's own bar stays


@pytest.mark.parametrize("page", _PAGES)
def test_a_page_helps_where_it_asks(page: str, runs_folder: Path) -> None:
    assert _without_help(_open(page, run=finished_run(ALL_KINDS, runs_folder).id)) == set()


@pytest.mark.parametrize("layer", ["conv2d_2", "max_pooling2d_1", "activation_1", "batch_normalization_2", "dense_1"])
def test_the_arithmetic_of_a_layer_has_its_help(layer: str, runs_folder: Path) -> None:
    run = finished_run(ALL_KINDS, runs_folder)
    assert _without_help(_open("look_inside", run=run.id, layer=layer, filter="0")) == set()


@pytest.mark.parametrize("view", VIEWS)
def test_each_part_of_the_mistakes_has_its_help(view: str, runs_folder: Path) -> None:
    run = run_with_answers(runs_folder, answers(mistakes=400), answers(125, dataset="pen_digits"))
    test_set = "pen_digits" if view == "writers" else "mnist"
    assert _without_help(_open("review_mistakes", run=run.id, view=view, test=test_set)) == set()


def test_the_settings_and_the_editor_of_layers_have_their_help(no_workers: None) -> None:
    app = _open("train")
    next(button for button in app.button if button.label == "Change its layers").click().run()
    assert _without_help(app) == set()


def test_a_drawing_a_picture_and_own_digits_have_their_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Canvas()
    monkeypatch.setattr(canvas, "canvas_content", drawn)
    drawn.content = strokes_of(4, 2, scale=0.5)
    app = open_draw()
    for part in ("what_it_sees", "replay"):
        app.session_state[part] = True
    assert _without_help(app.run()) == set()
    assert _without_help(upload(as_file(number_on_paper()))) == set()
    keep_test_images(UserDigitSet(tmp_path / "digits" / OWNER), 10)
    assert _without_help(open_my_digits()) == set()
    keep_image_set()
    assert _without_help(bring(open_own_images(), zip_of_split(IMAGES[:5], LABELS[:5]))) == set()
