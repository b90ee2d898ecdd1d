"""Fills the visitor's choices into the program of a figure: values of its constants, and the source of its images."""

from __future__ import annotations

import ast
import math
import numbers
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from model_lib.figure_code.image_source import ImageSource

FOLDER: Final = Path(__file__).parent
# The lines that a program reads its images by, up to an empty line; another `ImageSource` takes their place.
_READS_IMAGES: Final = 'data = np.load("data/'


@cache
def figure_names() -> tuple[str, ...]:
    """Returns the names of all programs, such as "mistakes/confusion_matrix", sorted."""
    return tuple(sorted(file.relative_to(FOLDER).with_suffix("").as_posix() for file in FOLDER.glob("*/*.py")))


def figure_program(name: str, *sources: ImageSource, **values: Any) -> str:
    """Returns the program of a figure for what the visitor has chosen.

    Args:
        name: one of `figure_names`.
        sources: of its images, in the order in which it reads them; without them the data set that stands in the file.
        values: of its constants, by their names, such as `IMAGE=18`: numbers, texts, None, and lists of them. They
            become literals, never code. What depends on a constant that is None or False is left out.

    Raises:
        ValueError: for an unknown program or constant, a value of another type, or more sources than it reads.
    """
    program = _read(name)
    if unknown := values.keys() - program.constants.keys():
        known = ", ".join(program.constants)
        raise ValueError(f"`values` must be constants of {name}: {known}. Received: {', '.join(sorted(unknown))}.")
    paragraphs = re.split(r"\n\n+", _filled(program, values))
    places = [place for place, each in enumerate(paragraphs) if each.startswith(_READS_IMAGES)]
    if len(sources) > len(places):
        raise ValueError(f"`sources` must be at most {len(places)} for {name}. Received: {len(sources)}.")
    for place, source in zip(places, sources, strict=False):
        paragraphs[place] = _reading(paragraphs[place], source)
    modules = dict.fromkeys(module for source in sources for module in source.modules)
    if modules:  # behind the docstring, where those of the standard library stand before all others
        paragraphs.insert(1, "\n".join(f"import {module}" for module in modules))
    return "\n\n".join(paragraphs)


@dataclass(frozen=True)
class _Constant:
    """A name in capitals that is assigned at the top of a program.

    Args:
        row: index of its line.
        start, end: of its value in that line, in bytes.
        is_off: whether the value in the file is None or False.
        is_alone: whether the line assigns no other one.
        uses: indices of the lines that read it.
    """

    row: int
    start: int
    end: int
    is_off: bool
    is_alone: bool
    uses: frozenset[int]


@dataclass(frozen=True)
class _Program:
    """A program as it stands in its file.

    Args:
        lines: of its text.
        constants: by their names.
        switches: constants without which lines are left out, with the indices of these lines.
    """

    lines: Sequence[str]
    constants: Mapping[str, _Constant]
    switches: Sequence[tuple[str, range]]


@cache
def _read(name: str) -> _Program:
    if name not in figure_names():
        raise ValueError(f"`name` must be one of {', '.join(figure_names())}. Received: {name!r}.")
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    loads = [
        (each.id, each.lineno - 1)
        for each in ast.walk(tree)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    ]
    constants = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.lineno == node.end_lineno:
            pairs = _pairs(node)
            for target, value in pairs:
                constants[target] = _Constant(
                    node.lineno - 1,
                    value.col_offset,
                    value.end_col_offset or 0,
                    isinstance(value, ast.Constant) and (value.value is None or value.value is False),
                    len(pairs) == 1,
                    frozenset(row for each, row in loads if each == target),
                )
    switches = [
        (name, range(node.lineno - 1, node.end_lineno or 0))
        for node in tree.body
        if isinstance(node, ast.If) and (name := _switch(node.test)) in constants
    ]
    return _Program(text.split("\n"), constants, switches)


def _pairs(node: ast.Assign) -> list[tuple[str, ast.expr]]:
    """Returns the names in capitals and their values of an assignment, which may be of several at once."""
    if len(node.targets) > 1:
        return []
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        pairs = list(zip(target.elts, node.value.elts, strict=True))
    else:
        pairs = [(target, node.value)]
    return [(each.id, value) for each, value in pairs if isinstance(each, ast.Name) and each.id.isupper()]


def _switch(test: ast.expr) -> str:
    """Returns the constant of `if NAME:` or `if NAME is not None:`, "" for any other test."""
    is_comparison = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot)
    name = test.left if isinstance(test, ast.Compare) and is_comparison else test
    return name.id if isinstance(name, ast.Name) else ""


def _filled(program: _Program, values: Mapping[str, Any]) -> str:
    """Replaces the values of constants, comments behind them stay, and leaves out what is off."""
    lines = list(program.lines)
    # From the end of a line to its start, so that places before it stay where they are.
    for name in sorted(values, key=lambda each: -program.constants[each].start):
        place = program.constants[name]
        line, literal = lines[place.row].encode(), _literal(values[name]).encode()
        lines[place.row] = (line[: place.start] + literal + line[place.end :]).decode()
    is_off = {
        name: constant.is_off if name not in values else values[name] is None or values[name] is False
        for name, constant in program.constants.items()
    }
    dropped = {row for name, rows in program.switches if is_off[name] for row in rows}
    dropped |= {
        constant.row
        for name, constant in program.constants.items()
        if is_off[name] and constant.is_alone and constant.uses <= dropped
    }
    return "\n".join(line for row, line in enumerate(lines) if row not in dropped)


def _literal(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, str):
        # As the rest of the program has them, in double quotes, where no letter has a meaning of its own.
        return f'"{value}"' if re.fullmatch(r"[\w ./:-]*", value, re.ASCII) else repr(value)
    # NumPy's numbers too, whose own literals need NumPy.
    if isinstance(value, numbers.Integral):
        return repr(int(value))
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return repr(float(value))
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    raise ValueError(f"`values` must be finite numbers, texts, None or lists of them. Received: {value!r:.60}.")


def _reading(paragraph: str, source: ImageSource) -> str:
    """Returns the lines that define the arrays which the paragraph defines, from the source."""
    lines = list(source.first)
    for name in ("images", "labels", "writers"):
        if re.search(rf"^{name} =", paragraph, re.M):
            lines += source.arrays[name]
    return "\n".join(lines)
