"""Answers while the pen is down, in a real browser: they stand, and are those that the page gives after pen-up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, CDPSession, Page, Request, ViewportSize, expect

from tests.support.canvas import answer_of, canvas_of, clear, expect_answer, undo
from tests.support.drawn_digits import DRAWN_DIGITS
from tests.support.sample_networks import DENSE, finished_run

# Counts the questions that have been asked and answered: a drawing that has not changed for a while has its answer.
_COUNTER = """
window.answers = {asked: 0, answered: 0, last: 0};
const fetchAnything = window.fetch;
window.fetch = async (...request) => {
  const isQuestion = String(request[0]).includes("api/answer");
  if (isQuestion) { window.answers.asked += 1; window.answers.last = performance.now(); }
  const reply = await fetchAnything(...request);
  if (isQuestion) window.answers.answered += 1;
  return reply;
};
"""
# Every move takes a frame, and the curves of the digits have a point every 12 pixels.
_LEAST_DISTANCE_PX = 14
_HAS_SETTLED = "() => window.answers.asked === window.answers.answered && performance.now() - window.answers.last > 500"

Stroke = NDArray[np.float64]


def _open_draw(page: Page, url: str, run: str = "") -> Page:
    page.add_init_script(_COUNTER)
    page.goto(f"{url}/draw" + (f"?run={run}" if run else ""))
    expect(canvas_of(page)).to_have_count(1)
    expect(page.get_by_text("Draw a digit from 0 to 9")).to_be_visible()
    page.wait_for_timeout(1000)  # the canvas takes strokes only when it has been told its pen
    return page


@pytest.fixture
def draw_page(page: Page, app_url: str) -> Page:
    """The Draw page of a visitor with a mouse."""
    return _open_draw(page, app_url)


@pytest.fixture
def phone_page(browser: Browser, app_url: str) -> Iterator[Page]:
    """The Draw page on a phone."""
    size: ViewportSize = {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, has_touch=True, is_mobile=True, device_scale_factor=2)
    yield _open_draw(context.new_page(), app_url)
    context.close()


def places_of(page: Page, stroke: Stroke, left: float, top: float, size: float) -> list[tuple[float, float]]:
    """Returns a stroke on the page, with half of a curve's points; place and size are shares of the canvas."""
    box = canvas_of(page).bounding_box()
    assert box is not None
    kept = [stroke[0]]
    for point in stroke[1:-2]:
        if np.hypot(*(point - kept[-1])) > _LEAST_DISTANCE_PX:
            kept.append(point)
    shift = np.array([box["x"] + left * box["width"], box["y"] + top * box["height"]])
    places = np.array([*kept, *stroke[-2:]]) * (size * box["width"] / 280) + shift
    return [(x, y) for x, y in places.tolist()]


def press_mouse(page: Page, places: Sequence[tuple[float, float]]) -> None:
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)


def lift_mouse(page: Page) -> None:
    page.mouse.up()


@cache
def _touch_screen(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)  # another session would not know of the finger that is down


def _touch(page: Page, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y} for x, y in places]
    _touch_screen(page).send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def press_finger(page: Page, places: Sequence[tuple[float, float]]) -> None:
    _touch(page, "touchStart", places[0])
    for place in places[1:]:
        _touch(page, "touchMove", place)


def lift_finger(page: Page) -> None:
    _touch(page, "touchEnd")


def shares(page: Page) -> list[float]:
    """Returns the probabilities, 0 to 1, that the bars show."""
    widths = page.locator(".bar").evaluate_all("bars => bars.map((bar) => bar.style.width)")
    return [float(width.rstrip("%")) / 100 for width in widths]


def draw_and_compare(
    page: Page,
    strokes: Sequence[Stroke],
    digit: int | None = None,
    where: Sequence[float] = (0.1, 0.1, 0.8),
    touch: bool = False,
) -> None:
    """Draws strokes, and compares the answer before the pen is lifted last with the page's own."""
    press, lift = (press_finger, lift_finger) if touch else (press_mouse, lift_mouse)
    for number, stroke in enumerate(strokes, start=1):
        press(page, places_of(page, stroke, *where))
        if number < len(strokes):
            lift(page)
    page.wait_for_function(_HAS_SETTLED)
    told = page.locator(".status").text_content()
    before, sentence = shares(page), answer_of(page).text_content()
    lift(page)
    expect(page.locator(".status")).not_to_have_text(told or "")
    assert answer_of(page).text_content() == sentence
    np.testing.assert_allclose(shares(page), before, atol=0.001)
    if digit is not None:
        expect_answer(page, digit)


