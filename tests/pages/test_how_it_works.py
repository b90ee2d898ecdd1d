"""How it works: every screen opens, its question can be answered, and the addresses lead to it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT
from tests.support.patience import run_until_computed
from ui.how_it_works.screens import SCREENS
from ui.how_it_works.texts import screen_text


def open_screen(**address: str) -> AppTest:
    """Opens the page at an address."""
    app = AppTest.from_file(PROJECT / "pages" / "how_it_works.py", default_timeout=120)
    app.query_params |= address
    return settle(app)


def settle(app: AppTest) -> AppTest:
    """Runs the page until what is computed beside it is there."""
    run_until_computed(app.run())
    assert not app.error
    return app


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_opens_at_its_address_and_judges_each_answer(name: str) -> None:
    app = open_screen(screen=name)
    text = screen_text(name)
    assert app.header[0].value == text.title
    assert app.get("plotly_chart")
    for place, answer in enumerate(text.answers):
        app.radio(key=f"how_it_works_answer_{name}").set_value(place).run()
        assert not app.exception
        (said,) = app.success if answer.is_right else app.warning
        assert said.value == answer.comment


@pytest.mark.parametrize("name", SCREENS)
def test_a_question_has_one_right_answer_and_its_link_leads_to_a_page(name: str) -> None:
    text = screen_text(name)
    assert sum(answer.is_right for answer in text.answers) == 1
    assert len(text.answers) >= 3
    assert (PROJECT / text.link.page).is_file()


@pytest.mark.parametrize("address", [{}, {"screen": "nonsense", "example": "-1"}, {"example": "99999"}])
def test_an_address_that_leads_nowhere_opens_the_first_screen(address: dict[str, str]) -> None:
    app = open_screen(**address)
    assert app.header[0].value == screen_text(SCREENS[0]).title
    assert app.number_input(key="example_number").value == 0


def test_next_and_previous_lead_through_all_screens() -> None:
    app = open_screen()
    for name in SCREENS[1:]:
        app.button(key="next_bottom").click()
        settle(app)
        assert app.header[0].value == screen_text(name).title
        assert app.query_params["screen"] == name
    assert app.button(key="next_top").disabled
    for name in reversed(SCREENS[:-1]):
        app.button(key="previous_top").click().run()
        assert app.header[0].value == screen_text(name).title
