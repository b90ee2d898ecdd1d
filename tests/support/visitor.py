"""A visitor's page in a browser's window that visitors share: nothing of one is left for the next but cached files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

from tests.support.policy_watch import PolicyWatch


@contextmanager
def visitor_page(context: BrowserContext, watch: PolicyWatch) -> Iterator[Page]:
    """Opens a page for a new visitor.

    Args:
        context: the window.
        watch: over it.

    Yields:
        The page. No traceback may stand in it at the end, and nothing may have violated the policy.
    """
    page = context.new_page()
    # Beside a test that fails: an error of the page's scripts may leave nothing of it.
    page.on("pageerror", lambda error: print(f"Error in the page {page.url}: {error}\n{error.stack}"))
    try:
        yield page
        assert page.get_by_test_id("stException").count() == 0, page.get_by_test_id("stException").all_inner_texts()
        watch.check()
    finally:
        _forget_visitor(page)
        watch.forget()


def _forget_visitor(page: Page) -> None:
    """Closes the page and others beside it, and forgets what it has stored."""
    context = page.context
    blank, address = context.new_page(), urlsplit(page.url)
    stored = {"origin": f"{address.scheme}://{address.netloc}", "storageTypes": "local_storage,indexeddb"}
    context.new_cdp_session(blank).send("Storage.clearDataForOrigin", stored)
    for each in context.pages:
        each.close()
    context.clear_cookies()
