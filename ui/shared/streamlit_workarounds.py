"""Every workaround of Streamlit and of the canvas component, written for Streamlit 1.67 and drawable-canvas 0.13.

Here and not in `ui.shell`, since the canvas and the uploaders need some of them. In tests/pages,
`test_streamlit_workarounds.py` proves of each that it is still needed, and fails when it may go; of what only a browser
knows, the uploader's refused files, the menu of a narrow window and the empty page, test_upload_picture.py,
test_narrow_windows.py and test_addresses.py in tests/browser do.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import streamlit as st

# Public Streamlit has no name for what `st.container` returns.
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

STREAMLIT: Final = "1.67"
DRAWABLE_CANVAS: Final = "0.13"

Container: TypeAlias = DeltaGenerator


def ignore_pages_folder() -> None:
    """Makes Streamlit show the pages of `st.navigation` alone, from the server's first visitor on.

    Otherwise, until some visitor's script has called `st.navigation`, Streamlit takes the folder `pages/` for an app of
    its older kind: an address such as /draw shows that file alone, without `app.py`, and a page with a `url_path` is
    "not found".
    """
    from streamlit.runtime.pages_manager import PagesManager

    PagesManager.uses_pages_directory = False


def skip_fragments_of_left_pages() -> None:
    """Makes Streamlit ignore what a fragment of a page asks for that the visitor is leaving.

    A widget, a component or `run_every` may ask a moment after the link was clicked, when the browser still shows the
    page before. Streamlit 1.67 then announces a run of that page once the new one stands, and the browser empties it:
    it stays blank until the next click. If the new page has not begun, the request even replaces it.
    """
    from dataclasses import replace

    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType

    run, request = ScriptRunner._run_script, ScriptRequests._request_rerun_locked

    def run_on_its_page(self: ScriptRunner, rerun_data: RerunData) -> None:
        current = self._pages_manager.current_page_script_hash
        if not rerun_data.fragment_id_queue or rerun_data.page_script_hash == current:
            run(self, rerun_data)

    def request_on_next_page(self: ScriptRequests, new_data: RerunData) -> bool:
        next_run = self._rerun_data
        if new_data.fragment_id and self._state is ScriptRequestType.RERUN and not next_run.fragment_id_queue:
            place = {name: getattr(next_run, name) for name in ("page_script_hash", "page_name", "query_string")}
            new_data = replace(new_data, **place)
        return request(self, new_data)

    if not hasattr(run, "__wrapped__"):  # several servers in one process, as in the tests
        run_on_its_page.__wrapped__ = run  # type: ignore[attr-defined]
        request_on_next_page.__wrapped__ = request  # type: ignore[attr-defined]
        ScriptRunner._run_script = run_on_its_page  # type: ignore[method-assign]
        ScriptRequests._request_rerun_locked = request_on_next_page  # type: ignore[method-assign]


def runs_a_page() -> bool:
    """Returns whether any visitor's page is being computed: Streamlit starts a thread of this name for each run."""
    return any(thread.name.startswith("ScriptRunner") for thread in threading.enumerate())


def sent_drawing(key: str) -> Mapping[str, Any] | None:
    """Returns the canvas JSON that the browser has sent last, for a callback; None if the canvas is not shown.

    `st_canvas` returns it only when the page gets there, after the callbacks; until then it lies in the session in the
    component's own format.
    """
    state = st.session_state.get(key)
    drawing = state.get("drawing") if isinstance(state, Mapping) else None
    return drawing.get("raw") if isinstance(drawing, Mapping) else None


def is_reported(key: str) -> bool:
    """Returns whether the browser has sent a widget's value, and so has been told the one that it was given at first.

    Streamlit has no public way to ask; the identity of a widget ends with its key.
    """
    context = get_script_run_ctx()
    states = [] if context is None else context.session_state.get_widget_states()
    return any(state.id.split("-", 2)[-1] == key for state in states)


