"""The server around the pages: what it checks before it begins, whom it knows, and how it ends."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import streamlit as st
from starlette.middleware import Middleware

from model_lib.engine.threads import quiet_tensorflow
from model_lib.training.cluster import ClusterError, close_shared_cluster, cluster_settings
from ui.shared.streamlit_workarounds import ignore_pages_folder
from ui.shared.visitor import VisitorCookie


def check_environment() -> None:
    """Makes sure that trainings can be started with the environment's settings, before any visitor comes.

    Raises:
        SystemExit: if not; it says what was expected.
    """
    try:
        cluster_settings()
    except ClusterError as error:
        raise SystemExit(str(error)) from error
    quiet_tensorflow()


@contextlib.asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Begins and ends what belongs to the server: its pages, and the training processes."""
    ignore_pages_folder()
    yield
    close_shared_cluster()


def middleware() -> list[Middleware]:
    """Returns what every request goes through."""
    return [Middleware(VisitorCookie)]
