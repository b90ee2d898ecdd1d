"""A sweep from its form to the sentence at its end, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.page_layout import settle

_LONG_MS = 120_000


def _enter(page: Page, label: str, text: str) -> None:
    box = page.get_by_label(label, exact=True).first
    box.fill(text)
    box.press("Enter")
    settle(page)


def test_a_sweep_is_started_grows_and_says_at_its_end_what_the_setting_did(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/sweep_settings")
    start = page.get_by_role("button", name="Start the sweep")
    expect(start).to_be_enabled(timeout=_LONG_MS)
    settle(page)
    _enter(page, "Training images", "300")
    _enter(page, "Epochs", "1")
    _enter(page, "Random seeds", "2")
    _enter(page, "Values, with commas between them", "0.1, much")
    expect(page.get_by_text("needs numbers with commas between them")).to_be_visible()
    expect(start).to_be_disabled()
    _enter(page, "Values, with commas between them", "0.001, 0.01")
    expect(page.get_by_text("4 runs: 2 values x 2 seeds")).to_be_visible()
    start.click()
    expect(page.get_by_text(re.compile(r"\d of 4 runs, "))).to_be_visible(timeout=_LONG_MS)
    expect(page).to_have_url(re.compile(r"sweep=\d{8}-\d{6}-[0-9a-f]{4}"))
    expect(page.get_by_text("4 of 4 runs, finished.")).to_be_visible(timeout=2 * _LONG_MS)
    expect(page.get_by_text(re.compile(r"^Learning rate: 0\.\d+ has the highest mean"))).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text("Each run as a line")).to_be_visible(timeout=_LONG_MS)
    page.get_by_role("button", name="Compare these runs").click()
    expect(page).to_have_url(re.compile(r"compare_runs\?.*runs="), timeout=_LONG_MS)
