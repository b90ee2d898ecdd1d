"""The views of a page, wide and narrow: nothing is cut off, and no text lies on another."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from model_lib.storage.run import Run
from tests.support.copied_runs import copy_of
from tests.support.page_layout import cut_texts, overlapping_texts, settle, text_sizes
from ui.how_it_works.screens import SCREENS
from ui.how_it_works.texts import screen_text

_LONG_MS = 120_000


# On a phone the counts upon the bars of Calibration touch each other.
_WIDTHS_OF_VIEWS = {
    "Class by class": (1400, 390),
    "Calibration": (1400,),
    "One image": (1400, 390),
    "Doubtful labels": (1400, 390),
}


def test_each_view_of_the_mistakes_fits_a_laptop_and_a_phone(
    page: Page, app_url: str, trained_run: Run, runs_folder: Path
) -> None:
    page.goto(f"{app_url}/review_mistakes?run={copy_of(trained_run, runs_folder).id}")
    found = {}
    for view, widths in _WIDTHS_OF_VIEWS.items():
        settle(page)
        page.get_by_test_id("stMain").get_by_role("radio", name=view).click()
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            if problems := [*cut_texts(page), *overlapping_texts(page)]:
                found[view, width] = problems
        page.set_viewport_size({"width": 1400, "height": 900})
    assert found == {}


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


def test_a_page_is_waited_for_until_its_bar_is_gone_and_what_comes_after_it_is_there(page: Page) -> None:
    page.set_content(
        "<div data-testid=stApp data-test-script-state=notRunning><h1>A page</h1><p>0</p></div><script>"
        "const [app, text] = document.querySelectorAll('div, p'), bar = document.createElement('i');"
        "bar.dataset.testid = 'stProgress';"
        "setTimeout(() => app.append(bar), 200);"
        "setTimeout(() => bar.remove(), 1500);"
        "for (const time of [1700, 1900, 2100]) setTimeout(() => { text.textContent = time }, time);</script>"
    )
    settle(page)
    assert page.locator("p").inner_text() == "2100"


def test_a_page_that_goes_on_changing_is_not_waited_for_to_its_end(page: Page) -> None:
    page.set_content(
        "<div data-testid=stApp data-test-script-state=notRunning><h1>A page</h1></div><script>"
        "setInterval(() => { document.querySelector('h1').textContent += '.' }, 50);</script>"
    )
    settle(page)


def test_each_screen_of_how_it_works_fits_a_phone_and_a_laptop(page: Page, app_url: str) -> None:
    found = {}
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{app_url}/how_it_works?run=pretrained")
    for name in SCREENS:
        expect(page.get_by_role("heading", level=2).first).to_have_text(screen_text(name).title, timeout=_LONG_MS)
        for width in (390, 1400):
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            if problems := [*cut_texts(page), *overlapping_texts(page)]:
                found[width, name] = problems
        page.set_viewport_size({"width": 390, "height": 900})  # the next one is drawn on a phone
        if name != SCREENS[-1]:
            page.get_by_role("button", name="Next", exact=True).first.click()
    assert found == {}
