"""From a label to an image, its numbers and one of its pixels, by clicks in a real browser."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from model_lib.datasets.loading import load_dataset
from tests.support.page_layout import cut_texts, overlapping_texts, settle

_LONG_MS = 120_000
_TRAIN = load_dataset("mnist").train


def _chart(page: Page, text: str) -> Locator:
    return page.get_by_test_id("stPlotlyChart").filter(has_text=text).first


def _click(page: Page, chart: Locator, place: int) -> None:
    """Clicks the middle of an invisible marker, as a visitor clicks the picture below it."""
    settle(page)
    point = chart.locator(".scatterlayer .trace").last.locator(".point").nth(place)
    point.scroll_into_view_if_needed(timeout=_LONG_MS)
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_clicks_lead_from_a_label_to_an_image_its_one_hot_vector_and_the_number_of_a_pixel(
    page: Page, app_url: str
) -> None:
    page.goto(f"{app_url}/browse_data?run=pretrained")
    label = page.get_by_role("combobox", name="Label")
    expect(label).to_be_visible(timeout=_LONG_MS)
    settle(page)
    label.click()
    page.get_by_role("option", name="8", exact=True).click()
    eights = np.flatnonzero(_TRAIN.labels == 8)
    expect(page.get_by_text(f"{len(eights):,} of 60,000 training images")).to_be_visible(timeout=_LONG_MS)

    _click(page, _chart(page, "Sheet 1 of 59"), 42)
    index = int(eights[42])
    image = _TRAIN.images[index]
    expect(_chart(page, f"Training image {index}")).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_role("spinbutton", name="Training image, 0 to 59999")).to_have_value(str(index))
    expect(page.get_by_text("[0 0 0 0 0 0 0 0 1 0]")).to_be_visible()

    row, column = (int(place) for place in np.argwhere(image > 99)[0])
    _click(page, _chart(page, f"Training image {index}"), row * 28 + column)
    expect(page).to_have_url(re.compile(f"number={index}.*pixel={row}-{column}"))
    settle(page)
    expect(page.get_by_role("spinbutton", name="Row, 0 to 27")).to_have_value(str(row))
    expect(page.get_by_text(f"= {row * 28 + column}").first).to_be_visible()
    numbers = _chart(page, "Its numbers, 0 to 255").locator(".heatmap-label")
    expect(numbers).to_have_count(81)
    assert str(image[row, column]) in [text.strip() for text in numbers.all_text_contents()]

    page.get_by_role("radio", name="0 to 1", exact=True).click()
    expect(_chart(page, "Its numbers, 0 to 1")).to_contain_text(f"{image[row, column] / 255:.2f}", timeout=_LONG_MS)


def test_an_image_can_be_clicked_again_after_another_was_chosen_by_its_number(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/browse_data?run=pretrained")
    number = page.get_by_role("spinbutton", name="Training image, 0 to 59999")
    _click(page, _chart(page, "Sheet 1 of 600"), 7)
    expect(number).to_have_value("7", timeout=_LONG_MS)
    number.fill("5")
    number.press("Enter")
    expect(_chart(page, "Training image 5")).to_be_visible(timeout=_LONG_MS)
    _click(page, _chart(page, "Sheet 1 of 600"), 7)
    expect(number).to_have_value("7", timeout=_LONG_MS)


def test_what_stands_below_the_image_fits_a_laptop_and_a_phone(page: Page, app_url: str) -> None:
    found = {}
    for address in ("view=augmentation", "view=preprocessing", "part=test&disputed=1&view=nearest"):
        page.goto(f"{app_url}/browse_data?run=pretrained&{address}")
        expect(page.get_by_role("heading", level=2)).to_be_visible(timeout=_LONG_MS)
        for width in (1400, 390):
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            found[address, width] = (cut_texts(page), overlapping_texts(page))
    assert found == dict.fromkeys(found, ([], []))
