"""How long All runs takes to open, to sort and to choose in: python -m benchmarks.pages.compare

Needs Playwright and a Chromium. One network is trained; its folder, without arrays, is copied as often as there are
to be runs. Beside it, in turns: an app of one `st.dataframe` with as many rows and nothing else.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from benchmarks.pages.browser import forget_moments, measured_page, moment_ms, timing_row, wait_for
from benchmarks.report import print_heading, print_table
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run
from model_lib.storage.notes import RunNotes, write_notes
from model_lib.storage.run import Run
from tests.support.app_server import AppServer
from tests.support.chromium import chromium

_COPIED: Final = ("spec.json", "config.json", "state.json", "events.jsonl")
# After its first page a server starts its workers.
_WARM_UP_MS: Final = 30_000
_REST_MS: Final = 1500
_HEADER_PX: Final = 35
_HOUR_SECONDS: Final = 3600
# Notes when the table had its rows, and after a click when its first row, or the chosen runs, were others.
_PLAIN_APP: Final = """
import numpy as np
import streamlit as st

with st.container(key="plain"):
    st.dataframe({{f"column {{place}}": np.arange({runs}) for place in range(10)}}, height=335)
"""
_OTHER_PAGE: Final = "Six programs"
_OBSERVER: Final = """
window.before = null;
window.table = () => ({
  row: [...document.querySelectorAll("[data-testid=stDataFrame] canvas [role=gridcell]")].slice(0, 6)
    .map((cell) => cell.textContent).join("|"),
  chosen: document.querySelector(".st-key-chosen_runs label")?.innerText ?? "",
});
watch(() => {
  const now = window.table();
  if (now.row && (now.chosen || document.querySelector(".st-key-plain"))) note("table");
  if (window.before === null || !("click" in window.moments)) return;
  if (now.row !== window.before.row) note("sorted");
  if (now.chosen !== window.before.chosen) note("chosen");
});
// The table keeps its clicks from becoming mouse events.
document.addEventListener("pointerdown", () => note("click"), true);
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--runs", type=int, nargs="+", default=[10, 100, 1000], help="how many there are")
    options = parser.parse_args(arguments)
    print_heading(f"All runs, milliseconds, medians of {options.rounds}")
    rows = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        trained = _trained(Path(folder))
        for runs in options.runs:
            rows += _measure(browser, trained, Path(folder) / str(runs), runs, options.rounds)
    print_table(("wait in the browser", "goal", "median", "slowest"), rows)


def _trained(folder: Path) -> Run:
    from model_lib.training.loop import train

    run = create_run(PRESETS["mlp"], TrainingConfig(epochs=5, training_images=10_000), folder / "trained")
    train(run)
    return run


def _copy(run: Run, root: Path, runs: int) -> None:
    root.mkdir(parents=True)
    for number in range(runs):
        when = time.strftime("%Y%m%d-%H%M%S", time.localtime(time.time() - number * _HOUR_SECONDS))
        folder = root / f"{when}-mlp-{uuid.uuid4().hex[:4]}"
        folder.mkdir()
        for name in _COPIED:
            shutil.copy(run.folder / name, folder / name)
        # In no order of their time: each click on the heading changes the table.
        write_notes(folder, RunNotes(title=uuid.uuid4().hex[:8]))


def _measure(browser: Browser, trained: Run, folder: Path, runs: int, rounds: int) -> list[tuple[str, str, str, str]]:
    _copy(trained, folder / "runs", runs)
    server = AppServer(folder / "runs").start()
    try:
        page, first_ms = _opened(browser, f"{server.url}/list_runs")
        page.wait_for_timeout(_WARM_UP_MS)
        page.context.close()
        opened, again, followed, plain = [], [], [], []
        with _plain_table(folder, runs) as plain_url:
            for _ in range(rounds):
                page, time_ms = _opened(browser, f"{server.url}/list_runs")
                opened.append(time_ms)
                page.wait_for_timeout(_REST_MS)
                page.reload()
                again.append(moment_ms(page, "table"))
                followed.append(_follow_link(page))
                page.context.close()
                page, time_ms = _opened(browser, plain_url)
                plain.append(time_ms)
                page.context.close()
        page, _ = _opened(browser, f"{server.url}/list_runs")
        page.wait_for_timeout(_REST_MS)
        # The heading of Name, twice for each order; then the boxes of the first rows.
        sorted_ms = [_click(page, 120, 0, "sorted") for _ in range(rounds)]
        chosen_ms = [_click(page, 18, row + 1, "chosen") for row in range(rounds)]
        page.context.close()
    finally:
        server.stop()
    return [
        timing_row(f"{runs:,} runs: opened by a link, server just started", "", [first_ms]),
        timing_row(f"{runs:,} runs: opened by a link into a new browser", "1,000", opened),
        timing_row(f"{runs:,} runs: an app of one table, opened so", "", plain),
        timing_row(f"{runs:,} runs: loaded again in the same browser", "1,000", again),
        timing_row(f"{runs:,} runs: opened from another page by the menu", "1,000", followed),
        timing_row(f"{runs:,} runs: sorted by a click on a heading", "300", sorted_ms),
        timing_row(f"{runs:,} runs: chosen by a click on a box", "500", chosen_ms),
    ]


@contextmanager
def _plain_table(folder: Path, runs: int) -> Iterator[str]:
    """Serves an app of a table alone, and returns its address."""
    app = folder / "plain" / "app.py"
    (app.parent / ".streamlit").mkdir(parents=True)
    (app.parent / ".streamlit" / "config.toml").write_text("[browser]\ngatherUsageStats = false\n")
    app.write_text(_PLAIN_APP.format(runs=runs))
    server = AppServer(folder / "plain" / "runs", app).start()
    try:
        yield server.url
    finally:
        server.stop()


def _opened(browser: Browser, address: str) -> tuple[Page, float]:
    page = measured_page(browser, _OBSERVER)
    page.goto(address)
    return page, moment_ms(page, "table")


def _follow_link(page: Page) -> float:
    """Leaves All runs, and comes back to it by a click in the menu."""
    menu = page.get_by_test_id("stSidebarNav")
    menu.get_by_role("link", name=_OTHER_PAGE).click()
    page.get_by_role("heading", name=_OTHER_PAGE, level=1).wait_for()
    page.wait_for_timeout(_REST_MS)
    forget_moments(page)
    menu.get_by_role("link", name="All runs").click()
    wait_for(page, "click")
    return moment_ms(page, "table", since="click")


def _click(page: Page, x_px: int, row: int, moment: str) -> float:
    box = page.get_by_test_id("stDataFrame").locator("canvas").first.bounding_box()
    assert box is not None
    forget_moments(page)
    page.evaluate("window.before = window.table()")
    page.mouse.click(box["x"] + x_px, box["y"] + (row + 0.5) * _HEADER_PX)
    wait_for(page, "click")
    time_ms = moment_ms(page, moment, since="click")
    page.wait_for_timeout(_REST_MS)
    return time_ms


if __name__ == "__main__":
    main()
