"""Headings in order, by which a screen reader's user finds the way: one of level 1, then no level left out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT

_LEVELS = {"title": 1, "header": 2, "subheader": 3}
_PAGES = sorted(path.stem for path in (PROJECT / "pages").glob("*.py"))
_VIEWS = ("image", "classes", "certainty", "labels", "writers")


def _levels(page: str, **address: str) -> list[int]:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120).switch_page(f"pages/{page}.py")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return [_LEVELS[node.type] for node in app.main if node.type in _LEVELS]


def _is_in_order(levels: list[int]) -> bool:
    return levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("page", _PAGES)
def test_no_level_of_headings_is_left_out(page: str) -> None:
    levels = _levels(page)
    assert _is_in_order(levels), levels


@pytest.mark.parametrize("view", _VIEWS)
def test_no_level_is_left_out_in_any_view_of_the_mistakes(view: str) -> None:
    other = {"test": "pen_digits"} if view == "writers" else {}
    levels = _levels("review_mistakes", view=view, **other)
    assert _is_in_order(levels), levels
