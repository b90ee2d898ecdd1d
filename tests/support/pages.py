"""The addresses of all pages, in the order of the navigation, and how one is opened in a browser."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.support.canvas import draw
from tests.support.page_layout import settle

ADDRESSES: Final = (
    "",
    "draw",
    "upload_picture",
    "my_digits",
    "own_images",
    "look_inside",
    "see_filters",
    "find_favourites",
    "switch_off_filters",
    "explain_answer",
    "map_images",
    "try_filters",
    "review_mistakes",
    "browse_data",
    "list_runs",
    "compare_runs",
    "judge_difference",
    "sweep_settings",
    "vote_together",
    "rank_runs",
    "take_home",
    "bring_network",
    "how_it_works",
    "read_programs",
)


def open_page(page: Page, url: str, address: str) -> None:
    """Opens a page with the bundled network, and waits until all of it stands; Draw with a digit on its canvas.

    Args:
        page: of the browser.
        url: of the server.
        address: one of `ADDRESSES`.
    """
    page.goto(f"{url}/{address}?run=pretrained")
    settle(page)
    if address == "draw":
        page.wait_for_timeout(1000)  # the canvas takes strokes only when it has been told its pen
        draw(page, 4)
        settle(page)
