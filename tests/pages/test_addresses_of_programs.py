"""What the six programs show stands at the addresses that docs/programs.md gives, each of which opens."""

from __future__ import annotations

import ast
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT

_SHOWN = (
    "data",
    "the network as a table",
    "training progress",
    "curves",
    "early stop",
    "evaluation",
    "predictions",
    "confusion table",
    "chosen mistakes",
    "the gallery of mistakes",
    "saving",
    "convolution with numbers",
    "max pooling with numbers",
    "one random filter",
    "sixteen random filters",
    "settings explained",
    "the loss with its formula",
    "two data formats",
)
_ROW = re.compile(r"^\|([^|]*)\|([^|]+)\|([^|]+)\|$", re.MULTILINE)


def _rows() -> list[tuple[str, list[str]]]:
    """Returns what is shown, and the addresses where; a row without the first continues the one above."""
    rows: list[tuple[str, list[str]]] = []
    for shown, _, where in _ROW.findall((PROJECT / "docs" / "programs.md").read_text(encoding="utf-8"))[2:]:
        rows.append((shown.strip() or rows[-1][0], re.findall(r"`(/[^`]*)`", where)))
    return rows


def _pages() -> dict[str, str]:
    """Returns the files of all pages of the navigation by their addresses."""
    found = {}
    for node in ast.walk(ast.parse((PROJECT / "app.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.Page":
            file = ast.literal_eval(node.args[0])
            options = {each.arg: ast.literal_eval(each.value) for each in node.keywords}
            stem = file.removeprefix("pages/").removesuffix(".py")
            found["" if options.get("default") else options.get("url_path", stem)] = file
    return found


def _addresses() -> list[str]:
    return sorted({address for _, addresses in _rows() for address in addresses})


def test_the_table_has_everything_that_the_programs_show_in_their_order() -> None:
    assert tuple(dict.fromkeys(shown for shown, _ in _rows())) == _SHOWN
    assert len(_rows()) >= 25, "a row for each detail"
    assert all(addresses for _, addresses in _rows())


def test_every_address_is_of_a_page_of_the_navigation() -> None:
    named = {urlsplit(address).path.removeprefix("/") for address in _addresses()}
    assert named <= set(_pages())


@pytest.mark.parametrize("address", _addresses())
def test_an_address_opens(address: str) -> None:
    parts = urlsplit(address)
    page, parameters = parts.path.removeprefix("/"), dict(parse_qsl(parts.query))
    app = AppTest.from_file(PROJECT / _pages()[page], default_timeout=120)
    app.query_params |= {"run": "pretrained"} | parameters
    app.run()
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.title[0].value
    shown = {name: app.query_params[name] for name in parameters if name in app.query_params}
    assert shown == parameters, "what the address asks for is left out"
