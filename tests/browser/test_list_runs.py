"""All runs in a real browser: rows chosen by clicks, names, deletion with undo, and the way on to the comparison."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run
from model_lib.storage.notes import RunNotes, read_notes, write_notes
from model_lib.storage.run import Run
from tests.support.app_server import AppServer
from tests.support.keyboard import skip_to_main, tab_to
from tests.support.page_layout import settle

_LONG_MS: Final = 120_000
_RUNS: Final = 40
_ROW_PX: Final = 35
_BOX_X, _NAME_X = 18, 120


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server whose runs are those of this file alone."""
    server = AppServer(tmp_path_factory.mktemp("table") / "runs").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def runs(server: AppServer) -> list[Run]:
    """Forty ended runs named by their number, in no order of their time."""
    server.runs.mkdir(exist_ok=True)
    made = []
    for number in range(_RUNS):
        run = create_run(PRESETS["mlp"], TrainingConfig(), server.runs)
        run.set_state("finished")
        write_notes(run.folder, RunNotes(title=f"run {number * 7 % _RUNS:02}"))
        made.append(run)
    return sorted(made, key=lambda run: run.title)


def _table(page: Page) -> Locator:
    return page.get_by_test_id("stDataFrame").locator("canvas").first


def _click(page: Page, row: int, x_px: int) -> None:
    """Clicks into the table; row 0 are the headings."""
    box = _table(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x_px, box["y"] + (row + 0.5) * _ROW_PX)
    settle(page)


def _names(page: Page) -> list[str]:
    """Returns what the table shows, by the copy of its cells that screen readers have: of the rows in sight."""
    cells = _table(page).locator("[role=gridcell][aria-colindex='1']")
    return [re.sub(r" · .*", "", text) for text in cells.all_text_contents()]


def _chosen(page: Page) -> Locator:
    """The buttons that take a run out of the list of the chosen ones: one for each."""
    return page.locator(".st-key-chosen_runs").get_by_role("button", name=re.compile("^Remove "))


def test_rows_are_chosen_by_clicks_deleted_brought_back_and_compared_and_the_table_stays_as_it_was(
    page: Page, server: AppServer, runs: list[Run]
) -> None:
    page.goto(f"{server.url}/list_runs")
    expect(_table(page)).to_be_visible(timeout=_LONG_MS)
    settle(page)
    _click(page, 0, _NAME_X)
    assert _names(page)[:3] == ["run 00", "run 01", "run 02"]
    page.get_by_test_id("stDataFrame").hover()
    page.mouse.wheel(0, 10 * _ROW_PX)
    settle(page)
    scrolled = _names(page)
    assert scrolled[0] > "run 05"
    _click(page, 3, _BOX_X)
    expect(_chosen(page)).to_have_count(1, timeout=_LONG_MS)
    _click(page, 5, _BOX_X)
    expect(_chosen(page)).to_have_count(2, timeout=_LONG_MS)
    settle(page)
    assert _names(page) == scrolled  # neither the order nor the place was lost
    numbers = [
        int(re.findall(r"run (\d+)", button.get_attribute("aria-label") or "")[0]) for button in _chosen(page).all()
    ]
    assert numbers[1] == numbers[0] + 2
    one, other = (runs[number] for number in numbers)

    page.get_by_role("button", name="Delete 2 runs").click()
    page.get_by_role("button", name="Undo").click(timeout=_LONG_MS)
    expect(_chosen(page)).to_have_count(2, timeout=_LONG_MS)
    settle(page)
    assert one.exists
    assert other.exists
    page.get_by_role("button", name="Side by side").click()
    for run in (one, other):
        expect(page).to_have_url(re.compile(rf"/compare_runs\?.*runs=.*{run.id}"), timeout=_LONG_MS)
        expect(page.get_by_text(run.title).first).to_be_visible(timeout=_LONG_MS)


def test_a_name_is_text_and_a_deleted_run_comes_back_from_the_bin_with_it(
    page: Page, server: AppServer, runs: list[Run]
) -> None:
    run = runs[-1]  # the first ones are looked for by their names
    page.goto(f"{server.url}/list_runs?runs={run.id}")
    page.get_by_role("button", name="Name and note").click(timeout=_LONG_MS)
    page.get_by_label("Name", exact=True).fill("<b>x</b> **y**")
    page.get_by_label("Note", exact=True).fill("a *note*")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Go on with <b>x</b> **y** ·")).to_be_visible(timeout=_LONG_MS)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Star", exact=True).click()
    expect(page.get_by_role("button", name="Remove the star")).to_be_visible(timeout=_LONG_MS)
    assert read_notes(run.folder) == RunNotes("<b>x</b> **y**", note="a *note*", is_starred=True)

    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Deleted runs (1)").click(timeout=_LONG_MS)
    settle(page)
    assert not run.exists
    deleted = page.get_by_role("combobox", name="Runs to bring back")
    deleted.click(timeout=_LONG_MS)
    deleted.press_sequentially("<b>")  # opens the list also where a run of the page has closed it
    page.get_by_role("option", name="<b>x</b> **y** ·").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Bring back", exact=True).click()
    expect(page.get_by_text("Go on with <b>x</b> **y** ·")).to_be_visible(timeout=_LONG_MS)
    assert run.exists
    expect(page.get_by_text("Deleted runs (1)")).to_be_hidden(timeout=_LONG_MS)


def test_two_runs_are_chosen_and_compared_with_the_keyboard_alone(
    page: Page, server: AppServer, runs: list[Run]
) -> None:
    page.goto(f"{server.url}/list_runs")
    expect(_table(page)).to_be_visible(timeout=_LONG_MS)
    settle(page)
    skip_to_main(page)
    tab_to(page, "^combobox .*Chosen runs")
    for count, run in enumerate(runs[:2], start=1):
        page.keyboard.type(run.title[:6])
        expect(page.get_by_role("option", name=run.title)).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        settle(page)
        # Not by their role: what stands beside an open list is hidden from screen readers.
        expect(page.locator(".st-key-chosen_runs [data-tag]")).to_have_count(count, timeout=_LONG_MS)
        page.keyboard.press("Escape")
    tab_to(page, "^button .*Side by side", most=10)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Side by side", level=1)).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_test_id("stMultiSelect").locator("[data-tag]")).to_have_count(2, timeout=_LONG_MS)
