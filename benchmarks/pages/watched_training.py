"""What a training loses to a browser that watches it on the same machine, for this app and for another version of it.

python -m benchmarks.pages.watched_training --rounds 4 --app ../old/app.py --app app.py

In alternating turns of ten seconds a browser shows the Train page and nothing at all, while the server trains the
"champion" network. Needs Playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from playwright.sync_api import Page

from benchmarks.pages.browser import WAIT_MS, temporary_server
from benchmarks.report import print_heading, print_table
from model_lib.runs import list_runs
from model_lib.storage.history import History
from tests.support.app_server import PROJECT
from tests.support.chromium import chromium, new_page
from tests.support.train_form import choose, settle, start_button

_TURN_SECONDS = 10.0
# The curves are drawn more often at first.
_OLD_SECONDS = 35.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4, help="turns with the browser watching, and as many without")
    parser.add_argument("--app", type=Path, action="append", help="the app.py of a version; may be given several times")
    options = parser.parse_args(arguments)
    print_heading(f"A training watched by a browser on the same machine, medians of {options.rounds} turns")
    apps = [path.resolve() for path in options.app or [PROJECT / "app.py"]]
    print_table(
        ("app", "images/s alone", "watched", "ratio", "a core for the browser"),
        [_row(script, options.rounds) for script in apps],
    )


def _row(script: Path, rounds: int) -> tuple[str, ...]:
    with temporary_server(script) as server, chromium() as browser:
        page = new_page(browser)
        page.goto(server.url)
        choose(page, "Network", re.compile(r"\(champion\)"))
        settle(page)
        start_button(page).click()
        page.locator(".js-line").first.wait_for(state="attached", timeout=WAIT_MS)
        page.wait_for_timeout(1000 * _OLD_SECONDS)
        address = page.url
        history = History(list_runs(server.runs)[0].folder)
        alone, watched = [], []
        for _ in range(rounds):
            page.goto(address)
            page.locator(".js-line").first.wait_for(state="attached", timeout=WAIT_MS)
            watched.append(_turn(page, history))
            page.goto("about:blank")
            page.wait_for_timeout(1000)
            alone.append(_turn(page, history))
    ratio = statistics.median(with_it[0] / without[0] for with_it, without in zip(watched, alone, strict=True))
    speeds = (f"{statistics.median(turn[0] for turn in turns):,.0f}" for turns in (alone, watched))
    share = statistics.median(turn[1] for turn in watched)
    return (script.parent.name, *speeds, f"{ratio:.2f}", f"{share:.0%}")


def _turn(page: Page, history: History) -> tuple[float, float]:
    """Returns the images trained on a second, and the cores that the browser kept busy, over one turn."""
    before, used = history.update().steps_done, _browser_seconds()
    start = time.monotonic()
    page.wait_for_timeout(1000 * _TURN_SECONDS)
    seconds = time.monotonic() - start
    steps = history.update().steps_done - before
    assert history.started is not None
    return steps * history.started.images / history.steps_per_epoch / seconds, (_browser_seconds() - used) / seconds


def _browser_seconds() -> float:
    """Returns the processor time of all processes of the browser so far; those that end meanwhile are left out."""
    total = 0.0
    for process in psutil.process_iter(["name", "cpu_times"]):
        if "chrom" in (process.info["name"] or "") and process.info["cpu_times"]:
            total += process.info["cpu_times"].user + process.info["cpu_times"].system
    return total


if __name__ == "__main__":
    main()
