"""Who the visitor is: a browser that comes again is known by a random cookie, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.shared.visit import state_of

_COOKIE: Final = "visitor"
# The longest that browsers keep a cookie.
_KEPT_SECONDS: Final = 400 * 24 * 3600


def visitor() -> str:
    """Returns the name of this visitor, 64 hexadecimal digits: the same in every session of one browser.

    The cookie cannot be found out from it. A browser that takes no cookies is another visitor in each session.
    """
    return state_of(_Visitor).name


def _name_from_cookie() -> str:
    token = st.context.cookies.get(_COOKIE, "")
    if not _is_token(token):
        token = secrets.token_urlsafe(32)
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass
class _Visitor:
    name: str = field(default_factory=_name_from_cookie)


class VisitorCookie:
    """Gives the cookie to a browser that asks for a page and has none yet (ASGI middleware).

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        # By what is asked for, not by the answer: one that says "not modified" has no type.
        if scope.get("method") != "GET" or "text/html" not in headers.get("accept", ""):
            await self._app(scope, receive, send)
            return
        known = token_of(headers.get("cookie", ""))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Given anew with each page, so that it lasts as long as the browser keeps coming.
                cookie = _set_cookie(known or secrets.token_urlsafe(32))
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _set_cookie(token: str) -> str:
    return f"{_COOKIE}={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age={_KEPT_SECONDS}"


def token_of(header: str) -> str | None:
    """Returns the visitor's token in a `Cookie` header, or None if there is none."""
    # As Streamlit itself reads them: Python's own parser drops all that follow one that it does not understand, and
    # another program on the same host may have set that.
    token = cookie_parser(header).get(_COOKIE, "")
    return token if _is_token(token) else None


def _is_token(value: Any) -> bool:
    """Whether a value could be one of this module's tokens: 32 random bytes in 43 characters."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{43}", value) is not None
