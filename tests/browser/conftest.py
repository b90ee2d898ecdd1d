"""A real Chromium and a real server, shared by all browser tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.app_server import AppServer

# A sandbox cannot be made in most containers; the rest keeps the browser from calling home.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, the system's if there is one, else Playwright's own."""
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the shared server keeps its runs."""
    folder = tmp_path_factory.mktemp("app") / "runs"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def app_url(runs_folder: Path) -> Iterator[str]:
    """The address of a server of the app that all tests share."""
    server = AppServer(runs_folder).start()
    yield server.url
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """One visitor's page. At the end no traceback may stand in it."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    yield page
    assert page.get_by_test_id("stException").count() == 0, page.get_by_test_id("stException").all_inner_texts()
    context.close()