# Streamlit's uploader for one file lists those that the browser refused, for their kind or size, before and after the
# one that it took, and tells the server nothing of them. Each has a button that removes it: here those of all files
# but the last are pressed, and the server is told whether that one was refused.
_NEWEST_FILE_SCRIPT: Final = """
export default function ({ data, setStateValue }) {
    const uploader = data?.uploader ? `.st-key-${data.uploader} ` : "";
    const chips = `${uploader}[data-testid="stFileUploader"] [data-testid="stFileChip"]`;
    let wasRefused = false;
    const look = () => {
        const files = [...document.querySelectorAll(chips)];
        for (const file of files.slice(0, -1)) {
            file.querySelector('[data-testid="stFileChipDeleteBtn"] button')?.click();
        }
        const isRefused = files.at(-1)?.getAttribute("aria-invalid") === "true";
        if (isRefused !== wasRefused) {
            wasRefused = isRefused;
            setStateValue("is_refused", isRefused);
        }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-invalid"] });
    look();
    return () => observer.disconnect();
}
"""
_newest_file = st.components.v2.component("newest_file", js=_NEWEST_FILE_SCRIPT)


def newest_file_is_refused(uploader: str = "") -> bool:
    """Leaves only the newest file in an uploader, which must accept one file.

    Without it a file that the browser has refused stands beside the former one, of which the page goes on speaking.

    Args:
        uploader: its key, of letters, digits, - and _; it may be empty where the page has no other uploader.

    Returns:
        Whether the browser has refused the newest file: then the uploader has none for the server.
    """
    # Without a callback a component's state is not kept.
    state = _newest_file(
        key=f"newest_file-{uploader}",
        data={"uploader": uploader},
        default={"is_refused": False},
        on_is_refused_change=lambda: None,
    )
    return bool(state.is_refused)


def make_uploader_primary(key: str) -> None:
    """Gives an uploader's button the colours of a primary one, for which `st.file_uploader` has no argument in 1.67.

    Args:
        key: of the uploader.
    """
    colours = ", ".join(str(st.get_option(f"theme.{scheme}.primaryColor")) for scheme in ("light", "dark"))
    st.html(
        f"<style>.st-key-{key} [data-testid=stFileUploaderDropzone] button "
        f"{{ background: light-dark({colours}); color: light-dark(white, black) }}</style>"
    )


# Where the menu lies on the page, Streamlit closes it after a choice for the browsers of phones alone, by their name:
# at a zoom of 200 % it would hide the page that was chosen. The width is Streamlit's own limit. Who is quick chooses
# before this script is there: then another page is shown than the address asked for that was loaded. A page opened by
# its address may lie below the part of the menu that is seen: Streamlit leaves it there.
_CLOSING_SCRIPT: Final = """
export default function ({ data }) {
    document.querySelector("[data-testid=stSidebarNavLink][aria-current=page]")?.scrollIntoView({ block: "nearest" });
    const open = "[data-testid=stSidebarCollapseButton] button[aria-expanded=true]";
    const close = () => innerWidth <= 768 && setTimeout(() => document.querySelector(open)?.click());
    if (document.menuPage === undefined) {
        document.addEventListener("click", ({ target }) => {
            if (target.closest("[data-testid=stSidebarNavLink]")) close();
        });
        const [loaded] = performance.getEntriesByType("navigation");
        document.menuPage = new URL(loaded.name).pathname.split("/").pop();
    }
    if (document.menuPage !== data.page) close();
    document.menuPage = data.page;
}
"""
_menu_closer = st.components.v2.component("menu_closer", js=_CLOSING_SCRIPT)


def close_menu_after_choice(page: str) -> None:
    """Lets the menu of a narrow window close when a page has been chosen in it, and shows the page it opens with.

    Args:
        page: the last part of the address of the page that is shown.
    """
    with st.sidebar:
        _menu_closer(key="menu_closer", height=0, data={"page": page})


# When Streamlit's own script meets an error outside of any element, React takes the whole page away and leaves nothing,
# not even a message, until it is loaded again. "Bad delta path index" was such an error, after one of 65 clicks on
# Start while another training was shown: a message for a place that the page did not have. Others have reported blank
# pages too (streamlit#9259). The address has what is shown, and the server all else.
# Not in the first seconds: a page that is taken away as soon as it stands would be loaded for ever.
_RELOADING_SCRIPT: Final = """
export default function () {
    const root = document.getElementById("root");
    if (root === null || root.isWatched) return;
    root.isWatched = true;
    const look = () => setTimeout(() => {
        if (root.childElementCount === 0 && performance.now() > 3000) location.reload();
    }, 300);
    new MutationObserver(look).observe(root, { childList: true });
    look(); // on a busy machine the page may be gone before this runs
}
"""
_page_reloader = st.components.v2.component("page_reloader", js=_RELOADING_SCRIPT)


def reload_empty_page() -> None:
    """Lets the browser load the page again when nothing is left of it."""
    with st.sidebar:
        _page_reloader(key="page_reloader", height=0)
