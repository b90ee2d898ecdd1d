"""A phone, and a zoom of 200 %: the menu gets out of the way, and the network's picture is whole on a laptop."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.page_layout import settle

_LONG_MS = 300_000


@pytest.mark.parametrize("is_quick", [False, True], ids=["who waits", "who is quicker than the page"])
def test_the_menu_closes_after_a_choice_at_a_zoom_of_200_per_cent(page: Page, app_url: str, is_quick: bool) -> None:
    page.set_viewport_size({"width": 700, "height": 450})
    page.goto(f"{app_url}/draw?run=pretrained")
    if not is_quick:
        settle(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text="My digits")
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", name="My digits", level=1)).to_be_visible(timeout=_LONG_MS)
    expect(link).not_to_be_in_viewport()


def test_a_page_opened_by_its_address_is_seen_in_the_menu_with_the_chosen_network_below(
    page: Page, app_url: str
) -> None:
    page.set_viewport_size({"width": 1400, "height": 700})
    page.goto(f"{app_url}/try_filters?run=pretrained")
    expect(page.get_by_test_id("stSidebarNavLink").filter(has_text="Random filters")).to_be_in_viewport(ratio=1)
    expect(page.get_by_test_id("stSidebar").get_by_role("combobox", name="Network")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("address", ["?run=pretrained", "review_mistakes?run=pretrained", "my_digits?run=pretrained"])
def test_the_first_thing_to_do_is_a_primary_button_above_the_fold(page: Page, app_url: str, address: str) -> None:
    for width, height in ((1400, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{app_url}/{address}")
        settle(page)
        expect(page.get_by_test_id("stBaseButton-primary")).to_have_count(1)
        expect(page.get_by_test_id("stBaseButton-primary")).to_be_in_viewport(ratio=1)


def test_all_layers_of_the_ready_made_network_are_in_view_on_a_laptop_and_lead_to_each_other(
    page: Page, app_url: str
) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(f"{app_url}/look_inside?run=pretrained")
    layers = page.get_by_role("list", name="The network").get_by_role("button")
    expect(layers).to_have_count(17, timeout=_LONG_MS)
    settle(page)
    for place in range(17):
        expect(layers.nth(place)).to_be_in_viewport(ratio=1)
    # One tab stop, and arrow keys from there.
    layers.first.focus()
    page.keyboard.press("ArrowRight")
    expect(layers.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(layers.nth(1)).to_have_attribute("aria-current", "true", timeout=_LONG_MS)
    expect(layers.nth(1)).to_be_focused()


@pytest.mark.parametrize(
    ("address", "most_px"), [("look_inside", 3_100), ("try_filters", 2_440), ("find_favourites", 2_400)]
)
def test_a_page_on_a_phone_is_no_wider_than_the_phone_and_not_endless(
    page: Page, app_url: str, address: str, most_px: int
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/{address}?run=pretrained")
    expect(page.get_by_role("button", name="Next: ")).to_be_visible(timeout=_LONG_MS)
    settle(page)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") == 0
    assert main.evaluate("main => main.scrollHeight") <= most_px
