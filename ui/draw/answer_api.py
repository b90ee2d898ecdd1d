"""`POST /api/answer`: what networks answer to a drawing that the canvas has not sent yet, while the pen is down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import anyio
import anyio.to_thread
import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from model_lib.drawing.canvas_json import read_canvas
from model_lib.drawing.pointer_path import pointer_path
from model_lib.drawing.segmentation import MOST_STROKES
from model_lib.drawing.strokes import Drawing, DrawingError
from model_lib.storage.run import Run
from ui.draw.answer import Answers, answers_to_drawing
from ui.draw.canvas import SIDE_PX
from ui.shared.selection import PRETRAINED, find_run

_MOST_NETWORKS: Final = 4
# Far beyond any screen.
_FARTHEST_PX: Final = 100_000
# More than two at once only wait for each other: rasterising and reading hold the interpreter lock most of the time.
_THREADS: Final = anyio.CapacityLimiter(2)


class _RequestError(ValueError):
    """A body that cannot be answered; the message says what was expected."""


def answer_route() -> Route:
    """Returns the route. `ui.shell.request_limits` bounds the body to 64 KB and checks the origin.

    The body is JSON: `networks`, a list of ids of runs or "pretrained"; `reads_number`, whether digits side by side are
    one number; `pen_width_px`; `strokes`, those that the page has seen, as it read them; `pointer`, those since, the
    last one perhaps unfinished, as raw positions of the pointer. A stroke is a list x, y, x, y, ... in canvas pixels.
    The answer is `ui.draw.answer.Answers` as JSON, or 400 with a sentence.
    """
    return Route("/api/answer", _answer, methods=["POST"])


async def _answer(request: Request) -> Response:
    body = await request.body()
    try:
        return JSONResponse(await anyio.to_thread.run_sync(answer_to, body, limiter=_THREADS))
    except (_RequestError, DrawingError) as error:
        return PlainTextResponse(f"{error}\n", 400)


def answer_to(body: bytes) -> Answers:
    """Returns what the networks answer to a request's body.

    Raises:
        ValueError: for another body than `answer_route` describes; the message says what was expected.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _RequestError(f"The body must be JSON. {error}") from error
    if not isinstance(request, Mapping):
        raise _RequestError(f"The body must be an object. Received: {request!r:.80}.")
    pen_width_px = request.get("pen_width_px")
    if not isinstance(pen_width_px, int | float) or not 0 < pen_width_px < SIDE_PX:
        raise _RequestError(f"`pen_width_px` must be a number from 0 to {SIDE_PX}. Received: {pen_width_px!r:.80}.")
    seen, new = _strokes(request, "strokes"), _strokes(request, "pointer")
    if len(seen) + len(new) > MOST_STROKES:
        raise _RequestError(f"There may be up to {MOST_STROKES} strokes. Received: {len(seen) + len(new)}.")
    paths = [pointer_path(stroke, pen_width_px) for stroke in new]
    since = read_canvas({"objects": [{"type": "Path", "path": path} for path in paths]}, SIDE_PX)
    drawing = Drawing((*seen, *since.strokes), SIDE_PX, pen_width_px)
    return answers_to_drawing(_networks(request), drawing, request.get("reads_number") is True)


def _networks(request: Mapping[str, Any]) -> list[Run | None]:
    names = request.get("networks")
    if not isinstance(names, list) or not 1 <= len(names) <= _MOST_NETWORKS:
        raise _RequestError(f"`networks` must be a list of 1 to {_MOST_NETWORKS} names. Received: {names!r:.80}.")
    runs = [find_run(name) if isinstance(name, str) and name != PRETRAINED else None for name in names]
    for name, run in zip(names, runs, strict=True):
        if run is None and name != PRETRAINED:
            raise _RequestError(f"`networks` must name runs or {PRETRAINED!r}. Received: {name!r:.80}.")
    return runs


def _strokes(request: Mapping[str, Any], key: str) -> list[NDArray[np.float64]]:
    """Returns the strokes (k, 2) under a key."""
    strokes = request.get(key)
    if not isinstance(strokes, list):
        raise _RequestError(f"`{key}` must be a list of strokes. Received: {strokes!r:.80}.")
    for stroke in strokes:
        is_list = isinstance(stroke, list) and len(stroke) >= 2 and len(stroke) % 2 == 0
        if not is_list or not set(map(type, stroke)) <= {int, float}:
            raise _RequestError(f"A stroke of `{key}` must be a list of numbers x, y, ... Received: {stroke!r:.80}.")
        if not all(-_FARTHEST_PX < value < _FARTHEST_PX for value in stroke):  # false for NaN
            raise _RequestError(f"A stroke of `{key}` must be near the canvas. Received: {stroke!r:.80}.")
    return [np.array(stroke, np.float64).reshape(-1, 2) for stroke in strokes]
