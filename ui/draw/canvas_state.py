"""What is on the canvas: the protocol between the page, which tells it what to show, and the browser, which draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model_lib.datasets.user_digits import new_digit_id


@dataclass(frozen=True)
class _Sent:
    content: Any


@dataclass
class CanvasState:
    """The canvas of one visit. Content is canvas JSON as `read_canvas` accepts it, or whatever a browser sends instead.

    Args:
        content: what is on the canvas.
        start: what the canvas was last told to show; None before it was shown at all.
        pending: what it had sent when it was told to show something else; until it has followed, it sends that again,
            perhaps with a stroke more. None once it has followed.
        revision: counts what it was told to show: without it the canvas could not be emptied twice in a row.
        drawing_id: names the drawing, from one emptying to the next.
    """

    content: Any = None
    start: Mapping[str, Any] | None = None
    pending: _Sent | None = None
    revision: int = 0
    drawing_id: str = field(default_factory=new_digit_id)

    @property
    def stroke_count(self) -> int:
        """How many strokes are in the content."""
        objects = _objects(self.content)
        return len(objects) if isinstance(objects, list) else 0

    def mount(self) -> None:
        """Prepares a canvas, or a grid in its place, that is new in the page: the visitor has just come in or back."""
        # The same start again would wipe out a first stroke that is being drawn.
        if self.start is None or _objects(self.content) != _objects(self.start):
            self._show(self.content)
        self.pending = None

    def receive(self, sent: Any) -> None:
        """Takes over what the canvas has sent, unless that is outdated."""
        newest = self.newest(sent)
        if newest is sent:
            self.pending = None
        self.content = newest

    def newest(self, sent: Any) -> Any:
        """Returns what is on the canvas: `sent`, unless that is from before it was told to show something else."""
        if self.pending is None:
            return sent
        before = self.pending.content
        is_outdated = sent == before or _continues(before, sent)
        return self.content if is_outdated else sent

    def replace(self, content: Mapping[str, Any]) -> None:
        """Takes over what was drawn elsewhere while the canvas is not in the page; it is shown when it is back."""
        self.pending = None
        if _objects(self.content) and not _objects(content):
            self.drawing_id = new_digit_id()
        self.content = content

    def clear(self, sent: Any) -> None:
        """Empties the canvas, which has sent `sent` last."""
        self._replace(None, sent)

    def undo(self, sent: Any) -> None:
        """Removes the last stroke of the canvas, which has sent `sent` last."""
        content = self.newest(sent)
        strokes = content.get("objects") if isinstance(content, Mapping) else None
        if isinstance(strokes, list) and strokes:
            self._replace({**content, "objects": strokes[:-1]}, sent)

    def _replace(self, content: Mapping[str, Any] | None, sent: Any) -> None:
        if self.pending is None:
            self.pending = _Sent(sent)
        self.content = content
        if not _objects(content):
            self.drawing_id = new_digit_id()
        self._show(content)

    def _show(self, content: Any) -> None:
        self.revision += 1
        self.start = {**(content if isinstance(content, Mapping) else {"objects": []}), "number": self.revision}


def _objects(content: Any) -> Any:
    return content.get("objects", []) if isinstance(content, Mapping) else []


def _continues(before: Any, sent: Any) -> bool:
    """Whether the same drawing has a stroke more: the browser will wipe it out with the others."""
    drawn, now = _objects(before), _objects(sent)
    return isinstance(drawn, list) and isinstance(now, list) and bool(drawn) and now[: len(drawn)] == drawn
