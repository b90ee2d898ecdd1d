"""Addresses: a link to a page opens that page, with all that stands beside it, however fresh the server is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.app_server import AppServer


@pytest.mark.parametrize(
    ("address", "title"),
    [("draw", "Draw"), ("find_favourites", "What activates a filter")],
    ids=["page", "renamed page"],
)
def test_the_first_visitor_of_a_fresh_server_may_come_by_a_link_to_an_inner_page(
    page: Page, tmp_path: Path, address: str, title: str
) -> None:
    server = AppServer(tmp_path / "runs").start()
    try:
        page.goto(f"{server.url}/{address}?image=test-7")
        expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
        expect(page.get_by_test_id("stSidebar").get_by_role("combobox", name="Network")).to_be_visible()
        expect(page.get_by_test_id("stSidebarNavLink").filter(has_text="Look inside")).to_have_count(1)
        expect(page.get_by_text("Page not found")).to_have_count(0)
    finally:
        server.stop()


def test_a_page_of_which_nothing_is_left_is_loaded_again_and_shows_the_same(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/look_inside?run=pretrained&image=test-3")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(3_000)  # sooner, it would be loaded for ever where its own start fails
    page.evaluate("document.getElementById('root').replaceChildren()")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("image=test-3"))
