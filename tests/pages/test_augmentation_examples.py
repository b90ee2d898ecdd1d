"""The ten examples below the settings of the augmentation: which pictures, and when there are none."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage
from streamlit.testing.v1 import AppTest

from model_lib.datasets import loading
from model_lib.datasets.augmentation import RECIPES, Recipe
from model_lib.datasets.loading import load_dataset
from tests.support.app_server import PROJECT
from ui.train import augmentation_examples

pytestmark = pytest.mark.usefixtures("no_workers")
_TRAIN = load_dataset("mnist").train


def _open() -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60).run()
    assert not app.exception
    return app


def _examples(app: AppTest) -> list[Any]:
    assert not app.exception
    return [each.proto.imgs[0] for each in app.get("image") if each.proto.imgs[0].alt.startswith("Ten pairs")]


def _choose(app: AppTest, label: str, value: Any) -> list[Any]:
    next(each for each in [*app.selectbox, *app.number_input] if each.label == label).set_value(value).run()
    return _examples(app)


def _tiles(picture: np.ndarray) -> np.ndarray:
    """Finds the opaque squares of the picture by SciPy. Returns (20, 28, 28), row by row from the upper left."""
    squares = ndimage.find_objects(ndimage.label(picture[..., 3])[0])
    tiles = np.array([picture[square][..., 0] for square in squares])
    assert (tiles == tiles[:, ::3, ::3].repeat(3, axis=1).repeat(3, axis=2)).all()
    return tiles[:, ::3, ::3]


def test_there_are_examples_as_soon_as_there_is_augmentation() -> None:
    app = _open()
    assert not _examples(app)
    (picture,) = _choose(app, "Augmentation", "gentle")
    assert "one each of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in picture.alt
    assert not _choose(app, "Augmentation", "none")


def test_the_examples_change_with_the_settings_and_come_back_with_them() -> None:
    app = _open()
    urls = [_choose(app, "Augmentation", "handwriting")[0].url]
    for label, value in (
        ("Gaps in strokes, per cent", 100),
        ("Other forms of 0, 1, 7, 9 (allographs), per cent", 100),
        ("Tremor of the pen, pixels", 1),
        ("Augmentation strength, per cent", 50),
    ):
        urls.append(_choose(app, label, value)[0].url)
    next(button for button in app.button if button.label == "Other examples").click().run()
    urls.append(_examples(app)[0].url)
    assert len(set(urls)) == len(urls)
    # What has nothing to do with the images leaves them as they are.
    assert _choose(app, "Epochs", 3)[0].url == urls[-1]


def test_beside_an_impossible_setting_there_is_a_message_and_no_picture() -> None:
    app = _open()
    _choose(app, "Augmentation", "handwriting")
    assert not _choose(app, "Tremor of the pen, pixels", 9)
    assert '"Tremor of the pen, pixels" must be a number from 0 to 1.5. Received: 9.' in app.error[0].value
    assert not _choose(app, "Tremor of the pen, pixels", None)
    assert "The box is empty." in app.error[0].value
    assert _choose(app, "Tremor of the pen, pixels", 1)


@pytest.mark.parametrize("number", [0, 1])
def test_above_are_training_images_of_all_ten_digits_and_below_what_becomes_of_each(number: int) -> None:
    tiles = _tiles(augmentation_examples._picture("mnist", Recipe("", shift_px=1.0), number))
    before, after = tiles.reshape(2, 2, 5, 28, 28).transpose(1, 0, 2, 3, 4).reshape(2, 10, 28, 28)
    for digit in range(10):
        assert (_TRAIN.images[_TRAIN.labels == digit] == before[digit]).all(axis=(1, 2)).any()
        moved = np.subtract(ndimage.center_of_mass(after[digit]), ndimage.center_of_mass(before[digit]))
        assert 0 < np.abs(moved).max() <= 1.01
        assert np.abs(ndimage.shift(before[digit].astype(float), moved, order=1) - after[digit]).max() < 5


def test_other_examples_are_other_images_and_another_recipe_shows_the_same_ones() -> None:
    gentle, other = (_tiles(augmentation_examples._picture("mnist", RECIPES["gentle"], number)) for number in (0, 1))
    assert (gentle[:5] != other[:5]).any(axis=(1, 2)).all()
    handwriting = _tiles(augmentation_examples._picture("mnist", RECIPES["handwriting"], 0))
    np.testing.assert_array_equal(gentle[:5], handwriting[:5])


def test_articles_that_would_have_to_be_downloaded_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_FOLDER", raising=False)
    monkeypatch.setattr(loading, "FASHION_DEBIAN_FOLDER", tmp_path / "nowhere")
    app = _open()
    _choose(app, "Augmentation", "gentle")
    assert not _choose(app, "Data set", "fashion_mnist")
    monkeypatch.setenv("FASHION_MNIST_FOLDER", str(tmp_path))  # empty
    app.run()
    assert not _examples(app)


def test_articles_are_named_where_they_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    mnist = load_dataset("mnist")
    articles = dataclasses.replace(mnist, class_names=loading.FASHION_NAMES)
    monkeypatch.setattr(augmentation_examples, "dataset", {"mnist": mnist, "fashion_mnist": articles}.__getitem__)
    monkeypatch.setenv("FASHION_MNIST_FOLDER", "somewhere")
    app = _open()
    _choose(app, "Augmentation", "gentle")
    (picture,) = _choose(app, "Data set", "fashion_mnist")
    assert "Sandal" in picture.alt
