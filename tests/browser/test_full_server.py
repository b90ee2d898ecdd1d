"""A server with as many visits as it takes: who is shut out and reads why, who is not, and how one gets in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, WebSocketRoute, expect

from tests.support.app_server import AppServer
from tests.support.chromium import new_page

# A place is kept for ten seconds.
_UNTIL_FREE_MS = 40_000


@pytest.fixture
def server_for_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppServer]:
    """A server that takes two visits at once."""
    monkeypatch.setenv("MAX_VISITS", "2")
    server = AppServer(tmp_path / "runs").start()
    yield server
    server.stop()


class _Line:
    """A page's connection to the server, that can be cut and mended.

    Args:
        page: before it loads anything.
    """

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._open: list[WebSocketRoute] = []
        page.route_web_socket("**/_stcore/stream", self._connect)

    def _connect(self, connection: WebSocketRoute) -> None:
        if self._is_cut:
            connection.close()
            return
        connection.connect_to_server()
        self._open.append(connection)

    def cut(self) -> None:
        self._is_cut = True
        while self._open:
            self._open.pop().close()

    def mend(self) -> None:
        self._is_cut = False


def _try_again_soon(page: Page, url: str) -> None:
    """Lets the page that says full try again after one second instead of thirty."""

    def fetch(route: Route) -> None:
        response = route.fetch()
        if response.status == 503:
            route.fulfill(response=response, body=response.text().replace('content="30"', 'content="1"'))
        else:  # Chromium opens no connection from a page that is not the server's own
            route.continue_()

    page.route(f"{url}/", fetch)


def _expect_the_app(page: Page) -> None:
    expect(page.get_by_role("heading", name="Train a network", exact=True)).to_be_visible(timeout=_UNTIL_FREE_MS)


def _dialog(page: Page) -> Locator:
    return page.get_by_role("dialog").filter(has_text="Full at the moment")


def test_one_visitor_too_many_reads_that_it_is_full_and_gets_in_when_another_has_left(
    page: Page, browser: Browser, server_for_two: AppServer
) -> None:
    url = server_for_two.url
    guest, other = new_page(browser), new_page(browser)
    line = _Line(other)
    for visitor in (guest, other):
        visitor.goto(url)
        _expect_the_app(visitor)

    _try_again_soon(page, url)
    page.goto(url)
    full = page.get_by_role("heading", name="Full at the moment")
    expect(full).to_be_visible()
    expect(page.get_by_text("As many visitors are here as this server takes at once: 2.")).to_be_visible()
    # Those who are in may reload and open a second tab, while the one who waits tries again every second.
    for _ in range(3):
        guest.reload()
        _expect_the_app(guest)
    tab = guest.context.new_page()
    tab.goto(url)
    _expect_the_app(tab)
    tab.close()
    expect(full).to_be_visible()

    line.cut()
    _expect_the_app(page)
    # Whose connection broke and whose place is taken has the page still, and reads in it why nothing happens.
    line.mend()
    expect(_dialog(other)).to_be_visible()
    page.goto("about:blank")
    expect(_dialog(other)).to_have_count(0, timeout=_UNTIL_FREE_MS)
    other.get_by_role("link", name="Draw", exact=True).click()
    expect(other.get_by_role("heading", name="Draw", exact=True)).to_be_visible()
    for visitor in (guest, other):
        visitor.context.close()
