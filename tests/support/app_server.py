"""A server of the app for tests, with a folder for its runs, that can be killed as a crash would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

PROJECT = Path(__file__).parent.parent.parent
_START_SECONDS = 90
_END_SECONDS = 15


class AppServer:
    """`streamlit run app.py` on a free port.

    Args:
        runs: the folder for the runs; the log stands beside it.
        script: another app, started in its own folder.
    """

    def __init__(self, runs: Path, script: Path = PROJECT / "app.py") -> None:
        self.runs = runs
        self._script = script
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> AppServer:
        """Starts the server and waits until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        options = {"port": port, "address": "127.0.0.1", "headless": "true"}
        command = [sys.executable, "-m", "streamlit", "run", str(self._script)]
        command += [f"--server.{name}={value}" for name, value in options.items()]
        environment = os.environ | {"RUNS_FOLDER": str(self.runs), "DIGITS_FOLDER": str(self.runs.parent / "digits")}
        with (self.runs.parent / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self._script.parent, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        give_up = time.monotonic() + _START_SECONDS
        while time.monotonic() < give_up and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError(f"The server did not answer: {(self.runs.parent / 'server.log').read_text()[-2000:]}")

    @property
    def web_process(self) -> psutil.Process:
        """The process that serves the pages."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def log(self) -> str:
        """What the server and its workers have written to the terminal."""
        return (self.runs.parent / "server.log").read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[psutil.Process]:
        """Returns the processes that train."""
        children = self.web_process.children(recursive=True)
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]

    def compute_worker(self) -> psutil.Process:
        """Returns the process that computes what pages ask for."""
        (worker,) = (
            child for child in self.web_process.children() if "model_lib.compute.process" in " ".join(child.cmdline())
        )
        return worker

    def kill(self) -> None:
        """Ends the server as a crash would.

        Raises:
            AssertionError: if processes that it had started go on without it.
        """
        left = self._end(signal.SIGKILL)
        assert not left, left

    def stop(self) -> None:
        """Ends the server as Ctrl+C would."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> list[psutil.Process]:
        """Ends the server, and returns those of its processes that did not end with it and have been killed."""
        assert self._process is not None
        family = psutil.Process(self._process.pid).children(recursive=True)
        if how == signal.SIGINT:  # a terminal sends it to all processes
            os.killpg(self._process.pid, how)
        else:
            self._process.send_signal(how)
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        _, alive = psutil.wait_procs(family, _END_SECONDS)
        for process in alive:
            process.kill()
        return alive
