"""Which program is shown and which of its parts: kept, and in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from model_lib.programs.source import PROGRAMS, Part, Program, load_program
from ui.shared.scrolling import scroll_to
from ui.shared.url_state import UrlState

# Keys of the containers of the page in which the program and the explanation of one of its parts stand.
PROGRAM_CONTAINER: Final = "program"
PART_CONTAINER: Final = "program_part"
# Shown before any choice: its result needs no training.
_FIRST: Final = "load"


@dataclass(frozen=True)
class Choice:
    """What is chosen, whether or not the program has it.

    Args:
        program: one of `PROGRAMS`.
        part: id of a part.
    """

    program: str = PROGRAMS[0]
    part: str = _FIRST


def parse_choice(parameters: Mapping[str, str]) -> Choice:
    """Reads a choice from an address. Anything may stand there; what cannot be is left out."""
    name = parameters.get("program", "")
    program = load_program(name if name in PROGRAMS else Choice.program)
    part = program.part(parameters.get("line", ""))
    return Choice(program.name, _FIRST if part is None else part.id)


_CHOICE: Final = UrlState(
    ("program", "line"), parse_choice, lambda choice: {"program": choice.program, "line": choice.part}
)


def chosen_part() -> tuple[Program, Part]:
    """Returns the program and the part that are shown, and puts them into the address."""
    _CHOICE.write()
    program = load_program(_CHOICE.value.program)
    return program, program.part(_CHOICE.value.part) or program.parts[0]


def choose_program(name: str) -> None:
    """Shows another program, at the part of the same name if it has one."""
    _CHOICE.set(parse_choice({"program": name, "line": _CHOICE.value.part}))


def choose_part(part: str) -> None:
    """Shows another part of the same program; one that it does not have changes nothing."""
    if load_program(_CHOICE.value.program).part(part) is not None:
        _CHOICE.set(Choice(_CHOICE.value.program, part))
        scroll_to(PART_CONTAINER)


def open_part(program: str, part: str) -> None:
    """Shows a part of any program, from far below on the page."""
    _CHOICE.set(parse_choice({"program": program, "line": part}))
    scroll_to(PROGRAM_CONTAINER)
