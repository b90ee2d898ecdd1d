"""The lines that Keras 2 wrote otherwise, as a table in HTML that becomes a list where the window is narrow."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Final

from model_lib.programs.explanations import Change

_COLUMNS: Final = ("Keras 2", "Keras 3", "What has changed")


def changes_table(changes: Sequence[Change]) -> str:
    """Returns the table; its class, `then_and_now`, is laid out by the page's stylesheet.

    Each cell has the title of its column as `data-title`, for the list.
    """
    head = "".join(f'<th scope="col">{title}</th>' for title in _COLUMNS)
    rows = []
    for change in changes:
        note = f"{_with_code(change.note)} ({change.program}.py)"
        cells = (_code(change.keras_2), _code(change.keras_3), note)
        rows.append(
            "".join(f'<td data-title="{title}">{cell}</td>' for title, cell in zip(_COLUMNS, cells, strict=True))
        )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="then_and_now"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _code(text: str) -> str:
    """Returns code that breaks behind a bracket or before a dot where it is too long."""
    return f"<code>{re.sub(r'(?<=[(])(?![)])|(?=[.][a-z])', '<wbr>', html.escape(text))}</code>"


def _with_code(text: str) -> str:
    """Returns Markdown that has no marks but backticks as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
