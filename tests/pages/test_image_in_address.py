"""The image that an address asks for: any text gets a page, and what is no test image gets the first one."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT
from ui.shared import selection
from ui.shared.selection import index_within, parse_image

NAMES = {
    "5,000 digits": "test-" + "7" * 5_000,
    "5,000 zeros": "test-" + "0" * 5_000,
    "a superscript": "test-²",
    "no number": "test-",
    "a number below zero": "test--1",
    "too large": "test-10000",
    "with a blank": "test- 5",
    "a formula": "$x^2$",
    "HTML": "<img src=x onerror=alert(1)>",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_what_is_no_test_image_gives_test_image_0(name: str) -> None:
    app = AppTest.from_file(PROJECT / "pages" / "look_inside.py", default_timeout=60)
    app.query_params["image"] = name
    app.run()
    assert not app.exception
    assert app.session_state["image-index"] == 0
    assert index_within(parse_image(name), 10_000) is None
    assert parse_image(name).to_param() == name


@pytest.mark.parametrize("index", [0, 7, 9_999])
def test_an_index_in_the_address_is_that_of_the_test_image(index: int) -> None:
    app = AppTest.from_file(PROJECT / "pages" / "look_inside.py", default_timeout=60)
    app.query_params["image"] = f"test-{index}"
    app.run()
    assert not app.exception
    assert app.session_state["image-index"] == index


def test_an_image_of_other_people_can_be_looked_into_and_left_again() -> None:
    app = AppTest.from_file(PROJECT / "pages" / "look_inside.py", default_timeout=60)
    app.query_params["image"] = "pen_digits-17"
    app.run()
    assert not app.exception
    kind = app.segmented_control(key="image-kind")
    assert kind.value == selection.TestImage(17, "pen_digits")
    kind.select(selection.TestImage(0)).run()
    assert not app.exception
    assert app.session_state["image-index"] == 0


@pytest.mark.parametrize("name", ["pen_digits-2498", "fashion_mnist-3"])
def test_an_image_that_the_other_test_set_does_not_have_gives_test_image_0(name: str) -> None:
    app = AppTest.from_file(PROJECT / "pages" / "look_inside.py", default_timeout=60)
    app.query_params["image"] = name
    app.run()
    assert not app.exception
    assert app.session_state["image-index"] == 0


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_mistakes_page_says_what_is_no_test_image_and_shows_the_first(name: str) -> None:
    app = AppTest.from_file(PROJECT / "pages" / "review_mistakes.py", default_timeout=60)
    app.query_params |= {"image": name, "view": "image"}
    app.run()
    assert not app.exception
    assert "Here is test image 0." in app.warning[-1].value
    # As code, so that Markdown leaves it as it is.
    assert f"`{name}"[:40] in app.warning[-1].value
