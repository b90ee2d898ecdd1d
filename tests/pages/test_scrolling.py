"""What brings the result of a click into view: once for each click, and also after a double click."""

from __future__ import annotations

import json
import time

import pytest
from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from ui.shared.scrolling import apply_scroll, scroll_to

    with st.container(key="result"):
        st.button("Go", key="go", on_click=scroll_to, args=("result",))
    apply_scroll("result")


def _requests(app: AppTest) -> list[str]:
    return [json.loads(each.proto.json)["request"] for each in app.get("bidi_component")]


def test_a_page_that_is_made_anew_before_the_browser_has_seen_it_still_brings_the_result_into_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    app = AppTest.from_function(_page).run()
    assert not _requests(app)
    first = _requests(app.button(key="go").click().run())
    now[0] += 1
    assert len(first) == 1 and _requests(app.run()) == first
    second = _requests(app.button(key="go").click().run())
    assert len(second) == 1 and second != first
    now[0] += 60
    assert not _requests(app.run()), "it is no part of the page for ever"
