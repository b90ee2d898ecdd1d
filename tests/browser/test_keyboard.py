"""Everything without a mouse, in a real browser: a visitor who has the keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, TimeoutError, expect

from tests.support.keyboard import focused, skip_to_main, tab_to
from tests.support.page_layout import settle

_LONG_MS = 120_000


def _follow(page: Page, link: str) -> None:
    """Goes to another page by its link in the sidebar."""
    tab_to(page, f"^link .*{re.escape(link)} #")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=link, exact=True, level=1)).to_be_visible(timeout=_LONG_MS)
    settle(page)


def _type(page: Page, box: str, number: int) -> None:
    """Types a number into a box, which keeps the focus while the page runs again."""
    tab_to(page, box)
    page.keyboard.press("Control+A")
    page.keyboard.type(str(number))
    page.keyboard.press("Enter")
    settle(page)
    assert re.search(box, focused(page))


def _open_list(page: Page) -> None:
    """Opens the list of the box that has the focus: a page that runs once more meanwhile closes it again."""
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        try:
            page.get_by_role("option").first.wait_for(timeout=5_000)
        except TimeoutError:
            continue
        return
    raise AssertionError("The list closes before an entry can be chosen.")


def test_a_visitor_trains_draws_looks_inside_and_finds_the_reasons_of_a_mistake_with_the_keyboard_alone(
    page: Page, app_url: str
) -> None:
    page.goto(f"{app_url}/?training_images=12000")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=_LONG_MS)
    settle(page)
    skip_to_main(page)
    _type(page, "^number Epochs", 1)
    tab_to(page, "^button .*Start", most=4)
    page.keyboard.press("Enter")
    accuracy = page.get_by_test_id("stMetric").filter(has_text="Test accuracy")
    expect(accuracy).to_be_visible(timeout=2 * _LONG_MS)

    _follow(page, "Draw")
    tab_to(page, "^radio By hand")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("grid")).to_be_visible(timeout=_LONG_MS)
    settle(page)
    tab_to(page, "^gridcell Row 4, column 14, empty #", most=1)
    for key in (
        ["ArrowLeft"] * 4 + ["Shift+ArrowRight"] * 9 + ["Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowLeft"] * 8
    ):
        page.keyboard.press(key)
    answer = page.get_by_role("status").filter(has_text=re.compile(r"^Answer: 7, (> )?\d+\.\d % sure"))
    expect(answer).to_have_count(1, timeout=_LONG_MS)
    assert "gridcell Row 20, column 11, ink" in focused(page)
    page.keyboard.press("Space")
    assert "gridcell Row 20, column 11, empty" in focused(page)

    _follow(page, "Look inside")
    expect(page.get_by_role("listitem").filter(has_text="My drawing")).to_be_visible(timeout=_LONG_MS)
    _type(page, "^number Map, 0 to", 3)
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text=", map 3")).to_have_count(1, timeout=_LONG_MS)
    _type(page, "^number Row, 0 to", 5)
    _type(page, "^number Column, 0 to", 7)
    expect(page).to_have_url(re.compile("filter=3&pixel=5-7"))

    _follow(page, "Review mistakes")
    tab_to(page, "^combobox Open an image of this page")
    _open_list(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile(r"^Test image \d+$"))).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text(re.compile(r"^Label \d, predicted \d"))).to_be_visible()
    mistake = re.search(r"image=test-(\d+)", page.url)
    assert mistake is not None

    _follow(page, "Explain an answer (saliency maps)")
    for method in ("Grad-CAM", "Saliency", "Occlusion"):
        expect(page.get_by_test_id("stPlotlyChart").filter(has_text=method)).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text=f"Test image {mistake[1]}").first).to_be_visible()
