"""The canvas of the Draw page and its answer in a browser: drawing with the mouse, Undo and Clear."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.support.drawn_digits import DRAWN_DIGITS

INVITATION: Final = "Draw a digit from 0 to 9"


def reach_the_canvas(page: Page, app_url: str) -> Page:
    """Goes to the Draw page by its link, and waits until its blank canvas takes strokes."""
    page.goto(app_url)
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(page.get_by_role("heading", name="Draw", exact=True)).to_be_visible()
    expect(page.get_by_text(INVITATION)).to_be_visible(timeout=60_000)
    expect(canvas_of(page)).to_have_count(1)
    page.wait_for_timeout(1000)  # the canvas takes strokes only when it has been told its pen
    return page


def canvas_of(page: Page) -> Locator:
    return page.locator("canvas.upper-canvas")


def draw(page: Page, digit: int, left: float = 0.1, top: float = 0.1, size: float = 0.8) -> None:
    """Draws a digit with the mouse, stroke by stroke."""
    box = canvas_of(page).bounding_box()
    assert box is not None
    scale = size * box["width"] / 280
    # As a hand does it: first onto the canvas. Its own tool bar lies invisibly over the upper right corner until then.
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(350)
    for stroke in DRAWN_DIGITS[digit]:
        points = [
            (box["x"] + left * box["width"] + x * scale, box["y"] + top * box["height"] + y * scale) for x, y in stroke
        ]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()
        page.wait_for_timeout(60)


def answer_of(page: Page) -> Locator:
    return page.get_by_text(re.compile(r"^\d, (> )?\d+\.\d % sure(, or \d \(\d+\.\d %\))?$"))


def expect_answer(page: Page, digit: int) -> None:
    """Waits for the page's own answer, which a screen reader is told, unlike those while the pen is down."""
    expect(page.locator(".status")).to_have_text(re.compile(rf"^Answer: {digit}, "), timeout=60_000)
    expect(answer_of(page)).to_have_text(re.compile(rf"^{digit}, "))


def undo(page: Page) -> None:
    page.locator(".st-key-undo_stroke button").click()  # the canvas's own tool bar has a button of that name too


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(INVITATION)).to_be_visible()
    expect(canvas_of(page)).to_have_count(1)
