"""Whether the web process grows while runs are watched: python -m benchmarks.pages.memory --runs 50

A real browser starts one short training after the other on the Train page of a real server and watches each to its
end. Needs Playwright and a Chromium.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import psutil
from playwright.sync_api import Page

from benchmarks.pages.browser import WAIT_MS, temporary_server
from benchmarks.report import print_heading, print_table
from tests.support.chromium import chromium, new_page
from tests.support.train_form import choose, enter, open_fold, start_button

_IMAGES = 2_000
_FIRST = 5
_GOAL_MB = 50


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50, help="how many trainings are watched, more than five")
    count = parser.parse_args(arguments).runs
    print_heading(f"Memory of the web process, {count} runs of {_IMAGES:,} images watched to the end")
    megabytes = _watch(count)
    rows = [
        (str(number), f"{megabytes[number - 1]:,.0f}", f"{megabytes[number - 1] - megabytes[_FIRST - 1]:+,.0f}")
        for number in sorted({1, _FIRST, *range(10, count, 10), count})
    ]
    print_table(("after run", "MB", f"against the {_FIRST}th"), rows)
    print(f"Goal: after the last run at most {_GOAL_MB} MB more than after the {_FIRST}th.")


def _watch(count: int) -> list[float]:
    """Returns the resident memory of the web process, in MB of 2**20 bytes, after each run."""
    with temporary_server() as server, chromium() as browser:
        page = new_page(browser)
        page.goto(server.url)
        choose(page, "Network", "Dense network (mlp)")
        open_fold(page, "More settings")
        enter(page, "Training images", str(_IMAGES))
        return [_watch_one(page, server.web_process) for _ in range(count)]


def _watch_one(page: Page, process: psutil.Process) -> float:
    before = page.url
    start_button(page).click()
    page.wait_for_url(lambda url: url != before, timeout=WAIT_MS)
    result = page.get_by_test_id("stMetric").filter(has_text="Test accuracy")
    result.wait_for(state="hidden", timeout=WAIT_MS)  # of the run before
    result.wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(500)
    return float(process.memory_info().rss) / 2**20


if __name__ == "__main__":
    main()
