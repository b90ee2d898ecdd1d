"""The program, and beside it what the chosen part does, what it gives, and where that lives in the app."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.config.presets import PRESET_TABLE, PRESETS
from model_lib.config.summary import count_parameters
from model_lib.programs.explanations import explain
from model_lib.programs.source import PROGRAMS, Part, Program
from ui.programs.code_listing import show_listing
from ui.programs.places import show_places
from ui.programs.preset_runs import newest_result, offer_training, run_under_way, show_progress
from ui.programs.results import show_result
from ui.programs.run_results import needs_training, show_run_result
from ui.programs.selection import PART_CONTAINER, choose_program
from ui.shared.visit import mirrored
from ui.shared.wording import in_markdown

_LIST_PX: Final = 330
# Widened where letters are magnified: ui/shell/theme.css.
_CODE_PX: Final = 540


def choose(program: Program) -> None:
    """Shows the list of programs, the button that trains the shown one, and its file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mirrored(
            st.selectbox,
            "Program",
            PROGRAMS,
            key="program-name",
            value=program.name,
            on_change=choose_program,
            format_func=lambda name: f"{PRESETS[name].title} ({name})",
            width=_LIST_PX,
            help="Six programs that many people learn from, written anew in Keras 3.",
        )
        offer_training(program.name, "train_program", is_primary=True)
        st.download_button(
            f"{program.name}.py",
            program.text,
            f"{program.name}.py",
            "text/x-python",
            icon=":material/download:",
            on_click="ignore",
            key="program-file",
        )
    preset = PRESET_TABLE[program.name]
    source = f" {preset.source[0].upper()}{preset.source[1:]}." if preset.source else ""
    st.caption(f"{preset.description} {count_parameters(preset.spec):,} parameters.{source}")
    show_progress(program.name)


def show_program(program: Program, part: Part) -> None:
    """Shows all lines of a program, and beside them one part of it."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=_CODE_PX, key="program_code"):
            show_listing(program, part)
        with st.container(key=PART_CONTAINER):
            _show_part(program, part)


def _show_part(program: Program, part: Part) -> None:
    lines = f"Line {part.lines[0]}" if len(part.lines) == 1 else f"Lines {part.lines[0]} to {part.lines[-1]}"
    st.header(lines, anchor=False)
    st.markdown(explain(program, part))
    show_result(program, part)
    run = newest_result(program.name)
    if needs_training(part):
        if run is not None:
            show_run_result(part, run)
            st.caption(f"From the training {in_markdown(run.title)}.")
        elif run_under_way(program.name) is not None:
            st.info("The result appears here when the training has ended.", icon=":material/hourglass_top:")
        else:
            st.info("Its result needs a trained network. Train it first.", icon=":material/model_training:")
            offer_training(program.name, "train_program_here")
    show_places(program, part, run)
