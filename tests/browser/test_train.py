"""What a visitor does on the Train page, in a real browser, with real trainings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from model_lib.runs import Run, list_runs
from tests.server import AppServer

_LONG_MS = 90_000


def _points(page: Page) -> int:
    """Returns how many points the first curve has: the steps of its path."""
    path = page.locator(".js-line").first.get_attribute("d") or ""
    return len(re.findall(r"[ML]", path)) + path.count(",")


def _curve(page: Page) -> Locator:
    return page.locator(".js-line").first


def _metric(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def _choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).first.click()
    page.get_by_role("option", name=option).click()


def _enter(page: Page, label: str, value: str) -> None:
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(value)
    field.press("Enter")


def _start_long_run(page: Page, url: str) -> Run:
    """Starts a training that nobody waits for, and returns it when it has learnt for a while."""
    page.goto(url)
    _enter(page, "Epochs", "50")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(_curve(page)).to_be_attached(timeout=_LONG_MS)
    expect(page.get_by_text(re.compile(r"Epoch [2-9]\d* of 50"))).to_have_count(1, timeout=_LONG_MS)
    name = re.search(r"run=([^&]+)", page.url)
    assert name
    return Run(Path(name[1]))


def test_a_newcomer_presses_one_button_and_sees_a_network_learn(page: Page, app_url: str) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Watch a network learn").click()
    expect(_curve(page)).to_be_attached(timeout=_LONG_MS)
    first = _curve(page).get_attribute("d")
    expect(_curve(page)).not_to_have_attribute("d", first or "", timeout=_LONG_MS)
    expect(_metric(page, "Test accuracy")).to_have_text(re.compile(r"9[7-9]\.\d\d%"), timeout=_LONG_MS)


def test_the_dense_network_reads_97_per_cent_after_two_epochs(page: Page, app_url: str) -> None:
    page.goto(app_url)
    _choose(page, "Network", "Dense network (mlp)") if page.get_by_text("(mlp)").count() == 0 else None
    _enter(page, "Epochs", "2")
    page.get_by_role("button", name="Start", exact=True).click()
    value = _metric(page, "Test accuracy")
    expect(value).to_be_visible(timeout=_LONG_MS)
    assert float(value.inner_text().rstrip("%")) >= 96.5
