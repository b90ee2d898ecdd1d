"""The navigation of the app, against what the tests of all pages list."""

from __future__ import annotations

import ast

from tests.support.app_server import PROJECT
from tests.support.pages import ADDRESSES


def _addresses() -> list[str]:
    """Returns the address of every page of the navigation, as `app.py` spells it; the first one's is empty."""
    calls = [
        node
        for node in ast.walk(ast.parse((PROJECT / "app.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.Page"
    ]
    found = []
    for call in calls:
        options = {option.arg: ast.literal_eval(option.value) for option in call.keywords}
        file = ast.literal_eval(call.args[0])
        stem = file.removeprefix("pages/").removesuffix(".py")
        found.append("" if options.get("default") else options.get("url_path", stem))
    return found


def test_the_tests_of_all_pages_list_every_page_of_the_navigation_and_no_other() -> None:
    addresses = _addresses()
    assert len(addresses) == len(list((PROJECT / "pages").glob("*.py"))), (
        "a page of the folder is not in the navigation"
    )
    assert sorted(ADDRESSES) == sorted(addresses)
