"""A real Chromium and a real server, shared by all browser tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.app_server import AppServer
from tests.support.chromium import chromium, new_context
from tests.support.policy_watch import PolicyWatch
from tests.support.visitor import visitor_page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong
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


@pytest.fixture(scope="session")
def watched_context(browser: Browser) -> Iterator[tuple[BrowserContext, PolicyWatch]]:
    """A browser's window for all visitors, one after the other: it keeps the app's files, which each would load."""
    context = new_context(browser)
    yield context, PolicyWatch(context)
    context.close()


@pytest.fixture
def page(watched_context: tuple[BrowserContext, PolicyWatch]) -> Iterator[Page]:
    """A visitor's page, for one test."""
    with visitor_page(*watched_context) as visited:
        yield visited
