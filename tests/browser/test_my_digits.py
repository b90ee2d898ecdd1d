"""Keeping, deleting and adding digits in a real browser: what is clicked once happens once, and can be taken back."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from model_lib.datasets.loading import load_dataset
from model_lib.datasets.user_digits import UserDigitSet
from tests.support.canvas import INVITATION, canvas_of, draw, expect_answer

_TEST = load_dataset("mnist").test
# Between two messages of the server: a click is answered by about twenty of them.
_SECONDS_BETWEEN_MESSAGES = 0.06


def _slow_down(page: Page) -> None:
    """Lets the server's messages reach the page one after the other, as on a slow line or a busy machine.

    While they come in, the page shows what it showed before, and sends the state of all that with what happens next.
    """

    def connect(browser: WebSocketRoute) -> None:
        def pass_on(message: str | bytes) -> None:
            time.sleep(_SECONDS_BETWEEN_MESSAGES)
            browser.send(message)

        browser.connect_to_server().on_message(pass_on)

    page.route_web_socket("**/_stcore/stream", connect)


def _reach_the_canvas(page: Page, app_url: str) -> Page:
    page.goto(app_url)
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(page.get_by_text(INVITATION)).to_be_visible(timeout=90_000)
    expect(canvas_of(page)).to_have_count(1)
    page.wait_for_timeout(2000)  # the canvas takes strokes only when it has been told its pen
    return page


def _label_button(page: Page, label: int) -> Locator:
    return page.locator("[class*=st-key-keep_as]").get_by_text(str(label), exact=True)


def _kept(folder: Path) -> list[int]:
    """Returns the labels of all digits in the folders that have been written to since."""
    return [digit.label for collection in folder.iterdir() for digit in UserDigitSet(collection).digits()]


@pytest.fixture
def digits_folder(runs_folder: Path) -> Path:
    """The folder of all visitors' digits, empty."""
    folder = runs_folder.parent / "digits"
    folder.mkdir(exist_ok=True)
    for collection in folder.iterdir():
        UserDigitSet(collection).delete_all()
    return folder


def test_one_click_on_a_label_keeps_a_drawing_once(page: Page, app_url: str, digits_folder: Path) -> None:
    _slow_down(page)
    _reach_the_canvas(page, app_url)
    for digit in (3, 6, 9):
        draw(page, digit)
        expect_answer(page, digit)
        _label_button(page, digit).click()
        expect(page.get_by_text(INVITATION)).to_be_visible()
        page.wait_for_timeout(1500)  # what the page has to say about the emptied canvas comes late
    assert _kept(digits_folder) == [3, 6, 9]


def test_of_two_labels_clicked_for_one_drawing_one_stands_and_is_named(
    page: Page, app_url: str, digits_folder: Path
) -> None:
    _reach_the_canvas(page, app_url)
    draw(page, 3)
    expect_answer(page, 3)
    expect(_label_button(page, 8)).to_be_visible()
    page.evaluate(
        """() => {
            const labels = [...document.querySelectorAll("[class*=st-key-keep_as] p")];
            for (const digit of ["3", "8"]) labels.find((label) => label.textContent === digit).click();
        }"""
    )
    said = page.get_by_text(re.compile("It was kept as an? [38] already"))
    expect(said).to_be_visible()
    # Nearly always the 3; two clicks that wait together for a busy server may be taken in either order.
    (kept,) = _kept(digits_folder)
    expect(said).to_contain_text(f" {kept} already")


def test_a_label_does_not_reach_the_drawing_that_is_begun_right_after(
    page: Page, app_url: str, digits_folder: Path
) -> None:
    _slow_down(page)
    _reach_the_canvas(page, app_url)
    draw(page, 3)
    expect_answer(page, 3)
    _label_button(page, 3).click()
    for _ in range(3):
        draw(page, 7)
    for _ in range(200):  # on a busy machine the click takes its time
        if _kept(digits_folder):
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(3000)
    assert _kept(digits_folder) == [3]


def _open_with_digits(page: Page, app_url: str, digits_folder: Path, count: int) -> UserDigitSet:
    """Opens My digits with the first test images of MNIST kept in it."""
    collection = UserDigitSet(digits_folder / "0123456789ab")
    for image, label in zip(_TEST.images[:count], _TEST.labels[:count], strict=True):
        collection.add(image, int(label))
    page.goto(f"{app_url}/my_digits?digits={collection.folder.name}")
    expect(page.get_by_role("img", name="Your ")).to_have_count(count, timeout=90_000)
    return collection


def _delete_button(page: Page, digit_id: str) -> Locator:
    # There are two: with a tooltip for a mouse, and without one for a finger.
    return page.locator(f".st-key-delete-{digit_id} button:visible")


