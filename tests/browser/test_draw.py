"""What a visitor does on the Draw page, in a real browser, with the mouse: the real canvas is only here."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.canvas import INVITATION, answer_of, clear, draw, expect_answer, reach_the_canvas, undo
from tests.support.page_layout import settle

_LONG_MS = 120_000

# Where on the canvas, as shares of its side: left, top and size of the square that the digit is drawn in.
PLACES = {
    "large": (0.02, 0.02, 0.96),
    "tiny in the middle": (0.45, 0.45, 0.12),
    "upper left": (0.0, 0.0, 0.35),
    "upper right": (0.65, 0.0, 0.35),
    "lower left": (0.0, 0.65, 0.35),
    "lower right": (0.65, 0.65, 0.35),
}
# All of them large, then two at each other place: the positions are the canvas's affair, not the digits'.
READ_THERE = (range(10), *(range(first, first + 2) for first in range(0, 10, 2)))


@pytest.fixture
def draw_page(page: Page, app_url: str) -> Page:
    """The Draw page with a blank canvas, reached as a visitor reaches it."""
    return reach_the_canvas(page, app_url)


@pytest.fixture(scope="module")
def kept_page(browser: Browser, app_url: str) -> Iterator[Page]:
    """The same, one for all tests that leave the canvas blank behind them."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield reach_the_canvas(page, app_url)
    assert page.get_by_test_id("stException").count() == 0
    page.close()


@pytest.mark.parametrize(("place", "digits"), zip(PLACES, READ_THERE, strict=True))
def test_all_ten_digits_are_read(kept_page: Page, place: str, digits: range) -> None:
    for digit in digits:
        draw(kept_page, digit, *PLACES[place])
        expect_answer(kept_page, digit)
        clear(kept_page)


def test_undo_takes_one_stroke_and_the_answer_follows(draw_page: Page) -> None:
    draw(draw_page, 7)
    expect_answer(draw_page, 7)
    draw(draw_page, 1, 0.35, 0.1, 0.8)
    draw_page.wait_for_timeout(700)
    undo(draw_page)
    expect_answer(draw_page, 7)
    undo(draw_page)
    expect(draw_page.get_by_text(INVITATION)).to_be_visible()


def test_a_changed_pen_leaves_the_drawing_alone(draw_page: Page) -> None:
    draw(draw_page, 3)
    expect_answer(draw_page, 3)
    draw_page.get_by_role("slider", name="Pen width").press("ArrowRight")
    draw_page.wait_for_timeout(700)
    expect_answer(draw_page, 3)


def test_the_drawing_survives_a_visit_to_another_page(draw_page: Page) -> None:
    draw(draw_page, 4)
    expect_answer(draw_page, 4)
    draw_page.get_by_role("link", name="Train a network", exact=True).click()
    expect(draw_page.get_by_role("heading", name="Train a network", exact=True)).to_be_visible()
    draw_page.get_by_role("link", name="Draw", exact=True).click()
    expect_answer(draw_page, 4)
    # And one can go on drawing: the last stroke is taken back, the first is still there.
    undo(draw_page)
    draw_page.wait_for_timeout(500)
    expect(answer_of(draw_page)).to_be_visible()
    undo(draw_page)
    expect(draw_page.get_by_text(INVITATION)).to_be_visible()


def test_one_sees_what_the_network_sees(draw_page: Page) -> None:
    draw(draw_page, 2, 0.6, 0.6, 0.3)
    draw_page.get_by_text("What the network sees").click()
    for title in ("Resized", "Centred by its box", "Centred by its mass", "Redrawn with MNIST's pen"):
        expect(draw_page.get_by_role("img", name=title)).to_be_visible()
    answers = draw_page.get_by_test_id("stExpander").get_by_text(re.compile(r"^\d, (> )?\d+\.\d % sure$"))
    expect(answers).to_have_count(4)


def test_a_kept_digit_appears_among_ones_own(draw_page: Page) -> None:
    draw(draw_page, 6)
    expect_answer(draw_page, 6)
    draw_page.locator(".st-key-keep_as").get_by_text("6", exact=True).click()
    expect(draw_page.get_by_text(INVITATION)).to_be_visible()
    draw_page.get_by_role("link", name="My digits", exact=True).click()
    expect(draw_page.get_by_role("img", name="Your 6")).to_have_count(1)


# The widget's request leaves right after that of the link, as when a key was pressed a moment before.
_LEAVE_WITH_A_LATE_KEY = """() => {
  let cell = document.activeElement;
  while (cell?.shadowRoot?.activeElement) cell = cell.shadowRoot.activeElement;
  cell.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
  const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
  links.find((link) => link.innerText.includes("Look inside")).click();
  cell.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}"""


def test_the_next_page_stands_although_a_fragment_of_the_one_before_asks_late(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/draw?run=pretrained")
    page.get_by_role("radio", name="Keyboard").click(timeout=_LONG_MS)
    expect(page.get_by_role("grid")).to_be_visible(timeout=_LONG_MS)
    settle(page)
    page.get_by_role("gridcell").first.focus()
    page.evaluate(_LEAVE_WITH_A_LATE_KEY)
    expect(page.get_by_role("heading", name="Look inside", level=1)).to_be_visible(timeout=_LONG_MS)
    settle(page)
    expect(page.get_by_role("heading", name="Look inside", level=1)).to_be_visible()
