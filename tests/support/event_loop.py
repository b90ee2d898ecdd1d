"""Coroutines for tests that are plain functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

Result = TypeVar("Result")


def run(function: Callable[..., Awaitable[Result]], *arguments: object) -> Result:
    """Awaits a coroutine function in an event loop of its own, in a thread of its own.

    `asyncio.run` would refuse in a process in which Playwright's browser is open: its loop runs in the main thread.
    """
    with start_blocking_portal() as portal:
        return portal.call(function, *arguments)
