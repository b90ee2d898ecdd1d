"""The server around the pages: what it checks before it begins, whom it knows, and how it ends."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import streamlit as st
from starlette.middleware import Middleware

from model_lib.engine.threads import BackendError, quiet_tensorflow, require_tensorflow_backend
from model_lib.environment import VariableError
from model_lib.training.cluster import close_shared_cluster
from model_lib.training.cluster_settings import cluster_settings
from ui.shared.visitor import VisitorCookie
from ui.shell.request_limits import BodyLimit, SameOrigin, VisitLimit
from ui.shell.security_headers import SecurityHeaders

_MOST_VISITS = 120


def check_environment() -> None:
    """Makes sure that trainings can be started with the environment's settings, before any visitor comes.

    Raises:
        SystemExit: if not; it says what was expected.
    """
    try:
        cluster_settings()
        require_tensorflow_backend()
    except (VariableError, BackendError) as error:
        raise SystemExit(str(error)) from error
    quiet_tensorflow()


@contextlib.asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Ends the training processes with the server."""
    yield
    close_shared_cluster()


def middleware() -> list[Middleware]:
    """Returns what every request goes through."""
    return [
        Middleware(SecurityHeaders),
        Middleware(BodyLimit),
        Middleware(SameOrigin, prefix="/api/"),
        Middleware(VisitLimit, most=_MOST_VISITS),
        Middleware(VisitorCookie),
    ]
