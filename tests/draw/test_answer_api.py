"""`POST /api/answer`, asked as an ASGI server asks, through all that every request goes through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from model_lib.drawing.canvas_json import read_canvas
from model_lib.drawing.pointer_path import pointer_path
from model_lib.drawing.strokes import strokes_to_image
from model_lib.predictions import load_pretrained, predict
from tests.support.drawn_digits import DRAWN_DIGITS
from tests.support.event_loop import run
from tests.support.sample_networks import DENSE, finished_run
from ui.draw.answer_api import answer_route
from ui.draw.canvas import SIDE_PX
from ui.shell.server import middleware


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for runs."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setenv("RUNS_FOLDER", str(folder))
    return folder


async def _post(body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    app = Starlette(routes=[answer_route()], middleware=middleware())
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    path = {"path": "/api/answer", "root_path": "", "query_string": b""}
    await app({"type": "http", "method": "POST", "headers": pairs, **path}, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent).decode()


def ask(request: Any, **headers: str) -> tuple[int, str]:
    """Returns status and text of the reply to a request, which is sent as it is if it is bytes."""
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return run(_post, body, {"content-length": str(len(body)), "host": "school", **headers})


def request_of(*digits: int, scale: float = 1.0, **changes: Any) -> dict[str, Any]:
    """Returns a request about digits beside each other, all of whose strokes the page has not seen yet."""
    pointer = [
        (stroke * scale + (place * 180 * scale, 60)).ravel().tolist()
        for place, digit in enumerate(digits)
        for stroke in DRAWN_DIGITS[digit]
    ]
    request = {"networks": ["pretrained"], "reads_number": False, "pen_width_px": 18, "strokes": []}
    return {**request, "pointer": pointer, **changes}


def answers_to(request: dict[str, Any]) -> dict[str, Any]:
    status, text = ask(request)
    assert status == 200, text
    return json.loads(text)


@pytest.mark.parametrize("digit", range(10))
def test_the_answer_is_the_networks_to_the_path_that_the_canvas_will_send(digit: int) -> None:
    reply = answers_to(request_of(digit))
    below = np.array([0, 60])
    paths = [pointer_path(stroke + below, 18) for stroke in DRAWN_DIGITS[digit]]
    drawing = read_canvas({"objects": [{"type": "Path", "path": path} for path in paths]}, SIDE_PX)
    image = strokes_to_image(drawing.strokes, SIDE_PX)
    (answer,) = reply["answers"]
    np.testing.assert_allclose(
        [share for _, share, _ in answer["bars"]], predict(load_pretrained(), image[None])[0], atol=1e-4
    )
    assert answer["name"] == str(digit)
    assert reply["doubt"] == ""


def test_strokes_that_the_page_has_seen_belong_to_the_drawing() -> None:
    first, second = (stroke.ravel().tolist() for stroke in DRAWN_DIGITS[4])
    whole = answers_to(request_of(strokes=[first], pointer=[second]))
    assert whole["answers"][0]["name"] == "4"
    assert answers_to(request_of(pointer=[second]))["answers"][0]["name"] != "4"


def test_a_scribble_is_no_digit() -> None:
    zigzag = [value for turn in range(20) for value in (40 + 200 * (turn % 2), 30 + 12 * turn)]
    assert "does not look like a digit" in answers_to(request_of(pointer=[zigzag]))["doubt"]


def test_two_digits_are_a_number_on_request_and_doubted_else() -> None:
    (answer,) = answers_to(request_of(4, 2, scale=0.5, reads_number=True))["answers"]
    assert answer["name"] == "42"
    assert [part["alt"] for part in answer["parts"]] == [
        f"A part of the drawing, predicted as {digit}" for digit in (4, 2)
    ]
    assert "Several digits?" in answers_to(request_of(4, 2, scale=0.5))["doubt"]


def test_several_networks_answer_in_their_order(runs_folder: Path) -> None:
    mine = finished_run(DENSE, runs_folder)
    first, second = answers_to(request_of(7, networks=[mine.id, "pretrained"]))["answers"]
    assert first["title"] == mine.title
    assert (second["title"], second["name"]) == ("Ready-made network (pretrained)", "7")
    assert first["bars"] != second["bars"]


def test_nothing_drawn_gets_no_answer() -> None:
    assert answers_to(request_of()) == {"answers": [], "doubt": ""}


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (b"", "must be JSON"),
        (b"\xff\xfe", "must be JSON"),
        (b"[" * 60_000, "must be JSON"),
        (b"7", "must be an object"),
        (request_of(7, networks=[]), "1 to 4 names"),
        (request_of(7, networks=["pretrained"] * 5), "1 to 4 names"),
        (request_of(7, networks="pretrained"), "1 to 4 names"),
        (request_of(7, networks=[None]), "must name runs"),
        (request_of(7, networks=["../digits"]), "must name runs"),
        (request_of(7, networks=[".."]), "must name runs"),
        (request_of(7, networks=["\0"]), "must name runs"),
        (request_of(7, networks=["a run that is gone"]), "must name runs"),
        (request_of(7, pen_width_px=0), "`pen_width_px`"),
        (request_of(7, pen_width_px="18"), "`pen_width_px`"),
        (request_of(7, pen_width_px=float("nan")), "`pen_width_px`"),
        (request_of(7, strokes=None), "`strokes` must be a list"),
        (request_of(7, strokes=[[]]), "stroke of `strokes`"),
        (request_of(pointer={"0": [1, 2]}), "`pointer` must be a list"),
        (request_of(pointer=[[1, 2, 3]]), "stroke of `pointer`"),
        (request_of(pointer=[[1, True]]), "stroke of `pointer`"),
        (request_of(pointer=[["1", "2"]]), "stroke of `pointer`"),
        (request_of(pointer=[[[1, 2]]]), "stroke of `pointer`"),
        (request_of(pointer=[[1, float("nan")]]), "near the canvas"),
        (request_of(pointer=[[1, float("inf")]]), "near the canvas"),
        (request_of(pointer=[[1, 10**400]]), "near the canvas"),
        (request_of(pointer=[[1, 2]] * 61), "up to 60 strokes"),
    ],
)
def test_a_body_that_cannot_be_answered_is_refused_in_a_sentence(request_: Any, words: str) -> None:
    status, text = ask(request_)
    assert (status, words in text) == (400, True), text
    assert len(text) < 300
    assert "Traceback" not in text


def test_a_page_of_another_origin_and_a_body_too_large_are_refused() -> None:
    assert ask(request_of(7), origin="http://school")[0] == 200
    assert ask(request_of(7), origin="http://elsewhere")[0] == 403
    assert ask(b" " * 70_000)[0] == 413
