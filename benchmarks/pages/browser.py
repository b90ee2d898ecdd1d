"""What the benchmarks in a browser share: a server, a page with a stopwatch in it, and the rows they print.

The page measures itself, since asking it from outside would slow it.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page

from tests.support.app_server import PROJECT, AppServer
from tests.support.chromium import VIEWPORT

WAIT_MS: Final = 300_000
# `note` keeps the first time of each moment, in milliseconds since the page was asked for; `watch` calls a function
# after every change of the page.
_STOPWATCH: Final = """
window.moments = {};
const note = (name) => { if (!(name in window.moments)) window.moments[name] = performance.now(); };
const watch = (look) => new MutationObserver(look).observe(
  document, {childList: true, subtree: true, attributes: true, characterData: true});
"""


@contextmanager
def temporary_server(script: Path = PROJECT / "app.py") -> Iterator[AppServer]:
    """Starts a server with an empty folder for runs; both are gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        runs.mkdir()
        server = AppServer(runs, script).start()
        try:
            yield server
        finally:
            server.stop()


def measured_page(browser: Browser, observer: str = "") -> Page:
    """Opens a page of a first visit in which every document starts a stopwatch.

    Args:
        browser: the browser.
        observer: JavaScript that calls `note(name)` at the moments to measure; `watch(look)` calls `look` after
            every change of the page.
    """
    # Playwright waits for conditions by `eval`, which the app's Content Security Policy forbids.
    page = browser.new_context(viewport=VIEWPORT, bypass_csp=True).new_page()
    page.add_init_script(_STOPWATCH + observer)
    return page


def wait_for(page: Page, *moments: str) -> None:
    """Waits until the stopwatch has noted these moments."""
    for moment in moments:
        page.wait_for_function("name => name in window.moments", arg=moment, timeout=WAIT_MS)


def moment_ms(page: Page, moment: str, since: str | None = None) -> float:
    """Waits for a moment and returns it, in milliseconds since the page was asked for or since another moment."""
    wait_for(page, moment)
    moments: dict[str, Any] = page.evaluate("window.moments")
    return float(moments[moment]) - (float(moments[since]) if since else 0.0)


def forget_moments(page: Page) -> None:
    """Sets the stopwatch back."""
    page.evaluate("window.moments = {}")


def timing_row(name: str, goal: str, values: Sequence[float], digits: int = 0) -> tuple[str, str, str, str]:
    """Makes a row of a table: name, goal, median and largest of the values."""
    return name, goal, f"{statistics.median(values):,.{digits}f}", f"{max(values):,.{digits}f}"
