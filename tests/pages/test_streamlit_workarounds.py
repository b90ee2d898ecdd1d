"""Of each workaround of Streamlit: that it works, and that it is still needed. Where a test fails, it may go."""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Mapping
from typing import Any

import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT
from ui.shared import streamlit_workarounds as workarounds


@pytest.mark.parametrize(
    ("package", "version"),
    [("streamlit", workarounds.STREAMLIT), ("streamlit-drawable-canvas", workarounds.DRAWABLE_CANVAS)],
)
def test_the_workarounds_are_for_the_installed_versions(package: str, version: str) -> None:
    installed = importlib.metadata.version(package)
    assert installed.startswith(f"{version}."), "read what is new, try each workaround without, then name this version"


def test_the_pages_folder_is_ignored_and_without_that_it_is_an_app_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesManager, "__init__", PagesManager.__init__.__wrapped__)  # without the fixture's help
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    PagesManager(str(PROJECT / "app.py"))
    assert PagesManager.uses_pages_directory, "Streamlit no longer looks for the folder: ignore_pages_folder may go"
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    workarounds.ignore_pages_folder()
    PagesManager(str(PROJECT / "app.py"))
    assert not PagesManager.uses_pages_directory


def test_a_run_of_a_page_is_seen_by_the_name_of_its_thread() -> None:
    assert not workarounds.runs_a_page()
    app = AppTest.from_string("""
import streamlit as st
from ui.shared.streamlit_workarounds import runs_a_page
st.session_state["seen"] = runs_a_page()
""").run()
    assert app.session_state["seen"]


def _page_with_a_box() -> None:
    import streamlit as st

    from ui.shared.streamlit_workarounds import is_reported

    st.session_state["was_reported"] = is_reported("box")
    st.number_input("Number", value=None, key="box")


def test_the_state_that_the_browser_sends_names_a_widget_by_its_key() -> None:
    app = AppTest.from_function(_page_with_a_box).run()
    assert not app.session_state["was_reported"]
    app.number_input(key="box").set_value(3.0).run()
    assert app.session_state["was_reported"], "the identity of a widget has another form"


def _page_with_a_canvas() -> None:
    import streamlit as st
    from streamlit_drawable_canvas import st_canvas

    from ui.shared.streamlit_workarounds import sent_drawing

    st.session_state["before"] = sent_drawing("canvas")
    st.session_state["returned"] = st_canvas(key="canvas").json_data
    st.session_state["sent"] = sent_drawing("canvas")


def test_what_the_canvas_has_sent_lies_in_the_session_in_its_own_format() -> None:
    app = AppTest.from_function(_page_with_a_canvas).run()
    assert not app.exception
    assert app.session_state["before"] is None
    sent: Mapping[str, Any] = app.session_state["sent"]
    assert sent["objects"] == [] and sent == app.session_state["returned"]
    assert "json_data" not in app.session_state["canvas"], "public by now: sent_drawing may go"


def test_streamlit_has_no_public_name_for_a_container() -> None:
    public = {name for name in vars(st) if not name.startswith("_")}
    assert not [name for name in public if getattr(st, name) is DeltaGenerator], "Container may go"


def test_an_uploader_has_no_argument_that_makes_its_button_primary() -> None:
    arguments = set(inspect.signature(st.file_uploader).parameters)
    known = {"label", "type", "accept_multiple_files", "key", "help", "on_change", "args", "kwargs", "max_upload_size"}
    assert arguments == known | {"disabled", "label_visibility", "width"}, "look whether make_uploader_primary may go"


def _page_after_link_and_late_fragment() -> str:
    """Returns the page of the run that Streamlit makes of a link to a page and a request of the page before."""
    requests = ScriptRequests()
    requests.request_rerun(RerunData(page_script_hash="next"))
    requests.request_rerun(RerunData(page_script_hash="before", fragment_id="widget"))
    return requests.on_scriptrunner_ready().rerun_data.page_script_hash


def test_a_late_request_of_a_fragment_keeps_the_next_page_and_without_the_workaround_replaces_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place, name in ((ScriptRunner, "_run_script"), (ScriptRequests, "_request_rerun_locked")):
        original = getattr(place, name)
        monkeypatch.setattr(place, name, getattr(original, "__wrapped__", original))
    assert _page_after_link_and_late_fragment() == "before", "skip_fragments_of_left_pages may go"
    workarounds.skip_fragments_of_left_pages()
    assert _page_after_link_and_late_fragment() == "next"
