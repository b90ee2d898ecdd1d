"""What the server refuses, asked as an ASGI server asks: too large bodies, other origins, one visit too many."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.event_loop import run
from ui.shared.refresh import open_visits
from ui.shell import request_limits
from ui.shell.request_limits import BodyLimit, SameOrigin, VisitLimit

_UPLOAD = "/_stcore/upload_file/session/file"


async def _read_all(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the whole body, then answers 200; a connection stays open until it is closed."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answer"})


def _scope(kind: str = "http", path: str = "/", method: str = "GET", **headers: str) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "path": path, "method": method, "headers": pairs}


async def _ask(app: ASGIApp, scope: Scope, chunks: Iterable[bytes] = (b"",)) -> tuple[int, bytes]:
    parts = list(chunks)
    waiting = [
        {"type": "http.request", "body": part, "more_body": index + 1 < len(parts)} for index, part in enumerate(parts)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize(
    ("path", "announced", "status"),
    [
        ("/api/answer", 65_536, 200),
        ("/api/answer", 65_537, 413),
        (_UPLOAD, 26_000_000, 200),
        (_UPLOAD, 29_000_000, 413),
    ],
)
def test_a_body_that_announces_too_much_is_refused_before_it_is_read(path: str, announced: int, status: int) -> None:
    scope = _scope(path=path, method="POST", content_length=str(announced))
    assert run(_ask, BodyLimit(_read_all), scope)[0] == status


def test_a_body_in_chunks_is_refused_at_the_byte_that_is_too_many() -> None:
    scope = _scope(path="/api/answer", method="POST")
    assert run(_ask, BodyLimit(_read_all), scope, [b"x" * 40_000, b"x" * 25_000])[0] == 200
    assert run(_ask, BodyLimit(_read_all), scope, [b"x" * 40_000, b"x" * 25_600])[0] == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "much"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    scope = _scope(path="/api/answer", method="POST", content_length=length)
    assert run(_ask, BodyLimit(_read_all), scope)[0] == 413


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://school:8501", 200),
        ("http://school:8502", 403),
        ("http://elsewhere", 403),
        ("null", 403),
        ("http://[", 403),
        ("http://school:8501.elsewhere", 403),
    ],
)
def test_only_pages_of_this_server_may_change_something(origin: str, status: int) -> None:
    app = SameOrigin(_read_all, "/api/")
    changing = _scope(path="/api/answer", method="POST", host="school:8501", origin=origin)
    assert run(_ask, app, changing)[0] == status
    assert run(_ask, app, _scope(path="/", host="school:8501", origin=origin))[0] == 200


def _cookies(count: int) -> list[str]:
    return [f"visitor={secrets.token_urlsafe(32)}" for _ in range(count)]


async def _status(app: ASGIApp, cookie: str) -> int:
    """Returns what a browser is answered that asks for a page."""
    return (await _ask(app, _scope(accept="text/html", cookie=cookie)))[0]


def test_whoever_comes_while_all_visits_are_taken_reads_that_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "_RETURN_SECONDS", 0.0)

    async def visit() -> None:
        app = VisitLimit(_read_all, most=1)
        first, second = _cookies(2)
        assert await _status(app, first) == 200
        leaves = asyncio.Event()
        connection = asyncio.create_task(_connect(app, first, leaves))
        await asyncio.sleep(0)
        status, page = await _ask(app, _scope(accept="text/html", cookie=second))
        assert (status, b"Full at the moment" in page) == (503, True)
        assert (await _ask(app, _scope(path="/static/script.js", cookie=second)))[0] == 200
        assert await _connect(app, second, leaves) == ["websocket.close"]
        # What a loaded page asks for before it connects. A program that watches over the server asks that too.
        for path in ("/_stcore/health", "/draw/_stcore/health", "/_stcore/host-config"):
            status, text = await _ask(app, _scope(path=path, cookie=second))
            assert (status, json.loads(text)[:18]) == (503, "Full at the moment")
            assert (await _ask(app, _scope(path=path, cookie=first)))[0] == 200
            assert (await _ask(app, _scope(path=path)))[0] == 200
        # A reload and a second tab of a browser that is in are not shut out.
        assert await _status(app, first) == 200
        leaves.set()
        assert await connection == ["websocket.accept"]
        await asyncio.sleep(0.05)
        assert await _status(app, second) == 200

    run(visit)


def test_a_place_stays_ones_own_while_a_page_is_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "_RETURN_SECONDS", 0.2)

    async def visit() -> None:
        app = VisitLimit(_read_all, most=1)
        first, second = _cookies(2)
        leaves = asyncio.Event()
        leaves.set()
        for _ in range(3):  # however often, it is one place
            assert await _connect(app, first, leaves) == ["websocket.accept"]
            assert await _connect(app, second, leaves) == ["websocket.close"]
        again = asyncio.Event()
        connection = asyncio.create_task(_connect(app, first, again))
        await asyncio.sleep(0.5)  # whoever has come back stays
        assert await _status(app, second) == 503
        again.set()
        await connection
        assert await _status(app, second) == 503
        await asyncio.sleep(0.5)
        assert await _status(app, second) == 200

    run(visit)


def test_what_runs_by_itself_is_told_how_many_visits_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "_RETURN_SECONDS", 0.0)

    async def visit() -> None:
        app = VisitLimit(_read_all, most=5)
        leaves = asyncio.Event()
        connections = [asyncio.create_task(_connect(app, cookie, leaves)) for cookie in _cookies(3)]
        await asyncio.sleep(0)
        assert open_visits.number == 3
        leaves.set()
        await asyncio.gather(*connections)
        await asyncio.sleep(0.05)
        assert open_visits.number == 0

    run(visit)


@pytest.mark.parametrize("cookie", ["", "visitor=none"], ids=["no cookie", "not one of ours"])
def test_browsers_without_a_cookie_hold_no_place_for_each_other(cookie: str) -> None:
    async def visit() -> None:
        app = VisitLimit(_read_all, most=1)
        leaves = asyncio.Event()
        connection = asyncio.create_task(_connect(app, cookie, leaves))
        await asyncio.sleep(0)
        assert await _status(app, cookie) == 503
        leaves.set()
        await connection
        assert await _status(app, _cookies(1)[0]) == 200

    run(visit)


async def _connect(app: ASGIApp, cookie: str, leaves: asyncio.Event) -> list[Any]:
    sent: list[Message] = []

    async def receive() -> Message:
        await leaves.wait()
        return {"type": "websocket.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(_scope("websocket", "/_stcore/stream", cookie=cookie), receive, send)
    return [message["type"] for message in sent]
