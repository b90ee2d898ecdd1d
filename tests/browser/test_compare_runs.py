"""Two trained runs side by side in a real browser: curves, what differs, the price, and the same address."""

from __future__ import annotations

import dataclasses
import re

from playwright.sync_api import Page, expect

from model_lib.storage.run import Run
from tests.support.app_server import AppServer
from tests.support.copied_runs import copy_of
from tests.support.page_layout import settle

_LONG_MS = 120_000


def _with_another_batch_size(run: Run) -> Run:
    """Makes a copy of a run that another training with another batch size might have left."""
    copy = Run(run.folder.rename(run.folder.with_name(f"{run.id[:-4]}beef")))
    config = dataclasses.replace(run_config := copy.config, batch_size=2 * run_config.batch_size)
    file = copy.folder / "config.json"
    file.write_text(
        file.read_text().replace(f'"batch_size": {run_config.batch_size}', f'"batch_size": {config.batch_size}')
    )
    return copy


def _click_price_point(page: Page, place: int) -> None:
    """Clicks a point of the chart of prices: the runs that are not chosen come first."""
    point = page.get_by_test_id("stPlotlyChart").last.locator(".scatterlayer .point").nth(place)
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_two_runs_are_chosen_seen_over_each_other_and_found_again_by_the_address(
    page: Page, own_server: AppServer, trained_run: Run
) -> None:
    own_server.runs.mkdir(exist_ok=True)
    other = _with_another_batch_size(copy_of(trained_run, own_server.runs))
    run = copy_of(trained_run, own_server.runs)
    assert other.config.batch_size == 2 * run.config.batch_size
    # These runs have no validation images; so the price is asked for by the test images.
    page.goto(f"{own_server.url}/compare_runs?judge=test")
    page.get_by_role("button", name="Compare the last two").click(timeout=_LONG_MS)
    charts = page.get_by_test_id("stPlotlyChart")
    expect(charts).to_have_count(3, timeout=_LONG_MS)
    for each in (run, other):
        expect(charts.first.locator(".legendtext", has_text=each.title).first).to_be_visible(timeout=_LONG_MS)
    expect(charts.first.locator(".scatterlayer .js-line").first).to_be_attached()
    row = page.get_by_role("row").filter(has_text="≠ Batch size")
    expect(row).to_contain_text(str(run.config.batch_size))
    expect(row).to_contain_text(str(other.config.batch_size))

    page.get_by_role("radio", name="seconds").first.click()
    expect(charts.first.locator(".xtitle")).to_have_text("seconds of training", timeout=_LONG_MS)
    page.get_by_role("radio", name="multiplications").click()
    expect(charts.last.locator(".xtitle")).to_contain_text("multiplications for one image", timeout=_LONG_MS)
    expect(page).to_have_url(re.compile(r"over=seconds.*price=multiplications|price=multiplications.*over=seconds"))
    settle(page)

    page.reload()
    expect(charts).to_have_count(3, timeout=_LONG_MS)
    expect(charts.first.locator(".xtitle")).to_have_text("seconds of training", timeout=_LONG_MS)
    expect(charts.last.locator(".xtitle")).to_contain_text("multiplications for one image")
    for each in (run, other):
        expect(charts.first.locator(".legendtext", has_text=each.title).first).to_be_visible()
    settle(page)

    # Hides the run's lines, in this chart alone; the run stays chosen.
    lines = charts.first.locator(".scatterlayer .trace")
    before = lines.count()
    charts.first.locator(".legendtoggle").first.click()
    expect(lines).not_to_have_count(before, timeout=_LONG_MS)
    settle(page)

    # A point of the chart of prices: a click takes its run out, a second one puts it back.
    page.get_by_role("radio", name="all runs").click()
    expect(page).to_have_url(re.compile("of=all"), timeout=_LONG_MS)
    settle(page)
    _click_price_point(page, -1)
    expect(page).to_have_url(re.compile(f"runs=({run.id}|{other.id})(&|$)"), timeout=_LONG_MS)
    settle(page)
    _click_price_point(page, 0)
    expect(page).to_have_url(re.compile(f"runs=({run.id}%2C{other.id}|{other.id}%2C{run.id})"), timeout=_LONG_MS)
