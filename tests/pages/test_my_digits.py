"""The page My digits: what is kept, counted, deleted, taken out and brought back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.datasets.loading import load_dataset
from model_lib.datasets.user_digits import UserDigitSet
from tests.pages.test_draw import Canvas, open_draw, strokes_of
from tests.support.app_server import PROJECT
from ui.draw import canvas
from ui.draw.canvas_state import CanvasState
from ui.shared.visit import key_of

OWNER = "0123456789ab"


@pytest.fixture
def collection(tmp_path: Path) -> UserDigitSet:
    """The set of the visitor whose address the tests use."""
    return UserDigitSet(tmp_path / "digits" / OWNER)


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


def keep_test_images(collection: UserDigitSet, count: int) -> None:
    test = load_dataset("mnist").test
    for image, label in zip(test.images[:count], test.labels[:count], strict=True):
        collection.add(image, int(label))


def keep(app: AppTest, label: int) -> AppTest:
    """Clicks on a label under the drawing."""
    next(button for button in app.button if str(button.key).endswith(f"-{label}")).click().run()
    assert not app.exception
    return app


def import_file(app: AppTest, content: bytes, name: str = "my_digits.npz") -> AppTest:
    """Chooses a file and adds it."""
    app.file_uploader[0].upload(name, content, "application/octet-stream").run()
    app.button(key="add_digits").click().run()
    assert not app.exception
    return app


def as_npz(images: np.ndarray, labels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, images=images, labels=labels)
    return stream.getvalue()


def text_of(app: AppTest) -> str:
    kinds: tuple[Any, ...] = (app.markdown, app.success, app.info, app.error)
    return " ".join(str(element.value) for kind in kinds for element in kind)


def test_without_digits_the_page_says_how_to_begin() -> None:
    app = open_page()
    assert app.title[0].value == "My digits"
    assert "Nothing here yet" in app.info[0].value


def test_one_click_on_the_label_keeps_the_drawing_and_empties_the_canvas(
    drawn: Canvas, collection: UserDigitSet
) -> None:
    drawn.content = strokes_of(4)
    app = open_draw(digits=OWNER)
    keep(app, 4)
    (kept,) = collection.digits()
    assert kept.label == 4
    assert len(kept.strokes) == 2
    assert drawn.content == {"objects": []}


@pytest.mark.parametrize("label", [4, 7])
def test_the_very_same_drawing_is_not_kept_again_and_that_is_said(
    drawn: Canvas, collection: UserDigitSet, label: int
) -> None:
    drawn.content = strokes_of(4)
    app = keep(open_draw(digits=OWNER), 4)
    drawn.content = strokes_of(4)
    keep(app.run(), label)
    assert [digit.label for digit in collection.digits()] == [4]
    assert "This very drawing is kept already, as a 4." in [error.value for error in app.error]
    # It has not been wiped out: one may change it, or clear the canvas.
    assert drawn.content == strokes_of(4)


def test_what_is_kept_is_all_that_is_drawn_at_the_click(drawn: Canvas, collection: UserDigitSet) -> None:
    whole = strokes_of(4)
    drawn.content = {**whole, "objects": whole["objects"][:1]}
    app = open_draw(digits=OWNER)
    # The second stroke comes with the click, before the page has been run with it.
    app.session_state[key_of(CanvasState)].content = whole
    keep(app, 4)
    (kept,) = collection.digits()
    assert len(kept.strokes) == 2


def test_the_accuracy_on_ones_own_handwriting_is_shown(collection: UserDigitSet) -> None:
    keep_test_images(collection, 5)
    collection.add(load_dataset("mnist").test.images[17], 3)  # a 7, and a clear one
    app = open_page()
    assert metrics_of(app) == {"Digits": "6", "Accuracy": "83.33 %", "Mistakes": "1"}
    assert any("predicted 7" in caption.value for caption in app.caption)


def test_one_digit_is_deleted_and_the_others_stay(collection: UserDigitSet) -> None:
    keep_test_images(collection, 3)
    first = collection.digits()[0]
    app = open_page()
    app.button(key=f"delete-{first.id}").click().run()
    assert [digit.label for digit in collection.digits()] == [2, 1]
    assert metrics_of(app)["Digits"] == "2"


def test_all_digits_are_deleted(collection: UserDigitSet) -> None:
    keep_test_images(collection, 3)
    app = open_page()
    app.button(key="delete_all").click().run()
    assert not len(collection)
    assert "Nothing here yet" in app.info[0].value


def test_a_deleted_digit_comes_back_with_undo(collection: UserDigitSet) -> None:
    keep_test_images(collection, 3)
    before = collection.export()
    app = open_page()
    app.button(key=f"delete-{collection.digits()[1].id}").click().run()
    assert "1 digit deleted" in text_of(app)
    app.button(key="undo_deletion").click().run()
    assert not app.exception
    assert collection.export() == before
    assert metrics_of(app)["Digits"] == "3"
    assert "digit deleted" not in text_of(app)


def test_deletions_are_undone_one_after_the_other(collection: UserDigitSet) -> None:
    keep_test_images(collection, 4)
    before = collection.export()
    app = open_page()
    for digit in collection.digits()[:2]:
        app.button(key=f"delete-{digit.id}").click().run()
    app.button(key="delete_all").click().run()
    assert "2 digits deleted" in text_of(app)
    for left in (2, 3, 4):
        app.button(key="undo_deletion").click().run()
        assert len(collection) == left
    assert not [button for button in app.button if button.key == "undo_deletion"]
    assert collection.export() == before


def test_all_deleted_digits_come_back_with_undo_also_after_a_visit_to_another_page(collection: UserDigitSet) -> None:
    keep_test_images(collection, 3)
    before = collection.export()
    app = open_page()
    app.button(key="delete_all").click().run()
    assert "3 digits deleted" in text_of(app)
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/my_digits.py").run()
    app.button(key="undo_deletion").click().run()
    assert collection.export() == before


def test_digits_that_are_gone_for_good_are_said_to_be(collection: UserDigitSet) -> None:
    keep_test_images(collection, 3)
    app = open_page()
    app.button(key="delete_all").click().run()
    for aside in collection.folder.rglob("*.npz"):
        aside.unlink()
    app.button(key="undo_deletion").click().run()
    assert "3 digits could not be brought back" in text_of(app)
    assert "digits deleted" not in text_of(app)


def test_an_exported_set_comes_back_in_another_visitors_hands(collection: UserDigitSet, tmp_path: Path) -> None:
    keep_test_images(collection, 4)
    app = import_file(open_page("ba9876543210"), collection.export())
    assert "4 digits added." in text_of(app)
    other = UserDigitSet(tmp_path / "digits" / "ba9876543210").as_split()
    np.testing.assert_array_equal(other.labels, load_dataset("mnist").test.labels[:4])
    np.testing.assert_array_equal(other.images, load_dataset("mnist").test.images[:4])


def test_an_added_file_leaves_the_uploader_with_its_button(collection: UserDigitSet) -> None:
    test = load_dataset("mnist").test
    app = import_file(open_page(), as_npz(test.images[:2], test.labels[:2]))
    assert app.file_uploader[0].value is None
    assert not [button for button in app.button if button.label == "Add these digits"]


def test_the_same_file_again_is_said_and_refused(collection: UserDigitSet) -> None:
    keep_test_images(collection, 4)
    app = import_file(open_page(), collection.export())
    assert "These 4 digits are there already; nothing was added." in text_of(app)
    import_file(app, collection.export())
    assert "These 4 digits are there already; nothing was added." in text_of(app)
    assert len(collection) == 4


def test_of_a_file_known_in_part_the_new_digits_are_added_and_the_rest_is_counted(collection: UserDigitSet) -> None:
    keep_test_images(collection, 3)
    test = load_dataset("mnist").test
    labels = test.labels[:5].copy()
    labels[:2] = 9
    app = import_file(open_page(), as_npz(test.images[:5], labels))
    assert "2 digits added. 3 were there already." in text_of(app)
    assert "2 of those have another label here, which stays." in text_of(app)
    assert [digit.label for digit in collection.digits()] == test.labels[:5].tolist()


def test_a_file_under_another_label_changes_nothing_and_that_is_said(collection: UserDigitSet) -> None:
    keep_test_images(collection, 1)
    app = import_file(open_page(), as_npz(load_dataset("mnist").test.images[:1], np.array([3])))
    assert "This digit is there already; nothing was added. Its label here is another one, and stays." in text_of(app)
    assert [digit.label for digit in collection.digits()] == [7]


@pytest.mark.parametrize("name", ["my_digits.npz", "<b onclick=alert(1)> $x^2$ **b** " + "x" * 10_000 + ".npz"])
@pytest.mark.parametrize("content", [b"no archive", b"", as_npz(np.zeros((2, 28, 28)), np.array([1, 77]))])
def test_a_file_that_is_no_set_of_digits_is_refused(content: bytes, name: str, collection: UserDigitSet) -> None:
    app = import_file(open_page(), content, name)
    assert app.error
    assert "$x^2$" not in text_of(app)
    assert not len(collection)


def test_an_address_that_leads_out_of_the_folder_gets_a_set_of_its_own(tmp_path: Path) -> None:
    app = open_page("../../runs")
    assert "Nothing here yet" in app.info[0].value
    assert ".." not in app.query_params["digits"][0]
