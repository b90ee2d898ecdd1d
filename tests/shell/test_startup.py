"""What the server prepares before anybody comes, and what it spares its visitors."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT, AppServer
from tests.support.event_loop import run
from ui.shell import server, startup


def _has_loaded(process: psutil.Process, library: str) -> bool:
    return any(library in file.path for file in process.memory_maps())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not list a process's libraries")
def test_workers_and_the_first_answer_are_ready_before_anybody_comes_and_tensorflow_stays_out(tmp_path: Path) -> None:
    app = AppServer(tmp_path / "runs").start()
    try:
        end = time.monotonic() + 120
        # One of them trains, one computes.
        while sum(_has_loaded(child, "tensorflow") for child in app.web_process.children(recursive=True)) < 2:
            assert time.monotonic() < end, app.log
            time.sleep(0.2)
        assert _has_loaded(app.web_process, "onnxruntime")
        assert not _has_loaded(app.web_process, "tensorflow")
    finally:
        app.kill()  # all its processes end with it


def test_a_training_process_that_loads_tensorflow_ends_with_a_killed_server(tmp_path: Path) -> None:
    app = AppServer(tmp_path / "runs").start()
    try:
        while not app.workers():
            time.sleep(0.1)
        time.sleep(1.0)  # in the middle
    finally:
        app.kill()


def test_the_server_starts_without_what_only_figures_need() -> None:
    program = (
        "import sys, app; sys.exit(any(name in sys.modules for name in ('model_lib.figures', 'sklearn', 'scipy')))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


def test_streamlit_is_told_to_collect_no_garbage_after_a_run() -> None:
    # AppTest leaves the collection out in any case. Streamlit raises for an option that it does not have.
    assert config.get_option("runner.postScriptGC") is False


def _collections_within(seconds: float, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(startup, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(startup, "_COLLECT_SECONDS", 0.02)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: collected.append(1) or 0)
    is_ending = threading.Event()
    thread = threading.Thread(target=startup.collect_garbage_between_runs, args=(is_ending,))
    thread.start()
    is_ending.wait(seconds)
    is_ending.set()
    thread.join()
    return len(collected)


def test_garbage_is_collected_while_no_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _collections_within(2.0, monkeypatch) > 1


def test_no_garbage_is_collected_while_a_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []

    def page(count: object) -> None:
        count()  # type: ignore[operator]

    count = (lambda: found.append(_collections_within(0.5, monkeypatch)),)
    assert not AppTest.from_function(page, args=count, default_timeout=60).run().exception
    assert found == [0]


def test_garbage_is_collected_even_if_nothing_else_could_be_made_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise PermissionError("no folder")

    collects = threading.Event()
    monkeypatch.setattr(startup, "sweep_deleted_digits", fail)
    monkeypatch.setattr(startup, "collect_garbage_between_runs", lambda is_ending: collects.set())
    startup.start(threading.Event())
    assert collects.wait(10)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives no descriptor of a listening socket")
def test_connections_send_small_messages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "start", lambda is_ending: None)
    monkeypatch.setattr(server, "close_shared_cluster", lambda: None)
    monkeypatch.setattr(server, "close_shared_worker", lambda: None)

    def no_delay(listening: socket.socket) -> bool:
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                return bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def serve(listening: socket.socket) -> bool:
        async with server.lifespan(st.App("app.py")):
            return no_delay(listening)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert not no_delay(listening)
        assert run(serve, listening)
        assert listening.fileno() >= 0
