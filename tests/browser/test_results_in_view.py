"""The result of a click stands where the visitor looks: in view, on a small laptop and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from model_lib.storage.run import Run
from tests.support.copied_runs import copy_of
from tests.support.page_layout import settle
from tests.support.sample_networks import ALL_KINDS, finished_run

_LONG_MS = 300_000
_SIZES = [(1400, 900), (390, 844)]


@pytest.fixture(scope="module")
def run(runs_folder: Path) -> Run:
    """A network with all kinds of layers, with weights and without training."""
    return finished_run(ALL_KINDS, runs_folder)


@pytest.fixture(scope="module")
def trained(trained_run: Run, runs_folder: Path) -> Run:
    """A trained network with its evaluation."""
    return copy_of(trained_run, runs_folder)


@pytest.fixture(params=_SIZES, ids=lambda size: f"{size[0]}px")
def window(request: pytest.FixtureRequest, page: Page) -> Page:
    """A page in a window of each size."""
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    return page


def _click(page: Page, chart: Locator, place: int) -> None:
    """Clicks a marker of a chart, at which the visitor looks."""
    point = chart.locator(".point").nth(place)
    expect(point).to_be_attached(timeout=_LONG_MS)
    settle(page)
    point.evaluate("point => point.scrollIntoView({ block: 'center' })")
    box = point.bounding_box()
    assert box is not None
    place_px = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    # Plotly clicks what it has found below the pointer, for which it takes a while on a busy machine.
    page.mouse.move(*place_px)
    page.wait_for_timeout(300)
    page.mouse.click(*place_px)


def _chart(page: Page, text: str) -> Locator:
    return page.get_by_test_id("stPlotlyChart").filter(has_text=text).first


def _top(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["y"]


def test_an_image_of_the_gallery_opens_at_its_top_and_next_stays_below_the_pointer(
    window: Page, app_url: str, trained: Run
) -> None:
    window.goto(f"{app_url}/review_mistakes?run={trained.id}")
    _click(window, window.get_by_test_id("stPlotlyChart").nth(1), 7)
    heading = window.get_by_role("heading", name=re.compile(r"Test image \d+"))
    expect(heading).to_be_in_viewport(timeout=_LONG_MS)
    settle(window)
    assert _top(heading) < 400
    button = window.get_by_role("button", name="Next image")
    expect(button).to_be_in_viewport()
    before, title = _top(button), heading.inner_text()
    button.click()
    expect(heading).not_to_have_text(title)
    settle(window)
    assert _top(button) == pytest.approx(before, abs=1)
    window.get_by_role("button", name="Back to the gallery").click()
    expect(window.get_by_role("heading", name=re.compile("All labels"))).to_be_in_viewport(timeout=_LONG_MS)


def test_the_images_of_a_cell_are_in_view(window: Page, app_url: str, trained: Run) -> None:
    window.goto(f"{app_url}/review_mistakes?run={trained.id}")
    _click(window, window.get_by_test_id("stPlotlyChart").first, 30)
    heading = window.get_by_role("heading", name=re.compile(r"predicted as \d: \d+"))
    expect(heading).to_be_in_viewport(timeout=_LONG_MS)
    settle(window)
    expect(window.get_by_test_id("stPlotlyChart").nth(1)).to_be_in_viewport(ratio=0.1)


def test_the_image_of_a_point_is_in_view(window: Page, app_url: str, run: Run) -> None:
    window.goto(f"{app_url}/map_images?run={run.id}")
    _click(window, window.locator(".st-key-map .stPlotlyChart"), 40)
    expect(window).to_have_url(re.compile(r"image=test-(?!0\b)\d+"), timeout=_LONG_MS)
    settle(window)
    expect(window.locator(".st-key-beside_map .stPlotlyChart")).to_be_in_viewport(ratio=0.95)


def test_a_layer_a_feature_map_and_a_pixel_are_in_view(window: Page, app_url: str, run: Run) -> None:
    window.goto(f"{app_url}/look_inside?run={run.id}")
    settle(window)
    window.get_by_role("button", name="MaxPooling 1").click()
    expect(window).to_have_url(re.compile("layer=max_pooling2d_1"), timeout=_LONG_MS)
    sheet = _chart(window, "MaxPooling 1: 5 feature maps")
    expect(sheet).to_be_in_viewport(timeout=_LONG_MS)
    _click(window, sheet, 3)
    one = _chart(window, "MaxPooling 1, map 3")
    expect(one).to_be_in_viewport(timeout=_LONG_MS)
    _click(window, one, 2 * 7 + 4)
    expect(window).to_have_url(re.compile("pixel=2-4"), timeout=_LONG_MS)
    settle(window)
    expect(window.get_by_test_id("stMetric").last).to_be_in_viewport(ratio=0.95)


def test_the_numbers_of_a_filter_are_in_view(window: Page, app_url: str, run: Run) -> None:
    window.goto(f"{app_url}/see_filters?run={run.id}&layer=conv2d_2")
    _click(window, _chart(window, "filters, 3 x 3"), 4)
    numbers = _chart(window, "Filter 4: its weights")
    expect(numbers).to_be_visible(timeout=_LONG_MS)
    settle(window)
    expect(numbers).to_be_in_viewport(ratio=0.95)
