"""What surrounds a screen's picture: its idea above, its question below, and the ways to the other screens."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from ui.how_it_works.screens import SCREENS, go_to, shower_of
from ui.how_it_works.texts import ScreenText, screen_text
from ui.shared.visit import mirrored, state_of


@dataclass
class _Answered:
    """Which answers have been chosen, by screen."""

    places: dict[str, int] = field(default_factory=dict)


def show_screen(name: str) -> None:
    """Shows one idea: its text, the picture that can be moved, the question, and where to go on.

    Args:
        name: one of `SCREENS`.
    """
    text = screen_text(name)
    place = SCREENS.index(name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mirrored(
            st.selectbox,
            "Idea",
            SCREENS,
            key="how_it_works_screen",
            value=name,
            on_change=go_to,
            format_func=lambda each: f"{SCREENS.index(each) + 1}. {screen_text(each).title}",
            width=560,
        )
        _show_neighbours(place, "top")
    st.header(text.title, anchor=False)
    st.markdown(text.text)
    # Only the picture and its numbers run again while a slider is moved.
    st.fragment(shower_of(name))(text)
    st.fragment(_show_question)(name, text)
    if st.button(text.link.text, icon=":material/arrow_forward:", key=f"how_it_works_link_{name}"):
        st.switch_page(text.link.page, query_params=dict(text.link.query))
    with st.container(horizontal=True):
        _show_neighbours(place, "bottom")


def _show_neighbours(place: int, where: str) -> None:
    """Shows the buttons to the screens before and after, as far as there are any."""
    st.button(
        "Previous",
        icon=":material/chevron_left:",
        key=f"previous_{where}",
        disabled=place == 0,
        on_click=lambda: go_to(SCREENS[place - 1]),
    )
    is_last = place == len(SCREENS) - 1
    st.button(
        "Next",
        icon=":material/chevron_right:",
        icon_position="right",
        key=f"next_{where}",
        type="primary" if where == "bottom" and not is_last else "secondary",
        disabled=is_last,
        on_click=lambda: go_to(SCREENS[place + 1]),
    )


def _show_question(name: str, text: ScreenText) -> None:
    answered = state_of(_Answered).places
    st.subheader("A question", anchor=False)
    chosen = st.radio(
        text.question,
        range(len(text.answers)),
        index=answered.get(name),
        format_func=lambda each: text.answers[each].text,
        key=f"how_it_works_answer_{name}",
    )
    if chosen is None:
        return
    answered[name] = chosen
    answer = text.answers[chosen]
    if answer.is_right:
        st.success(answer.comment, icon=":material/check_circle:")
    else:
        st.warning(answer.comment, icon=":material/replay:")
