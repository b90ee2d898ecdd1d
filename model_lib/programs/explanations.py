"""What is said of the programs: each part of them, where two differ, and what has changed since Keras 2."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from typing import Any, Final

from model_lib.programs.source import PROGRAMS_FOLDER, Part, Program, load_program

_FILE: Final = PROGRAMS_FOLDER / "explanations.toml"
_ALL: Final = "every"


@dataclass(frozen=True)
class Excerpt:
    """Lines of a program.

    Args:
        program: its name.
        parts: ids of the parts.
    """

    program: str
    parts: tuple[str, ...]

    @property
    def code(self) -> str:
        """The lines, as they follow each other in the program."""
        return load_program(self.program).excerpt(self.parts)


@dataclass(frozen=True)
class Difference:
    """Two ways to do the same.

    Args:
        id: of it.
        title: both ways, in words.
        left, right: how two programs do it.
        why: what speaks for either, as Markdown.
    """

    id: str
    title: str
    left: Excerpt
    right: Excerpt
    why: str


@dataclass(frozen=True)
class Change:
    """A line of Keras 2 that is written otherwise today.

    Args:
        keras_2, keras_3: the two lines.
        note: what has changed, as Markdown.
        program, part: where the new line stands.
    """

    keras_2: str
    keras_3: str
    note: str
    program: str
    part: str


def explain(program: Program, part: Part) -> str:
    """Returns what a part of a program does, as Markdown."""
    content = _content()
    text = content.get(program.name, {}).get(part.kind) or content[_ALL][part.kind]
    return str(text).strip()


def differences() -> tuple[Difference, ...]:
    """Returns where two programs do the same differently."""
    return tuple(
        Difference(each["id"], each["title"], _excerpt(each["left"]), _excerpt(each["right"]), each["why"].strip())
        for each in _content()["difference"]
    )


def changes() -> tuple[Change, ...]:
    """Returns what Keras 2 wrote and Keras 3 writes."""
    return tuple(Change(**each) for each in _content()["change"])


def _excerpt(text: str) -> Excerpt:
    program, _, parts = text.partition(":")
    return Excerpt(program, tuple(parts.split()))


@functools.cache
def _content() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
