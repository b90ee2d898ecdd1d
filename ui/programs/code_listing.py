"""A program whose lines can be chosen, by a click or by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import streamlit as st

from model_lib.programs.source import Part, Program, tokens
from ui.programs.selection import choose_part

_KEY: Final = "code_listing"
_FOLDER: Final = Path(__file__).parent
_component = st.components.v2.component(
    "code_listing",
    html='<ol class="code_listing"></ol>\n',
    css=(_FOLDER / "code_listing.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "code_listing.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # for its letters to be the page's
)


def show_listing(program: Program, chosen: Part) -> None:
    """Shows all lines of a program; a click on one chooses its part."""
    data = {
        "label": f"The program {program.name}.py",
        "program": program.name,
        "blocks": _blocks(program),
        "chosen": chosen.id,
    }
    _component(data=data, key=_KEY, on_clicked_change=lambda: choose_part(str(st.session_state[_KEY].clicked)))


def _blocks(program: Program) -> list[dict[str, Any]]:
    """Returns lines that follow each other and belong to one part; to none those between two parts."""
    owners = {number: part.id for part in program.parts for number in part.lines}
    blocks: list[dict[str, Any]] = []
    for number, pieces in enumerate(tokens(program.name), 1):
        part = owners.get(number, "")
        if not blocks or blocks[-1]["part"] != part:
            blocks.append({"part": part, "first": number, "lines": []})
        blocks[-1]["lines"].append(pieces)
    return blocks
