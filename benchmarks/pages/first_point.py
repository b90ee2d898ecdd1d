"""What a visitor waits: for the first page, for the first point of a curve after a click, for the first answer.

python -m benchmarks.pages.first_point --rounds 3

Needs Playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence

from playwright.sync_api import Browser, Page

from benchmarks.pages.browser import measured_page, moment_ms, temporary_server, timing_row, wait_for
from benchmarks.report import print_heading, print_table
from model_lib.runs import list_runs
from tests.support.app_server import AppServer
from tests.support.chromium import chromium

_BUTTON = "Start"
# Notes when the button stood there, when it was pressed, and when a curve had its first point.
_OBSERVER = """
watch(() => {
  const buttons = [...document.querySelectorAll("button")];
  if (buttons.some((button) => button.innerText.includes("%s"))) note("button");
  if ([...document.querySelectorAll(".js-line")].some((line) => line.getAttribute("d"))) note("point");
});
document.addEventListener("click", () => note("click"), true);
"""
_FIRST_ANSWER = """
import numpy as np
from model_lib.predictions import load_pretrained, predict
predict(load_pretrained(), np.zeros((1, 28, 28), np.float32))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    options = parser.parse_args(arguments)
    print_heading(f"What a visitor waits, seconds, medians of {options.rounds}")
    with chromium() as browser:
        first_pages = [_first_page(browser) for _ in range(options.rounds)]
        first_points = _first_points(browser, options.rounds)
    answers = [_first_answer() for _ in range(options.rounds)]
    rows = [
        timing_row("first page of a cold server", "2", first_pages, digits=2),
        timing_row("from the click to the first point, warm server", "2", first_points, digits=2),
        timing_row("ready to predict, from a cold process to the first answer", "8", answers, digits=2),
    ]
    print_table(("wait", "goal", "median", "slowest"), rows)


def _first_page(browser: Browser) -> float:
    """Returns how long the first visitor of a server that has just been started waits for the Train page's button."""
    with temporary_server() as server:
        page = _visit(browser, server)
        seconds = moment_ms(page, "button") / 1000
        page.context.close()
        return seconds


def _first_points(browser: Browser, rounds: int) -> list[float]:
    """Returns how long the curve's first point takes after the click; the first, cold click is left out."""
    with temporary_server() as server:
        return [_first_point(browser, server) for _ in range(rounds + 1)][1:]


def _first_point(browser: Browser, server: AppServer) -> float:
    page = _visit(browser, server)
    page.get_by_role("button", name=re.compile(_BUTTON)).first.click()
    seconds = moment_ms(page, "point", since="click") / 1000
    page.context.close()
    for run in list_runs(server.runs):
        run.stop()
        run.wait(60)
    return seconds


def _visit(browser: Browser, server: AppServer) -> Page:
    page = measured_page(browser, _OBSERVER % _BUTTON)
    page.goto(server.url)
    wait_for(page, "button")
    return page


def _first_answer() -> float:
    """Returns how long a new process takes from its start to the bundled network's first answer."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FIRST_ANSWER], check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
