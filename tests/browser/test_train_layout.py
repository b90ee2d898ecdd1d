"""How the Train page lies in windows of all sizes: Start in view, nothing moves, nothing is cut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from model_lib.storage.run import Run
from tests.support.copied_runs import copy_of
from tests.support.page_layout import cut_texts
from tests.support.page_layout import settle as stand_still
from tests.support.train_form import open_fold, settle, start_button

_LONG_MS = 300_000

# Notes, at each frame that is drawn, how far below the run's heading its parts stand, and how far Start is from the
# page's top. Scrolling changes neither.
_WATCH_PLACES = """
() => {
  window.places = {};
  const note = (name, element, from) => {
    // Without a box it is not shown, and its place would read as 0.
    if (element?.getClientRects().length && from) (window.places[name] ??= new Set()).add(
      Math.round(element.getBoundingClientRect().top - from.getBoundingClientRect().top));
  };
  const look = () => {
    const run = document.querySelector(".st-key-run");
    note("Start", document.querySelector(".st-key-start"), document.querySelector("h1"));
    note("run", run, document.querySelector("h1"));
    note("bar", run?.querySelector("[data-testid=stProgress]"), run);
    note("axes", run?.querySelector(".st-key-curve_axis"), run);
    document.querySelectorAll(".st-key-run .stPlotlyChart").forEach((chart, at) => note(`chart ${at}`, chart, run));
    requestAnimationFrame(look);
  };
  look();
}
"""


def _visit(page: Page, url: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(url)
    expect(start_button(page)).to_be_visible(timeout=_LONG_MS)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1400, 900), (390, 844)])
def test_start_is_the_one_primary_button_and_in_view_without_scrolling(
    page: Page, app_url: str, width: int, height: int
) -> None:
    _visit(page, app_url, width, height)
    expect(page.locator(".st-key-run .main-svg").first).to_be_visible(timeout=_LONG_MS)
    settle(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    expect(start_button(page)).to_be_in_viewport(ratio=1)
    primary = page.get_by_test_id("stMain").locator("[data-testid=stBaseButton-primary]")
    expect(primary).to_have_text(re.compile("Start"))


@pytest.mark.parametrize(("width", "height"), [(1400, 900)])
def test_a_training_that_starts_is_in_view_and_nothing_moves_until_it_ends(
    page: Page, app_url: str, width: int, height: int
) -> None:
    _visit(page, app_url, width, height)
    expect(page.locator(".st-key-run .main-svg").first).to_be_visible(timeout=_LONG_MS)
    settle(page)
    page.evaluate(_WATCH_PLACES)
    start_button(page).click()
    expect(page.get_by_role("heading", name="Fast network")).to_be_in_viewport(timeout=_LONG_MS)
    expect(page.locator(".st-key-run").get_by_test_id("stProgress")).to_be_in_viewport(ratio=1)
    expect(page.locator(".js-line").first).to_be_attached(timeout=_LONG_MS)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_test_id("stMetric").first).to_be_attached(timeout=_LONG_MS)
    settle(page)
    places: dict[str, list[int]] = page.evaluate(
        "Object.fromEntries(Object.entries(places).map(([name, tops]) => [name, [...tops]]))"
    )
    # For a moment a page may hold a chart of the run before it too.
    assert set(places) >= {"Start", "run", "bar", "axes", "chart 0", "chart 1"}
    moved = {name: tops for name, tops in places.items() if max(tops) - min(tops) > 1}
    assert not moved


# A chart that was measured on a projector keeps the sizes of its letters.
@pytest.mark.parametrize("widths", [(1920,), (1400, 800, 390)], ids=["projector", "laptop, tablet and phone"])
def test_nothing_is_cut_on_train_with_a_finished_run(
    page: Page, app_url: str, widths: tuple[int, ...], trained_run: Run, runs_folder: Path
) -> None:
    run = copy_of(trained_run, runs_folder)
    _visit(page, f"{app_url}/?run={run.id}", widths[0], 900)
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=_LONG_MS)
    expect(page.locator(".js-line").first).to_be_attached(timeout=_LONG_MS)
    for title in ("Layers", "More settings", "The network as a table"):
        open_fold(page, title)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        stand_still(page)
        assert (width, cut_texts(page)) == (width, [])
