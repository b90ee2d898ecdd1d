"""What a visitor does on the Train page, in a real browser, with real trainings."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def test_a_newcomer_presses_one_button_and_sees_a_network_learn(page: Page, app_url: str) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Watch a network learn").click()
    # The curve's own points, not only its axes.
    expect(page.locator(".js-line").first).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"9[6-9]\.\d\d%"), timeout=90_000)
