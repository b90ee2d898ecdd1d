"""The page My digits: what is kept, counted, deleted, taken out and brought back."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.datasets import load_dataset
from model_lib.digit_collection import DigitCollection
from tests.pages.test_draw import Canvas, open_draw, strokes_of
from tests.server import PROJECT
from ui import canvas

OWNER = "0123456789ab"


@pytest.fixture
def collection(tmp_path: Path) -> DigitCollection:
    """The set of the visitor whose address the tests use."""
    return DigitCollection(tmp_path / "digits" / OWNER)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Canvas:
    """The canvas, whose content a test sets."""
    stand_in = Canvas()
    monkeypatch.setattr(canvas, "canvas_content", stand_in)
    return stand_in


def open_page(owner: str = OWNER) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60)
    app.query_params["digits"] = owner
    app.run()
    app.switch_page("pages/my_digits.py").run()
    assert not app.exception
    return app


def metrics_of(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def keep_test_images(collection: DigitCollection, count: int) -> None:
    test = load_dataset("mnist").test
    for image, label in zip(test.images[:count], test.labels[:count], strict=True):
        collection.add(image, int(label))


def test_without_digits_the_page_says_how_to_begin() -> None:
    app = open_page()
    assert app.title[0].value == "My digits"
    assert "Nothing here yet" in app.info[0].value


def test_one_click_on_the_label_keeps_the_drawing_and_empties_the_canvas(
    drawn: Canvas, collection: DigitCollection
) -> None:
    drawn.content = strokes_of(4)
    app = open_draw(digits=OWNER)
    app.button_group(key="keep_as").set_value(4).run()
    assert not app.exception
    (kept,) = collection.digits()
    assert kept.label == 4
    assert len(kept.strokes) == 2
    assert drawn.content == {"objects": []}


def test_the_accuracy_on_ones_own_handwriting_is_shown(collection: DigitCollection) -> None:
    keep_test_images(collection, 5)
    collection.add(load_dataset("mnist").test.images[0], 3)  # a 7, and a clear one
    app = open_page()
    assert metrics_of(app) == {"Digits": "6", "Read right": "83.3%", "Misread": "1"}
    assert any("read as 7" in caption.value for caption in app.caption)


def test_one_digit_is_deleted_and_the_others_stay(collection: DigitCollection) -> None:
    keep_test_images(collection, 3)
    first = collection.digits()[0]
    app = open_page()
    app.button(key=f"delete-{first.id}").click().run()
    assert [digit.label for digit in collection.digits()] == [2, 1]
    assert metrics_of(app)["Digits"] == "2"


def test_all_digits_are_deleted(collection: DigitCollection) -> None:
    keep_test_images(collection, 3)
    app = open_page()
    app.button(key="delete_all").click().run()
    assert not len(collection)
    assert "Nothing here yet" in app.info[0].value


def test_an_exported_set_comes_back_in_another_visitors_hands(collection: DigitCollection, tmp_path: Path) -> None:
    keep_test_images(collection, 4)
    content = collection.export()
    app = open_page("ba9876543210")
    app.file_uploader(key="import_file").upload("my_digits.npz", content, "application/octet-stream").run()
    next(button for button in app.button if button.label == "Add these digits").click().run()
    assert not app.exception
    other = DigitCollection(tmp_path / "digits" / "ba9876543210").as_split()
    np.testing.assert_array_equal(other.labels, load_dataset("mnist").test.labels[:4])
    np.testing.assert_array_equal(other.images, load_dataset("mnist").test.images[:4])


@pytest.mark.parametrize("content", [b"no archive", b"", None])
def test_a_file_that_is_no_set_of_digits_is_refused(content: bytes | None, collection: DigitCollection) -> None:
    if content is None:
        stream = io.BytesIO()
        np.savez(stream, images=np.zeros((2, 28, 28)), labels=np.array([1, 77]))
        content = stream.getvalue()
    app = open_page()
    app.file_uploader(key="import_file").upload("my_digits.npz", content, "application/octet-stream").run()
    next(button for button in app.button if button.label == "Add these digits").click().run()
    assert not app.exception
    assert app.error
    assert not len(collection)


def test_an_address_that_leads_out_of_the_folder_gets_a_set_of_its_own(tmp_path: Path) -> None:
    app = open_page("../../runs")
    assert "Nothing here yet" in app.info[0].value
    assert ".." not in app.session_state["own_digits"]
