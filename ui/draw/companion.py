"""The panel of answers: digit, bars and doubts. Beside the canvas it answers while the pen is down (`companion.js`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from model_lib.drawing.strokes import Drawing
from model_lib.storage.run import Run
from ui.draw.answer import Answers
from ui.draw.canvas import Seen
from ui.shared.selection import PRETRAINED

_FOLDER: Final = Path(__file__).parent
_HTML: Final = """
<div class="answers"></div><div class="remarks"></div>
<p class="status" role="status" aria-live="polite"></p>
"""
# Each takes up to 14 bytes of the 64 KB.
_MOST_POINTS: Final = 4_000
_INVITATION: Final = (
    "Draw a digit from 0 to 9 on the black square, with the mouse, a finger, a pen or the keyboard: anywhere, in any "
    "size. The answer appears here while you draw."
)
_component = st.components.v2.component(
    "answer_companion",
    html=_HTML,
    css=(_FOLDER / "companion.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "companion.js").read_text(encoding="utf-8"),
)


def show_answers(
    answers: Answers,
    note: str = "",
    canvas: dict[str, Any] | None = None,
    key: str = "answers",
    invitation: str = _INVITATION,
) -> None:
    """Shows the answers of some networks; an invitation to draw where there are none.

    Args:
        answers: from `ui.draw.answer`.
        note: on the answers; gone as soon as something is drawn.
        canvas: from `canvas_of`, if the panel stands beside the canvas and answers while something is drawn.
        key: of the panel; each of a page has its own.
        invitation: shown where there are no answers.
    """
    _component(data={"answers": answers, "note": note, "canvas": canvas, "invitation": invitation}, key=key)


def canvas_of(
    networks: Sequence[Run | None], reads_number: bool, drawing: Drawing, seen: Seen, pen_width_px: int
) -> dict[str, Any] | None:
    """Returns what the panel must know in order to ask `answer_api` about strokes that the page has not seen.

    Args:
        networks: None is the ready-made one.
        reads_number: whether digits side by side are read as a number.
        drawing: what the page has seen of the canvas.
        seen: the same, as the canvas counts.
        pen_width_px: of the strokes to come.

    Returns:
        See `canvas` in `companion.js`; None for a drawing that is too large for a request: then the page answers alone.
    """
    if sum(map(len, drawing.strokes)) > _MOST_POINTS:
        return None
    return {
        "networks": [PRETRAINED if run is None else run.id for run in networks],
        "reads_number": reads_number,
        "pen_width_px": pen_width_px,
        "strokes": [stroke.round(2).ravel().tolist() for stroke in drawing.strokes],
        "count": seen.strokes,
        "revision": seen.revision,
    }
