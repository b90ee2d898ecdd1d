"""A network that was trained elsewhere is brought through the page and used on others, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.own_networks.files import hostile_files, keras_file
from tests.support.canvas import INVITATION, canvas_of, draw, expect_answer
from tests.support.page_layout import settle

_LONG_MS = 120_000
# Shown as it is typed, not as Markdown.
_NAME = "Nines *only*"


def _choose_file(page: Page, name: str, content: bytes) -> None:
    chooser = page.get_by_test_id("stFileUploader").filter(has_text="A .keras file").locator("input")
    chooser.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def test_a_brought_network_answers_and_shows_its_layers_until_it_is_deleted(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/bring_network")
    _choose_file(page, "mine.keras", keras_file())
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_have_value("mine", timeout=_LONG_MS)
    name.fill(_NAME)
    page.get_by_role("button", name="Use this network").click()
    chosen = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Network")
    is_chosen = re.compile(rf"^{re.escape(_NAME)} \(brought\) · ")
    expect(chosen).to_have_value(is_chosen, timeout=_LONG_MS)
    # Each of its weights is larger from answer to answer: it predicts 9 whatever it sees, and 1,009 test images are 9.
    expect(page.get_by_text("test accuracy 10.09 %")).to_be_visible(timeout=_LONG_MS)

    page.get_by_role("button", name="Draw a digit for it").click()
    expect(page.get_by_text(INVITATION)).to_be_visible(timeout=_LONG_MS)
    expect(canvas_of(page)).to_have_count(1)
    page.wait_for_timeout(1000)  # the canvas takes strokes only when it has been told its pen
    draw(page, 4)
    expect_answer(page, 9)

    page.get_by_role("link", name="Look inside", exact=True).click()
    layers = page.get_by_role("list", name="The network, from the image to the answer").get_by_role("button")
    expect(layers).to_have_text([re.compile("^Flatten"), re.compile("^Output.*7,850 weights")], timeout=_LONG_MS)

    page.get_by_role("link", name="Bring a network", exact=True).click()
    page.get_by_role("button", name="Delete", exact=True).click(timeout=_LONG_MS)
    expect(page.get_by_text("Network deleted.")).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_role("heading", name="Your networks")).to_have_count(0)
    expect(chosen).not_to_have_value(is_chosen)


def test_a_hostile_file_is_refused_by_the_name_of_its_layer_and_the_page_goes_on(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    page.goto(f"{app_url}/bring_network")
    _choose_file(page, "hostile.keras", hostile_files(str(canary))["CVE-2024-3660 Lambda bytecode"])
    refusal = page.get_by_test_id("stAlert").filter(has_text="Lambda")
    expect(refusal).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text("Nothing in the file was run")).to_be_visible()
    settle(page)
    expect(page.get_by_role("button", name="Use this network")).to_have_count(0)
    assert not canary.exists()
    _choose_file(page, "ordinary.keras", keras_file())
    expect(page.get_by_role("button", name="Use this network")).to_be_visible(timeout=_LONG_MS)
    expect(refusal).to_have_count(0)
