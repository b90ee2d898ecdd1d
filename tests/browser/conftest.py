"""A real Chromium and a real server, shared by all browser tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.app_server import AppServer
from tests.support.chromium import chromium, new_page
from tests.support.policy_watch import PolicyWatch


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    expect.set_options(timeout=20_000)
    with chromium() as launched:
        yield launched


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
    assert not re.search("^(Traceback|Stack) ", server.log, re.MULTILINE), server.log[-4000:]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[AppServer]:
    """A server that a test may kill."""
    server = AppServer(tmp_path / "runs").start()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """One visitor's page. No traceback may stand in it at the end, and nothing may have violated the policy."""
    page = new_page(browser)
    watch = PolicyWatch(page.context)
    # Beside a test that fails: an error of the page's scripts may leave nothing of it.
    page.on("pageerror", lambda error: print(f"Error in the page {page.url}: {error}\n{error.stack}"))
    try:
        yield page
        assert page.get_by_test_id("stException").count() == 0, page.get_by_test_id("stException").all_inner_texts()
        watch.check()
    finally:
        page.context.close()
