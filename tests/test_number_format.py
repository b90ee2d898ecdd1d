"""Percentages: how they are written, and that nothing writes them in another way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from model_lib.number_format import accuracy_text, percent, points_interval_text, points_text, probability_text

_PROJECT = Path(__file__).parent.parent
# A room of commands for developers, whose output no visitor reads.
# What is printed for those who train the network that ships; the programs that visitors carry away.
_NOT_SHOWN = {_PROJECT / "model_lib" / "pretrained", _PROJECT / "model_lib" / "figure_code"}
# ".1%" of an f-string or of an axis, "%{y:.1%}" of a hover text: Python and d3 write no space before the sign.
_PERCENT_FORMAT = re.compile(r"(:|^)[,+]?\.\d%(\}|$)")


def test_an_accuracy_has_two_decimals_and_a_probability_one() -> None:
    assert accuracy_text(0.9959) == "99.59 %"
    assert accuracy_text(1.0) == "100.00 %"
    assert percent(0.1234) == "12.3 %"
    assert percent(0.156, 0) == "16 %"


def test_a_difference_of_shares_is_told_in_points() -> None:
    assert points_text(0.0123) == "1.23 percentage points"
    assert points_interval_text(0.002, 0.0037) == "0.20 to 0.37 higher"
    assert points_interval_text(-0.1724, -0.1514) == "15.14 to 17.24 lower"
    assert points_interval_text(-0.0001, 0.0057) == "0.01 lower to 0.57 higher"


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.12345, "12.3 %"),
        (0.001, "0.1 %"),
        (0.00099, "< 0.1 %"),
        (0.0, "< 0.1 %"),
        (0.999, "99.9 %"),
        (0.99901, "> 99.9 %"),
        (0.99999, "> 99.9 %"),
        (1.0, "> 99.9 %"),
    ],
)
def test_a_probability_next_to_0_or_1_is_neither(probability: float, text: str) -> None:
    assert probability_text(probability) == text


def _other_percentages(file: Path) -> set[int]:
    """Returns the lines in which a file formats a percentage by itself."""
    lines = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            pairs = zip(node.values, [*node.values[1:], None], strict=True)
            for part, follower in pairs:
                has_sign = isinstance(follower, ast.Constant) and str(follower.value).startswith("%")
                if isinstance(part, ast.FormattedValue) and has_sign:
                    lines.add(node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _PERCENT_FORMAT.search(node.value):
            lines.add(node.lineno)
    return lines


def test_what_a_visitor_reads_has_its_percentages_from_one_module() -> None:
    files = [
        _PROJECT / "app.py",
        *(file for room in ("pages", "ui", "model_lib") for file in (_PROJECT / room).rglob("*.py")),
    ]
    found = {
        str(file.relative_to(_PROJECT)): _other_percentages(file)
        for file in files
        if _NOT_SHOWN.isdisjoint(file.parents)
    }
    assert {file: lines for file, lines in found.items() if lines} == {}
