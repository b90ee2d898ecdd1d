"""A class on one server: python -m benchmarks.pages.classroom --visitors 30 --seconds 60 --training

Each visitor is a real visit over Streamlit's websocket, with the fragments that a browser would run again, and pauses
of three seconds on average. What is timed is from the request for a page run to the message that it has finished.
Another checkout can be named with --app, to compare two versions in alternation.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

import numpy as np
import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.report import print_heading, print_table
from tests.support.app_server import PROJECT, AppServer

# What each kind of visitor opens, one after the other, by the pages' addresses; the first is the default page.
_KINDS: Final = {
    "Train": ("",),
    "Draw": ("draw", "my_digits"),
    "Look inside": ("look_inside", "see_filters", "explain_answer"),
    "Mistakes": ("review_mistakes",),
}
_PAUSE_SECONDS: Final = 3.0
_LONGEST_RUN_SECONDS: Final = 60.0
_WORKER_NICENESS: Final = 10
_REST_CORES: Final = 0.1
_LONGEST_START_SECONDS: Final = 60.0
_FINISHED: Final = frozenset(
    {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_EARLY_FOR_RERUN, ForwardMsg.FINISHED_WITH_COMPILE_ERROR}
)


class Visit:
    """One visitor's connection.

    Args:
        url: of the server, http.
        pages: which ones the visitor opens, by their addresses.
        query: of the address, e.g. "run=..." for the network that the visitor has chosen.
        seed: for the pauses and the order of pages.
        pause_seconds: mean time between the end of a page run and the next request.
    """

    def __init__(
        self, url: str, pages: Sequence[str], query: str = "", seed: int = 0, pause_seconds: float = _PAUSE_SECONDS
    ) -> None:
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._origin = url
        self._pages, self._query, self._pause_seconds = pages, query, pause_seconds
        self._rng = random.Random(seed)
        self._cached: set[str] = set()
        self._fragments: dict[str, asyncio.Task[None]] = {}
        self._hashes: dict[str, str] = {}
        self._address: dict[str, str] = {}
        self._has_finished = asyncio.Event()
        self.seconds: list[float] = []
        self.errors: list[str] = []

    async def stay(self, end: float) -> None:
        """Opens pages until `end`, in seconds of the monotonic clock."""
        headers = {"Cookie": f"visitor={secrets.token_urlsafe(32)}"}
        try:
            async with websockets.connect(
                self._url,
                origin=websockets.Origin(self._origin),
                subprotocols=[websockets.Subprotocol("streamlit")],
                additional_headers=headers,
                max_size=None,
            ) as connection:
                reader = asyncio.create_task(self._read(connection))
                try:
                    await self.visit_pages(connection, end)
                    if reader.done():
                        reader.result()  # a mistake of this program is not to pass for a slow server
                finally:
                    reader.cancel()
                    self._forget_fragments()
        except (OSError, websockets.WebSocketException) as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    async def visit_pages(self, connection: websockets.ClientConnection, end: float) -> None:
        """Opens pages until `end`, as `stay` does, over an open connection."""
        while time.monotonic() < end:
            page = self._rng.choice(self._pages)
            start = time.monotonic()
            await self.request_page(connection, page, self._query)
            try:
                await asyncio.wait_for(self._has_finished.wait(), _LONGEST_RUN_SECONDS)
            except TimeoutError:
                self.errors.append(f"/{page} has not finished after {_LONGEST_RUN_SECONDS:g} s")
            else:
                self.seconds.append(time.monotonic() - start)
            if self._pause_seconds:
                await asyncio.sleep(self._rng.expovariate(1 / self._pause_seconds))

    async def request_page(self, connection: websockets.ClientConnection, page: str, query: str) -> None:
        """Asks for a run of a page."""
        self._has_finished.clear()
        self._forget_fragments()
        # As a browser does: by its name where the address bar names it, by its hash where it is chosen in the sidebar.
        named = {"page_script_hash": self._hashes[page]} if page in self._hashes else {"page_name": page}
        self._address = {"query_string": query}
        await connection.send(self._request(**named, **self._address))

    def _request(self, **state: str | bool) -> bytes:
        message = BackMsg()
        for name, value in state.items():
            setattr(message.rerun_script, name, value)
        message.rerun_script.cached_message_hashes.extend(self._cached)
        return message.SerializeToString()

    async def _read(self, connection: websockets.ClientConnection) -> None:
        async for data in connection:
            assert isinstance(data, bytes)  # Streamlit sends no text
            message = ForwardMsg.FromString(data)
            if message.metadata.cacheable:
                self._cached.add(message.hash)
            match message.WhichOneof("type"):
                case "navigation":
                    # Without it a part of the page that asks for the whole page would get the first page.
                    self._address["page_script_hash"] = message.navigation.page_script_hash
                    self._hashes = {
                        "" if page.is_default else page.url_pathname: page.page_script_hash
                        for page in message.navigation.app_pages
                    }
                case "script_finished" if message.script_finished in _FINISHED:
                    self._has_finished.set()
                case "auto_rerun":
                    fragment = message.auto_rerun.fragment_id
                    self._fragments[fragment] = asyncio.create_task(
                        self._repeat(connection, fragment, message.auto_rerun.interval)
                    )
                case "delta" if message.delta.new_element.WhichOneof("type") == "exception":
                    self.errors.append(message.delta.new_element.exception.message)
                case _:
                    self.look_at(message)

    def look_at(self, message: ForwardMsg) -> None:
        """Is called with whatever else the server sends."""

    def _forget_fragments(self) -> None:
        """Stops the repetitions: the next run of a page begins its own."""
        for task in self._fragments.values():
            task.cancel()
        self._fragments.clear()

    async def _repeat(self, connection: websockets.ClientConnection, fragment: str, interval: float) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                await connection.send(self._request(fragment_id=fragment, is_auto_rerun=True, **self._address))


async def visit_all(url: str, visitors: int, seconds: float, query: str = "") -> list[Visit]:
    """Lets visitors of all kinds come within three seconds, and returns what they met with.

    Args:
        url: of the server.
        visitors: how many.
        seconds: how long they stay.
        query: of their addresses.
    """
    kinds = list(_KINDS.values())
    visits = [Visit(url, kinds[place % len(kinds)], query, seed=place) for place in range(visitors)]
    end = time.monotonic() + seconds

    async def come(visit: Visit, delay: float) -> None:
        await asyncio.sleep(delay)
        await visit.stay(end)

    await asyncio.gather(*(come(visit, _PAUSE_SECONDS * place / visitors) for place, visit in enumerate(visits)))
    return visits


def wait_until_at_rest(server: AppServer) -> None:
    """Waits until the worker processes have loaded TensorFlow, which takes all cores for some seconds."""
    time.sleep(_PAUSE_SECONDS)
    give_up = time.monotonic() + _LONGEST_START_SECONDS
    while _cores_of(server) > _REST_CORES and time.monotonic() < give_up:
        pass


def _cores_of(server: AppServer) -> float:
    """Returns how many cores the server and its worker processes keep busy, over two seconds."""
    processes = [server.web_process, *server.web_process.children(recursive=True)]
    before = sum(sum(process.cpu_times()[:2]) for process in processes)
    time.sleep(2.0)
    return (sum(sum(process.cpu_times()[:2]) for process in processes) - before) / 2.0


@contextmanager
def _training(app: Path, runs: Path) -> Iterator[str]:
    """Trains one network beside the visitors with the app's own engine, at the priority of a worker; gives its id."""
    command = [sys.executable, "-m", "model_lib.train", "--preset", "cnn_5x5", "--epochs", "50", "--runs", str(runs)]
    process = psutil.Popen(command, cwd=app, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.nice(_WORKER_NICENESS)
    try:
        while not (logs := [file for file in runs.glob("*/events.jsonl") if '"steps"' in file.read_text()]):
            time.sleep(0.2)
        yield logs[0].parent.name
    finally:
        process.kill()
        process.wait()


def _measure(app: Path, visitors: int, seconds: float, is_training: bool) -> list[str]:
    """Returns a row of the table for one version of the app."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        runs.mkdir()
        server = AppServer(runs, app / "app.py").start()
        try:
            asyncio.run(visit_all(server.url, len(_KINDS), 1.0))  # the first visits load what all others share
            wait_until_at_rest(server)
            with _training(app, runs) if is_training else nullcontext("") as run:
                process = server.web_process
                before, start = sum(process.cpu_times()[:2]), time.monotonic()
                own = time.process_time()
                visits = asyncio.run(visit_all(server.url, visitors, seconds, f"run={run}" if run else ""))
                spent = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - start)
                own_spent = (time.process_time() - own) / (time.monotonic() - start)
                megabytes = process.memory_info().rss / 1e6
                errors = [error for visit in visits for error in visit.errors]
        finally:
            server.stop()
    for error in errors[:5]:
        print(error)
    times = np.array([each for visit in visits for each in visit.seconds]) * 1000
    middle, late, latest = np.percentile(times, [50, 95, 100])
    figures = [f"{value:,.0f}" for value in (len(times), middle, late, latest, megabytes)]
    lates = [
        f"{np.percentile([1000 * each for visit in visits[place :: len(_KINDS)] for each in visit.seconds], 95):,.0f}"
        for place in range(len(_KINDS))
    ]
    return [*figures, *lates, f"{spent:.2f}", f"{own_spent:.2f}", str(len(errors))]


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, nargs="+", default=[30])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--training", action="store_true", help="train one network meanwhile")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--app", type=Path, action="append", help="folder of a version; default: this one")
    options = parser.parse_args()
    print_heading("Page runs of a class, milliseconds from the request to their end")
    rows = []
    for visitors in options.visitors:
        for _ in range(options.rounds):
            for app in options.app or [PROJECT]:
                row = _measure(app.resolve(), visitors, options.seconds, options.training)
                rows.append([app.resolve().name, str(visitors), *row])
    print_table(
        [
            "version",
            "visitors",
            "page runs",
            "median",
            "p95",
            "longest",
            "web MB",
            *(f"p95 {kind}" for kind in _KINDS),
            "web cores",
            "client cores",
            "errors",
        ],
        rows,
    )


if __name__ == "__main__":
    main()
