"""What a newcomer waits on a server that was just started, and how often a click is needed, to the first of each thing.

python -m benchmarks.pages.newcomer --rounds 3

Each way begins at the address of the app in a new browser, on a server of its own. Needs Playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Final

from playwright.sync_api import Browser, Page, expect

from benchmarks.pages.browser import WAIT_MS, temporary_server
from benchmarks.report import print_heading, print_table
from tests.support.canvas import answer_of, canvas_of, draw
from tests.support.chromium import chromium, new_page


def _follow(page: Page, address: str) -> None:
    page.get_by_test_id("stSidebarNavLink").and_(page.locator(f'[href$="/{address}"]')).click(timeout=WAIT_MS)


def _train(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click(timeout=WAIT_MS)
    expect(page.locator(".js-line").first).to_be_attached(timeout=WAIT_MS)


def _draw(page: Page) -> None:
    _follow(page, "draw")
    expect(canvas_of(page)).to_be_visible(timeout=WAIT_MS)
    page.wait_for_timeout(1000)  # the canvas takes strokes only when it has been told its pen
    draw(page, 4)
    expect(answer_of(page).first).to_be_visible(timeout=WAIT_MS)


def _look_inside(page: Page) -> None:
    _follow(page, "look_inside")
    maps = page.get_by_test_id("stPlotlyChart").filter(has_text=re.compile(r"\d+ feature maps"))
    expect(maps.first).to_be_visible(timeout=WAIT_MS)


def _find_a_mistake(page: Page) -> None:
    _follow(page, "review_mistakes")
    page.get_by_role("button", name="Open the first image").click(timeout=WAIT_MS)
    expect(page.get_by_role("heading", name=re.compile(r"^Test image \d+$"))).to_be_visible(timeout=WAIT_MS)


def _explain(page: Page) -> None:
    _follow(page, "explain_answer")
    for method in ("Grad-CAM", "Saliency", "Occlusion"):
        chart = page.get_by_test_id("stPlotlyChart").filter(has_text=method)
        expect(chart.first).to_be_visible(timeout=WAIT_MS)


# By what is reached: the clicks and the function that makes them. Four strokes of a pen are not counted.
_WAYS: Final[dict[str, tuple[int, Callable[[Page], None]]]] = {
    "a training that moves": (1, _train),
    "a digit of one's own is answered": (1, _draw),
    "feature maps": (1, _look_inside),
    "a mistake": (2, _find_a_mistake),
    "three explanations": (1, _explain),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is gone")
    options = parser.parse_args(arguments)
    print_heading(f"A newcomer on a server just started, medians of {options.rounds}")
    rows = []
    with chromium() as browser:
        for name, (clicks, go) in _WAYS.items():
            seconds = [_seconds(browser, go) for _ in range(options.rounds)]
            rows.append((name, str(clicks), f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}"))
    print_table(("the first", "clicks", "seconds from the address", "slowest"), rows)


def _seconds(browser: Browser, go: Callable[[Page], None]) -> float:
    with temporary_server() as server:
        page = new_page(browser)
        before = time.perf_counter()
        page.goto(server.url)
        go(page)
        seconds = time.perf_counter() - before
        page.context.close()
        return seconds


if __name__ == "__main__":
    main()
