"""The projector view: what the stylesheet does, which only a browser knows."""

from __future__ import annotations

from playwright.sync_api import Page, expect

_LARGEST_LAPTOP = {"width": 1799, "height": 1000}
_PROJECTOR = {"width": 1920, "height": 1080}
_LEAST_PX = 18
_LETTERS = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
# Of all texts of all charts.
_CHART_LETTERS = """
() => Math.min(...[...document.querySelectorAll(".js-plotly-plot svg text")]
    .filter(text => text.textContent.trim())
    .map(text => parseFloat(getComputedStyle(text).fontSize)))
"""


def _open(page: Page, url: str) -> None:
    page.goto(f"{url}/review_mistakes?run=pretrained")
    expect(page.locator(".js-plotly-plot .point").first).to_be_attached(timeout=180_000)


def test_letters_of_page_and_charts_are_larger_on_a_projectors_screen(page: Page, app_url: str) -> None:
    page.set_viewport_size(_LARGEST_LAPTOP)
    _open(page, app_url)
    assert (page.evaluate(_LETTERS), page.evaluate(_CHART_LETTERS)) == (16, 14)
    page.set_viewport_size(_PROJECTOR)
    _open(page, app_url)
    assert page.evaluate(_LETTERS) * 0.875 >= _LEAST_PX
    assert page.evaluate(_CHART_LETTERS) >= _LEAST_PX
    # A chart that is magnified still knows where the pointer is.
    point = page.locator(".js-plotly-plot").first.locator(".scatterlayer .point").nth(3)
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("predicted as 6", timeout=60_000)


def test_the_projector_view_hides_the_sidebar_enlarges_further_and_can_be_left(page: Page, app_url: str) -> None:
    _open(page, app_url)
    sidebar = page.get_by_test_id("stSidebar")
    before = page.evaluate(_LETTERS)
    page.get_by_role("button", name="Display").click()
    page.get_by_test_id("stPopoverBody").get_by_text("Projector").click()
    expect(sidebar).to_be_hidden()
    assert page.evaluate(_LETTERS) > 1.2 * before
    page.get_by_role("button", name="Leave projector view").click()
    expect(sidebar).to_be_visible()
    assert page.evaluate(_LETTERS) == before
