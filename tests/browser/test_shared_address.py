"""A training in the address of Train: the form is filled in, the link gives it back, a QR code shows it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.support.train_form import enter, settle

_LONG_MS = 120_000
_ADDRESS = "network=mlp&epochs=7&optimizer=sgd&learning_rate=0.02"


def _number(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=label, exact=True).first


def _network(page: Page) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("combobox", name="Network", exact=True)


def _expect_link(page: Page, parameters: dict[str, str]) -> str:
    """Opens the link's popover, waits until its QR code has these parameters, and returns the link below it."""
    settle(page)
    page.get_by_role("button", name="Link to this training").click()
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    for name, value in parameters.items():
        expect(link).to_contain_text(f"{name}={value}", timeout=_LONG_MS)
    address = link.inner_text().strip()
    assert dict(parse_qsl(urlsplit(address).query)) == parameters
    code = page.get_by_role("img", name=f"QR code of {address}")
    expect(code).to_be_visible()
    assert code.evaluate("image => image.complete && image.naturalWidth > 0")
    page.keyboard.press("Escape")
    return address


def test_the_link_of_a_filled_in_form_fills_it_in_the_same_way(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/?{_ADDRESS}")
    expect(_network(page)).to_have_value("Dense network (mlp)", timeout=_LONG_MS)
    expect(_number(page, "Epochs")).to_have_value("7")
    expect(_number(page, "Learning rate")).to_have_value("0.02")
    parameters = {"network": "mlp", "epochs": "7", "optimizer": "sgd", "learning_rate": "0.02"}
    _expect_link(page, parameters)
    enter(page, "Epochs", "4")
    address = _expect_link(page, parameters | {"epochs": "4"})
    page.goto(address)
    expect(_number(page, "Epochs")).to_have_value("4", timeout=_LONG_MS)
    expect(_number(page, "Learning rate")).to_have_value("0.02")
    expect(_network(page)).to_have_value("Dense network (mlp)")


def test_nonsense_in_the_address_is_named_and_the_usual_values_stand(page: Page, app_url: str) -> None:
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(f"{app_url}/?network=mlp&epochs=9999&seed=<script>alert(1)</script>")
    message = page.get_by_test_id("stAlert").filter(has_text="cannot be used")
    expect(message).to_contain_text("epochs = 9999", timeout=_LONG_MS)
    expect(message).to_contain_text("seed = <script>alert(1)</script>")
    expect(_network(page)).to_have_value("Dense network (mlp)")
    expect(_number(page, "Epochs")).not_to_have_value("9999")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
