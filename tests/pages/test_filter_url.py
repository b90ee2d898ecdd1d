"""The gallery's filter in the address."""

from __future__ import annotations

import pytest

from model_lib.evaluation.image_filter import (
    PUBLISHED,
    ImageFilter,
)
from ui.mistakes.filter_url import format_filter, parse_filter


@pytest.mark.parametrize(
    "choice",
    [
        ImageFilter(),
        ImageFilter(5, 3, 10, 90, False, "loss", 100, 4, "labels"),
        ImageFilter(label=0, prediction=0, mistakes_only=False),
        ImageFilter(writer=12),
        *PUBLISHED.values(),
    ],
)
def test_a_filter_survives_the_round_trip_through_its_url(choice: ImageFilter) -> None:
    assert parse_filter(format_filter(choice)) == (choice, [])


def test_the_default_filter_needs_no_parameters() -> None:
    assert format_filter(ImageFilter()) == {}
    assert format_filter(ImageFilter(label=5, prediction=3)) == {"label": "5", "read_as": "3"}


@pytest.mark.parametrize(
    "address",
    [
        {"label": "99"},
        {"label": "-1"},
        {"label": ""},
        {"read_as": "x"},
        {"sort": "beauty"},
        {"per_page": "1000000"},
        {"page": "0"},
        {"writer": "1"},
        {"page": "1e9"},
        {"images": "none"},
        {"captions": "<script>"},
        {"least": "80", "most": "20"},
    ],
)
def test_invalid_parameters_are_named_and_ignored(address: dict[str, str]) -> None:
    image_filter, problems = parse_filter(address | {"unknown": "passed over"})
    assert image_filter == ImageFilter()
    assert len(problems) == 1
    assert "The address asks for" in problems[0]
