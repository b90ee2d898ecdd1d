"""What surrounds a screen's picture: its idea above, its question below, and the ways to the other screens."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from ui.how_it_works.screens import SCREENS, go_to, shower_of
from ui.how_it_works.texts import ScreenText, frame_words, screen_text
from ui.shared.visit import mirrored, state_of


@dataclass
class _Answered:
    """Which answers have been chosen, by screen."""

    places: dict[str, int] = field(default_factory=dict)

    def is_right(self, name: str) -> bool:
        """Returns whether the answer that was chosen last on a screen is the right one."""
        place = self.places.get(name)
        return place is not None and screen_text(name).answers[place].is_right


def show_screen(name: str) -> None:
    """Shows one idea: its text, the picture that can be moved, the question, and where to go on.

    Args:
        name: one of `SCREENS`.
    """
    text, words = screen_text(name), frame_words()
    place = SCREENS.index(name)
    # One line, so that the picture stands above the fold; ui/shell/theme.css has the sizes of its headings.
    with st.container(horizontal=True, vertical_alignment="bottom", key="idea_bar"):
        st.title(words["title"], anchor=False, width="content")
        mirrored(
            st.selectbox,
            words["idea"],
            SCREENS,
            key="how_it_works_screen",
            value=name,
            on_change=go_to,
            format_func=lambda each: f"{SCREENS.index(each) + 1}. {screen_text(each).title}",
            help=words["idea_help"],
            width=430,
        )
        _show_neighbours(place, "top")
    with st.container(key="idea"):
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
        frame_words()["previous"],
        icon=":material/chevron_left:",
        key=f"previous_{where}",
        disabled=place == 0,
        on_click=lambda: go_to(SCREENS[place - 1]),
    )
    is_last = place == len(SCREENS) - 1
    st.button(
        frame_words()["next"],
        icon=":material/chevron_right:",
        icon_position="right",
        key=f"next_{where}",
        type="primary" if where == "bottom" and not is_last else "secondary",
        disabled=is_last,
        on_click=lambda: go_to(SCREENS[place + 1]),
    )


def _show_question(name: str, text: ScreenText) -> None:
    answered = state_of(_Answered)
    st.subheader(frame_words()["question"], anchor=False)
    chosen = st.radio(
        text.question,
        range(len(text.answers)),
        index=answered.places.get(name),
        format_func=lambda each: text.answers[each].text,
        key=f"how_it_works_answer_{name}",
    )
    if chosen is not None:
        answered.places[name] = chosen
        answer = text.answers[chosen]
        if answer.is_right:
            st.success(answer.comment, icon=":material/check_circle:")
        else:
            st.warning(answer.comment, icon=":material/replay:")
    right = [str(place) for place, each in enumerate(SCREENS, 1) if answered.is_right(each)]
    words = frame_words()["progress" if right else "no_progress"]
    st.caption(words.format(right=", ".join(right), number=len(right), count=len(SCREENS)))
