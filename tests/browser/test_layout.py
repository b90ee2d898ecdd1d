"""The views of a page, wide and narrow: nothing is cut off, and no text lies on another."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.page_layout import cut_texts, overlapping_texts, settle, text_sizes
from ui.how_it_works.screens import SCREENS
from ui.how_it_works.texts import screen_text

_LONG_MS = 120_000


# On a phone the counts upon the bars of Calibration touch each other.
@pytest.mark.parametrize(
    ("view", "widths"),
    [
        ("One image", (1400, 390)),
        ("Class by class", (1400, 390)),
        ("Calibration", (1400,)),
        ("Doubtful labels", (1400, 390)),
    ],
)
def test_each_view_of_the_mistakes_fits_a_laptop_and_a_phone(
    page: Page, app_url: str, view: str, widths: tuple[int, ...]
) -> None:
    page.goto(f"{app_url}/review_mistakes?run=pretrained")
    settle(page)
    page.get_by_text(view, exact=True).click()
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        assert (cut_texts(page), overlapping_texts(page)) == ([], [])


def test_texts_that_are_cut_overlap_or_are_small_are_found(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 300})
    page.set_content(
        "<main data-testid=stMain>"
        "<p style='width:60px; overflow:hidden; white-space:nowrap'>a text that is far too long</p>"
        "<p style='position:absolute; margin:0; top:100px; font-size:10px'>below</p>"
        "<p style='position:absolute; margin:0; top:104px; font-size:20px'>above</p></main>"
    )
    assert [words for words in cut_texts(page) if words.startswith("P ")] == ["P  a text that is far too long"]
    assert overlapping_texts(page) == ["below / above"]
    assert text_sizes(page)[10.0] == ["below"]


def test_each_screen_of_how_it_works_fits_a_phone_and_a_laptop(page: Page, app_url: str) -> None:
    found = {}
    for width in (390, 1400):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{app_url}/how_it_works?run=pretrained")
        for name in SCREENS:
            expect(page.get_by_role("heading", level=2).first).to_have_text(screen_text(name).title, timeout=_LONG_MS)
            settle(page)
            if problems := [*cut_texts(page), *overlapping_texts(page)]:
                found[width, name] = problems
            if name != SCREENS[-1]:
                page.get_by_role("button", name="Next", exact=True).first.click()
    assert found == {}
