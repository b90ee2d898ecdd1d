"""Limits of what a server takes: bytes a request, visits at once, and requests from pages of other origins."""

from __future__ import annotations

import asyncio
import textwrap
from collections import Counter
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.shared.refresh import open_visits
from ui.shared.visitor import token_of

_UPLOADS: Final = "/_stcore/upload_file/"
_STREAM: Final = "/_stcore/stream"
# What Streamlit's page asks for before each connection, also beside its own address. It shows a refusal that is JSON.
_PROBES: Final = ("/_stcore/health", "/_stcore/host-config")
# Of a line; on a phone too.
_DIALOG_CHARACTERS: Final = 30
# `server.maxUploadSize` and the form around the file.
_LARGEST_UPLOAD_BYTES: Final = 27 * 1024 * 1024
_LARGEST_BODY_BYTES: Final = 64 * 1024
_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# A reload closes the connection about a second before the page opens the next one; a weak network breaks it for longer.
_RETURN_SECONDS: Final = 10.0

_FULL: Final = "As many visitors are here as this server takes at once: {most}."
_FULL_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30"><title>Full at the moment</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.25rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }}
</style></head>
<body><h1>Full at the moment</h1>
<p>{reason} Try again in a minute; this page does so by itself every 30 seconds.</p>
</body></html>
"""


class BodyLimit:
    """Refuses request bodies that are larger than any that the app asks for (ASGI middleware).

    Args:
        app: the application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 413, at the latest at the byte that is too many."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _LARGEST_UPLOAD_BYTES if _UPLOADS in scope["path"] else _LARGEST_BODY_BYTES
        refusal = PlainTextResponse(f"A request to this address may have up to {most:,} bytes.\n", 413)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > most:
            await refusal(scope, receive, send)
            return
        received, has_begun = 0, False

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:  # a body sent in chunks announces no length
                raise _BodyTooLargeError
            return message

        async def send_noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive_counted, send_noted)
        except _BodyTooLargeError:
            if not has_begun:
                await refusal(scope, receive, send)


class _BodyTooLargeError(Exception):
    pass


class SameOrigin:
    """Refuses requests that change something and come from a page of another origin (ASGI middleware).

    Streamlit checks its own routes; this one is for those that the app adds.

    Args:
        app: the application behind it.
        prefix: the beginning of the paths that are checked.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 403."""
        if scope["type"] == "http" and scope["method"] in _CHANGING and scope["path"].startswith(self._prefix):
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            # A browser sets this header whenever the request comes from a page; other programs may leave it out.
            if origin is not None and _host_of(origin) != headers.get("host"):
                await PlainTextResponse("This address answers pages of this server only.\n", 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _host_of(origin: str) -> str | None:
    """Returns host and port of an origin, None if it is malformed."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


class VisitLimit:
    """Answers a page that says "full" to whoever comes while as many visits are open as allowed (ASGI middleware).

    A visit is an open connection of Streamlit's page to its server. A browser that has one already gets its pages, so
    that a reload or a second tab is not shut out; its place stays its own for some seconds after the last one closes.

    Args:
        app: the application behind it.
        most: how many visits may be open at once.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most
        self._reason = _FULL.format(most=most)
        self._open: Counter[str] = Counter()
        # By visitor: the end of a place whose connection is closed. It counts as one that is open.
        self._returns: dict[str, asyncio.TimerHandle] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        if scope["type"] == "websocket" and scope["path"].endswith(_STREAM):
            await self._stream(scope, receive, send)
        elif scope["type"] == "http" and (refusal := self._refusal(scope)):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Returns what is answered while the server is full for a visitor, None for requests that are passed on."""
        # A program that watches over the server has no cookie.
        is_probe = scope["path"].endswith(_PROBES) and bool(_visitor_of(scope))
        if not (is_probe or _asks_for_a_page(scope)) or not self._is_full_for(scope):
            return None
        if is_probe:  # stands in a dialog until a later try succeeds; they come every few seconds
            text = f"Full at the moment. {self._reason} This page goes on by itself as soon as there is room."
            return JSONResponse(textwrap.fill(text, _DIALOG_CHARACTERS), 503)
        return HTMLResponse(_FULL_PAGE.format(reason=self._reason), 503, {"Retry-After": "30"})

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_full_for(scope):  # came between the page and its connection; Streamlit's page tries again
            await send({"type": "websocket.close", "code": 1013, "reason": "full"})
            return
        visitor = _visitor_of(scope)
        if visitor in self._returns:
            self._returns.pop(visitor).cancel()
        else:
            self._open[visitor] += 1
            open_visits.number = self._open.total()
        try:
            await self._app(scope, receive, send)
        finally:
            if visitor and self._open[visitor] == 1:
                loop = asyncio.get_running_loop()
                self._returns[visitor] = loop.call_later(_RETURN_SECONDS, self._leave, visitor)
            else:
                self._leave(visitor)

    def _leave(self, visitor: str) -> None:
        self._returns.pop(visitor, None)
        self._open[visitor] -= 1
        if not self._open[visitor]:
            del self._open[visitor]
        open_visits.number = self._open.total()

    def _is_full_for(self, scope: Scope) -> bool:
        return self._open.total() >= self._most and (not _visitor_of(scope) or _visitor_of(scope) not in self._open)


def _visitor_of(scope: Scope) -> str:
    """Returns the token of the visitor's cookie, empty for a browser without one."""
    return token_of(Headers(scope=scope).get("cookie", "")) or ""


def _asks_for_a_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
