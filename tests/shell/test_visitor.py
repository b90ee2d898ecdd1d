"""The visitor's cookie: found among whatever other programs have set, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from ui.shared.visitor import token_of

_TOKEN = "A" * 43


@pytest.mark.parametrize("other", ["", 'x={"a":1}; ', "x=a b; ", "x=\u00e9; ", "foo; ", "a[b]=1; ", "theme=dark; "])
def test_the_cookie_is_found_beside_whatever_other_programs_have_set(other: str) -> None:
    assert token_of(f"{other}visitor={_TOKEN}") == _TOKEN


@pytest.mark.parametrize("value", ["", "../../etc", f"{_TOKEN}A", f"{_TOKEN[:-1]}%"])
def test_what_is_notoken_of_ours_is_not_taken(value: str) -> None:
    assert token_of(f"visitor={value}") is None
    assert token_of("") is None
