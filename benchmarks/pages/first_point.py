"""What a visitor waits: for the first page, for the first point of a curve after a click, for the first answer.

python -m benchmarks.pages.first_point --rounds 3

Needs Playwright and a Chromium. The page measures itself, since asking it from outside would slow it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import print_heading, print_table
from model_lib.runs import list_runs
from tests.browser.conftest import _ARGUMENTS
from tests.support.app_server import AppServer

_BUTTON = "Watch a network learn"
_WAIT_MS = 300_000
# Notes, in milliseconds since the page was asked for, when the button stood there, when it was pressed, and when a
# curve had its first point.
_STOPWATCH = """
window.moments = {};
const note = (name) => { if (!(name in window.moments)) window.moments[name] = performance.now(); };
const look = () => {
  const buttons = [...document.querySelectorAll("button")];
  if (buttons.some((button) => button.innerText.includes("%s"))) note("button");
  if ([...document.querySelectorAll(".js-line")].some((line) => line.getAttribute("d"))) note("point");
};
new MutationObserver(look).observe(document, {childList: true, subtree: true, attributes: true});
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
    first_pages: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        for _ in range(options.rounds):
            first_pages.append(_first_page(browser))
        first_points = _first_points(browser, options.rounds)
        browser.close()
    answers = [_first_answer() for _ in range(options.rounds)]
    rows = [
        _row("first page of a cold server", "2", first_pages),
        _row("from the click to the first point, warm server", "2", first_points),
        _row("ready to predict, from a cold process to the first answer", "8", answers),
    ]
    print_table(("wait", "goal", "median", "slowest"), rows)


def _row(name: str, goal: str, seconds: list[float]) -> tuple[str, ...]:
    return name, goal, f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}"


def _first_page(browser: Browser) -> float:
    """Returns how long the first visitor of a server that has just been started waits for the Train page's button."""
    with tempfile.TemporaryDirectory() as folder:
        server = AppServer(Path(folder) / "runs").start()
        try:
            return _visit(browser, server).evaluate("window.moments.button") / 1000
        finally:
            server.stop()


def _first_points(browser: Browser, rounds: int) -> list[float]:
    """Returns how long the curve's first point takes after the click; the first, cold click is left out."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        server = AppServer(runs).start()
        try:
            return [_first_point(browser, server, runs) for _ in range(rounds + 1)][1:]
        finally:
            server.stop()


def _first_point(browser: Browser, server: AppServer, runs: Path) -> float:
    page = _visit(browser, server)
    page.get_by_role("button", name=re.compile(_BUTTON)).first.click()
    page.wait_for_function("'point' in window.moments", timeout=_WAIT_MS)
    seconds: float = page.evaluate("window.moments.point - window.moments.click") / 1000
    page.context.close()
    for run in list_runs(runs):
        run.stop()
        run.wait(60)
    return seconds


def _visit(browser: Browser, server: AppServer) -> Page:
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.add_init_script(_STOPWATCH % _BUTTON)
    page.goto(server.url)
    page.wait_for_function("'button' in window.moments", timeout=_WAIT_MS)
    return page


def _first_answer() -> float:
    """Returns how long a new process takes from its start to the bundled network's first answer."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FIRST_ANSWER], check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
