"""A click on the loss surface is the start of the path, in a real browser."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Page, expect

from model_lib.concepts.training.loss_surface import FILE, TICKS
from tests.support.page_layout import settle


def test_a_click_on_the_loss_surface_is_where_the_path_begins(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/how_it_works?screen=gradient_descent")
    chart = page.get_by_test_id("stPlotlyChart").filter(has_text="Loss on the plane").first
    expect(chart).to_be_visible(timeout=120_000)
    settle(page)
    row, column = (int(np.argmin(np.abs(TICKS - place))) for place in (1.0, 0.0))
    # Every second point of the grid can be clicked.
    point = chart.locator(".scatterlayer .trace").last.locator(".point").nth(row // 2 * len(TICKS[::2]) + column // 2)
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile("start=0(,|%2C)1(&|$)"))
    with np.load(FILE, allow_pickle=False) as stored:
        loss = stored["losses"][row, column]
    expect(page.get_by_text(f"the loss has gone from {loss:.4f}")).to_be_visible()
    expect(page.get_by_role("slider", name="Start, y")).to_have_value("1")
