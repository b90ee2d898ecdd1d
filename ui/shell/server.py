"""The server around the pages: what it checks before it begins, whom it knows, how it sends, and how it ends."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from typing import Final

import psutil
import streamlit as st
from starlette.middleware import Middleware

from model_lib.compute.worker import close_shared_worker
from model_lib.engine.threads import BackendError, quiet_tensorflow, require_tensorflow_backend
from model_lib.environment import MAX_VISITS, VariableError
from model_lib.sweeps.driver import close_shared_driver
from model_lib.training.cluster import close_shared_cluster
from model_lib.training.cluster_settings import cluster_settings
from ui.shared.streamlit_workarounds import ignore_pages_folder, skip_fragments_of_left_pages
from ui.shared.visitor import VisitorCookie
from ui.shell import startup
from ui.shell.request_limits import BodyLimit, SameOrigin, VisitLimit
from ui.shell.security_headers import SecurityHeaders

_MOST_VISITS: Final = 120


def check_environment() -> None:
    """Makes sure that the environment's settings can be used, before any visitor comes.

    Raises:
        SystemExit: if not; it says what was expected.
    """
    try:
        cluster_settings()
        MAX_VISITS.read()
        require_tensorflow_backend()
    except (VariableError, BackendError) as error:
        raise SystemExit(str(error)) from error
    quiet_tensorflow()


@contextlib.asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Prepares everything before the first visitor comes, and ends the worker processes with the server."""
    ignore_pages_folder()
    skip_fragments_of_left_pages()
    send_without_delay()
    is_ending = threading.Event()
    startup.start(is_ending)
    yield
    is_ending.set()
    close_shared_driver()
    close_shared_worker()
    close_shared_cluster()


def send_without_delay() -> None:
    """Sets TCP_NODELAY on the listening socket; the connections that it accepts inherit it.

    asyncio does so only where a socket's protocol is TCP, and Streamlit's is 0: a small message would wait up to 40 ms
    for the browser's delayed acknowledgement of the one before. Windows gives no descriptor, so nothing changes there.
    """
    for connection in psutil.Process().net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.fd >= 0:
            # A duplicate of the descriptor: closing it leaves the socket open.
            with socket.fromfd(connection.fd, connection.family, connection.type) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def middleware() -> list[Middleware]:
    """Returns what every request goes through."""
    return [
        Middleware(SecurityHeaders),
        Middleware(BodyLimit),
        Middleware(SameOrigin, prefix="/api/"),
        Middleware(VisitLimit, most=MAX_VISITS.read() or _MOST_VISITS),
        Middleware(VisitorCookie),
    ]