def test_a_deleted_digit_and_then_all_come_back_with_undo(page: Page, app_url: str, digits_folder: Path) -> None:
    collection = _open_with_digits(page, app_url, digits_folder, 5)
    before = collection.export()
    pictures = page.get_by_role("img", name="Your ")
    _delete_button(page, collection.digits()[2].id).click()
    expect(page.get_by_text("1 digit deleted.")).to_be_visible()
    expect(pictures).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(pictures).to_have_count(5)
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("button", name="Yes, delete all").click()
    expect(page.get_by_text("5 digits deleted.")).to_be_visible()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(pictures).to_have_count(5)
    assert collection.export() == before


def test_a_double_click_on_delete_takes_one_digit(page: Page, app_url: str, digits_folder: Path) -> None:
    collection = _open_with_digits(page, app_url, digits_folder, 4)
    _delete_button(page, collection.digits()[1].id).dblclick()
    expect(page.get_by_text("1 digit deleted.")).to_be_visible()
    page.wait_for_timeout(1000)
    assert [digit.label for digit in collection.digits()] == [7, 1, 0]


def _choose_file(page: Page, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)


def test_the_same_file_again_is_refused_in_words(page: Page, app_url: str, digits_folder: Path) -> None:
    collection = _open_with_digits(page, app_url, digits_folder, 3)
    content = collection.export()
    add = page.get_by_role("button", name="Add these digits")
    collection.delete(collection.digits()[0].id)
    for said in ("1 digit added. 2 were there already.", "These 3 digits are there already; nothing was added."):
        _choose_file(page, "my_digits.npz", content)
        add.dblclick()
        expect(page.get_by_text(said)).to_be_visible()
        # The file has been taken: neither its name nor the button stays.
        expect(add).to_have_count(0)
        expect(page.get_by_test_id("stFileChip")).to_have_count(0)
    assert len(collection) == 3


def test_a_file_that_the_browser_refuses_takes_the_former_ones_place(
    page: Page, app_url: str, digits_folder: Path
) -> None:
    collection = _open_with_digits(page, app_url, digits_folder, 2)
    chips, add = page.get_by_test_id("stFileChip"), page.get_by_role("button", name="Add these digits")
    _choose_file(page, "my_digits.npz", collection.export())
    expect(add).to_be_visible()
    _choose_file(page, "notes.txt", b"no digits")
    expect(page.get_by_text("This file was not accepted")).to_be_visible()
    expect(chips).to_have_count(1)
    expect(add).to_have_count(0)
    _choose_file(page, "my_digits.npz", collection.export())
    expect(add).to_be_visible()
    expect(chips).to_have_count(1)
    expect(page.get_by_text("This file was not accepted")).to_have_count(0)


def test_a_hostile_file_is_refused_and_its_name_is_text(page: Page, app_url: str, digits_folder: Path) -> None:
    collection = _open_with_digits(page, app_url, digits_folder, 1)
    page.on("dialog", lambda dialog: pytest.fail(f"The name was run: {dialog.message}"))
    name = "<img src=x onerror=alert(1)> $x^2$ **b**.npz"
    _choose_file(page, name, np.zeros(9).tobytes())
    page.get_by_role("button", name="Add these digits").click()
    expect(page.get_by_text("no .npz file of digits")).to_be_visible()
    expect(page.get_by_test_id("stFileChipName")).to_have_attribute("title", name)
    expect(page.get_by_test_id("stFileUploader").locator("img, strong, .katex")).to_have_count(0)
    assert len(collection) == 1


def test_a_browser_finds_its_digits_again_without_an_address_and_another_does_not(
    page: Page, browser: Browser, app_url: str, digits_folder: Path
) -> None:
    _reach_the_canvas(page, app_url)
    draw(page, 4)
    expect_answer(page, 4)
    _label_button(page, 4).click()
    expect(page.get_by_text("Kept as a 4")).to_be_visible()
    pictures = page.get_by_role("img", name="Your ")
    page.reload()
    page.goto(f"{app_url}/my_digits")
    expect(pictures).to_have_count(1)
    again = page.context.new_page()  # another tab
    again.goto(f"{app_url}/my_digits")
    expect(again.get_by_role("img", name="Your ")).to_have_count(1)
    other = browser.new_context()
    stranger = other.new_page()
    stranger.goto(f"{app_url}/my_digits")
    expect(stranger.get_by_text("Nothing here yet")).to_be_visible()
    other.close()
    (cookie,) = [each for each in page.context.cookies() if each.get("name") == "visitor"]
    names = " ".join(str(file) for file in digits_folder.rglob("*"))
    assert cookie.get("value", "") not in names
    (folder,) = [folder.name for folder in digits_folder.iterdir() if len(UserDigitSet(folder))]
    assert hashlib.sha256(cookie.get("value", "").encode()).hexdigest().startswith(folder)
