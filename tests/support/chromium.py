"""Chromium for the browser tests and the benchmarks of the pages: the system's, else Playwright's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

VIEWPORT: Final[ViewportSize] = {"width": 1400, "height": 1000}
_PATIENCE_MS: Final = 120_000
# A sandbox cannot be made in most containers; the rest keeps the browser from calling home.
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that films a test picture, and nobody who is asked for it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Launches the browser, and closes it at the end whatever has happened."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser) -> BrowserContext:
    """Opens a window without cookies and with an empty cache, in which a click waits for a busy machine."""
    context = browser.new_context(viewport=VIEWPORT, accept_downloads=True)
    context.set_default_timeout(_PATIENCE_MS)
    return context


def new_page(browser: Browser) -> Page:
    """Opens a page in a context of its own, as a first visit."""
    return new_context(browser).new_page()
