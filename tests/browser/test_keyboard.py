"""Everything without a mouse, in a real browser: a visitor who has the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.page_layout import settle
from tests.support.pages import ADDRESSES

_LONG_MS = 120_000
_MOST_STOPS = 200
# Of what has the focus, in shadow roots too: the role, the label or the text as a screen reader says them, and the key.
_FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const name = element.ariaLabel || element.labels?.[0]?.innerText || element.innerText;
  const key = document.activeElement.closest('[class*="st-key-"]')?.className.match(/st-key-(\\S+)/)?.[1];
  const kind = element.role || { A: "link", BUTTON: "button", MAIN: "main" }[element.tagName] || element.type;
  return `${kind} ${name} #${key}`.replace(/\\s+/g, " ");
}"""


def _tab_to(page: Page, name: str, most: int = _MOST_STOPS) -> int:
    """Presses Tab until what a regular expression finds has the focus; returns how often."""
    for presses in range(1, most + 1):
        page.keyboard.press("Tab")
        if re.search(name, page.evaluate(_FOCUSED)):
            return presses
    raise AssertionError(f"{name} has no focus after {most} tab stops: {page.evaluate(_FOCUSED)}")


def _skip_to_main(page: Page) -> None:
    """Follows the skip link, the first tab stop of a page that was just opened."""
    _tab_to(page, "^link Skip to main content", most=1)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.evaluate(_FOCUSED).startswith("main ")


def _follow(page: Page, link: str) -> None:
    """Goes to another page by its link in the sidebar."""
    _tab_to(page, f"^link .*{re.escape(link)} #")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=link, exact=True, level=1)).to_be_visible(timeout=_LONG_MS)
    settle(page)


def _type(page: Page, box: str, number: int) -> None:
    """Types a number into a box, which keeps the focus while the page runs again."""
    _tab_to(page, box)
    page.keyboard.press("Control+A")
    page.keyboard.type(str(number))
    page.keyboard.press("Enter")
    settle(page)
    assert re.search(box, page.evaluate(_FOCUSED))


def test_a_visitor_trains_draws_looks_inside_and_finds_the_reasons_of_a_mistake_with_the_keyboard_alone(
    page: Page, app_url: str
) -> None:
    page.goto(app_url)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=_LONG_MS)
    settle(page)
    _skip_to_main(page)
    _type(page, "^number Epochs", 1)
    _tab_to(page, "^button .*Start", most=4)
    page.keyboard.press("Enter")
    accuracy = page.get_by_test_id("stMetric").filter(has_text="Test accuracy")
    expect(accuracy).to_be_visible(timeout=2 * _LONG_MS)

    _follow(page, "Draw")
    _tab_to(page, "^radio By hand")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("grid")).to_be_visible(timeout=_LONG_MS)
    settle(page)
    _tab_to(page, "^gridcell Row 4, column 14, empty #", most=1)
    for key in (
        ["ArrowLeft"] * 4 + ["Shift+ArrowRight"] * 9 + ["Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowLeft"] * 8
    ):
        page.keyboard.press(key)
    answer = page.get_by_role("status").filter(has_text=re.compile(r"^Answer: 7, (> )?\d+\.\d % sure"))
    expect(answer).to_have_count(1, timeout=_LONG_MS)
    assert "gridcell Row 20, column 11, ink" in page.evaluate(_FOCUSED)
    page.keyboard.press("Space")
    assert "gridcell Row 20, column 11, empty" in page.evaluate(_FOCUSED)

    _follow(page, "Look inside")
    expect(page.get_by_role("listitem").filter(has_text="My drawing")).to_be_visible(timeout=_LONG_MS)
    _type(page, "^number Map, 0 to", 3)
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text=", map 3")).to_have_count(1, timeout=_LONG_MS)
    _type(page, "^number Row, 0 to", 5)
    _type(page, "^number Column, 0 to", 7)
    expect(page).to_have_url(re.compile("filter=3&pixel=5-7"))

    _follow(page, "Review mistakes")
    _tab_to(page, "^combobox Open an image of this page")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile(r"^Test image \d+$"))).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text(re.compile(r"^Label \d, predicted \d"))).to_be_visible()
    mistake = re.search(r"image=test-(\d+)", page.url)
    assert mistake is not None

    _follow(page, "Explain an answer (saliency maps)")
    for method in ("Grad-CAM", "Saliency", "Occlusion"):
        expect(page.get_by_test_id("stPlotlyChart").filter(has_text=method)).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text=f"Test image {mistake[1]}").first).to_be_visible()


# What a visitor comes to a page for, by its key, or by its role and text.
_MAIN_THINGS = {
    "": "^button .*Start",
    "draw": "#draw_with",
    "upload_picture": "^button .*Upload",
    "my_digits": "^button .*Draw a digit",
    "own_images": "^button .*Upload",
    "look_inside": "^button .*Conv2D 1",
    "see_filters": "#look-inside-Layer",
    "find_favourites": "#look-inside-Layer",
    "switch_off_filters": "#look-inside-Layer",
    "explain_answer": "#reason-",
    "map_images": "#places-index",
    "try_filters": "^button .*New seed",
    "review_mistakes": "^button .*Open the first image",
    "browse_data": "#data-set",
    "list_runs": "#run_table|#train_first",
    "compare_runs": "^(combobox .*Runs to compare|button .*Train a network)",
    "judge_difference": "#chance-view",
    "sweep_settings": "#sweep_factor_0",
    "vote_together": "^button .*(Train a network|Choose the best by validation)",
    "rank_runs": "^button .*(Train a network|Enter my run)",
    "take_home": "^button .*Download .py",
    "bring_network": "^button .*Upload",
    "read_programs": "^button .*# %% load: ",
    "how_it_works": "#pixels_rate",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_ten_tab_stops_or_fewer_lead_from_the_skip_link_to_the_main_thing_of_a_page(
    page: Page, app_url: str, address: str
) -> None:
    page.goto(f"{app_url}/{address}?run=pretrained")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=_LONG_MS)
    settle(page)
    _skip_to_main(page)
    _tab_to(page, _MAIN_THINGS[address], most=10)