def test_an_answer_stands_while_the_button_is_down(draw_page: Page) -> None:
    press_mouse(draw_page, places_of(draw_page, DRAWN_DIGITS[3][0], 0.1, 0.1, 0.8))
    expect(answer_of(draw_page)).to_have_text(re.compile("^3, "))
    expect(draw_page.get_by_text("Draw a digit from 0 to 9")).to_have_count(0)
    draw_page.wait_for_timeout(500)
    # The page knows of nothing yet, and a screen reader is not told what comes and goes.
    expect(draw_page.locator(".status")).to_have_text("")
    expect(draw_page.get_by_text("which digit did you mean?")).to_have_count(0)
    lift_mouse(draw_page)
    expect_answer(draw_page, 3)
    expect(draw_page.get_by_text("which digit did you mean?")).to_be_visible()


@pytest.mark.parametrize("where", [(0.05, 0.05, 0.9), (0.6, 0.55, 0.4)], ids=["large", "small"])
def test_ten_digits_by_mouse_have_their_final_answer_before_the_pen_is_lifted(
    draw_page: Page, where: Sequence[float]
) -> None:
    for digit, strokes in DRAWN_DIGITS.items():
        draw_and_compare(draw_page, strokes, digit, where)
        clear(draw_page)


def test_ten_digits_by_touch_have_their_final_answer_before_the_finger_is_lifted(phone_page: Page) -> None:
    for digit, strokes in DRAWN_DIGITS.items():
        draw_and_compare(phone_page, strokes, digit, touch=True)
        clear(phone_page)


def test_answers_follow_undo_the_tool_bar_a_change_of_page_and_clear(draw_page: Page) -> None:
    first, second = DRAWN_DIGITS[4]
    draw_and_compare(draw_page, [first, second, DRAWN_DIGITS[0][0]])
    for _ in range(2):
        told = draw_page.locator(".status").text_content()
        undo(draw_page)
        expect(draw_page.locator(".status")).not_to_have_text(told or "")  # the canvas shows one stroke less now
    draw_and_compare(draw_page, [second], 4)
    canvas_of(draw_page).hover()
    draw_page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(draw_page.locator(".status")).not_to_have_text(re.compile("^Answer: 4,"))
    draw_and_compare(draw_page, [second], 4)
    draw_page.get_by_role("link", name="My digits", exact=True).click()
    expect(draw_page.get_by_role("heading", name="My digits", exact=True)).to_be_visible()
    draw_page.get_by_role("link", name="Draw", exact=True).click()
    expect_answer(draw_page, 4)
    draw_page.wait_for_timeout(1000)
    draw_and_compare(draw_page, [DRAWN_DIGITS[0][0]])
    clear(draw_page)
    draw_and_compare(draw_page, DRAWN_DIGITS[7], 7)


def test_a_chosen_run_answers_while_the_pen_is_down(page: Page, app_url: str, runs_folder: Path) -> None:
    run = finished_run(DENSE, runs_folder)
    _open_draw(page, app_url, run.id)
    asked: list[Any] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/answer"):
            asked.append(json.loads(request.post_data or ""))

    page.on("request", note)
    draw_and_compare(page, DRAWN_DIGITS[2])
    assert {tuple(question["networks"]) for question in asked} == {(run.id,)}


def test_two_digits_are_a_number_while_the_second_is_drawn(draw_page: Page) -> None:
    def draw_both(is_lifted: bool) -> None:
        press_mouse(draw_page, places_of(draw_page, DRAWN_DIGITS[0][0], 0.0, 0.2, 0.5))
        lift_mouse(draw_page)
        press_mouse(draw_page, places_of(draw_page, DRAWN_DIGITS[2][0], 0.5, 0.2, 0.5))
        if is_lifted:
            lift_mouse(draw_page)

    draw_both(is_lifted=True)
    draw_page.get_by_text("Several digits: read them as a number", exact=True).click()
    expect(draw_page.locator(".status")).to_have_text("Answer: 02, predicted digit by digit")
    clear(draw_page)
    draw_both(is_lifted=False)
    expect(draw_page.get_by_text("02, predicted digit by digit", exact=True)).to_be_visible()
    expect(draw_page.get_by_role("img", name="A part of the drawing, predicted as 2")).to_be_visible()
    lift_mouse(draw_page)
    expect(draw_page.locator(".status")).to_have_text("Answer: 02, predicted digit by digit")
