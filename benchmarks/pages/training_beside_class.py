"""What a training loses to a class on the same machine: python -m benchmarks.pages.training_beside_class --rounds 3

While the server trains the "champion" network, the visitors of `benchmarks.pages.classroom` come to it in some turns;
in the other turns the same program talks to a server that answers at once and does nothing, so that what the
visitors' own program costs is in both. The network is not the one that they look at.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import numpy as np
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.pages.browser import WAIT_MS, temporary_server
from benchmarks.pages.classroom import visit_all, wait_until_at_rest
from benchmarks.report import print_heading, print_table
from model_lib.runs import list_runs
from model_lib.storage.history import History
from tests.support.app_server import AppServer
from tests.support.chromium import chromium, new_page
from tests.support.train_form import choose, settle, start_button

_GOAL = 0.85
_SETTLED_SECONDS = 15.0


@contextmanager
def _idle_server() -> Iterator[str]:
    """Starts a server that says of every page run at once that it has finished; gives its address."""
    address, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_serve, args=(sender,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{address.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(sender: Connection) -> None:
    """Runs in a process of its own; sends the port."""
    asyncio.run(_answer(sender))


async def _answer(sender: Connection) -> None:
    finished = ForwardMsg()
    finished.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    reply = finished.SerializeToString()

    async def serve(connection: websockets.ServerConnection) -> None:
        async for data in connection:
            assert isinstance(data, bytes)
            if BackMsg.FromString(data).HasField("rerun_script"):
                await connection.send(reply)

    async with websockets.serve(serve, "127.0.0.1", 0, subprotocols=[websockets.Subprotocol("streamlit")]) as server:
        sender.send(next(iter(server.sockets)).getsockname()[1])
        await server.serve_forever()


def _start_training(server: AppServer) -> History:
    """Starts the training as a visitor does, and leaves it alone with the machine."""
    with chromium() as browser:
        page = new_page(browser)
        page.goto(server.url)
        choose(page, "Network", re.compile(r"\(champion\)"))
        settle(page)
        start_button(page).click()
        page.locator(".js-line").first.wait_for(state="attached", timeout=WAIT_MS)
    time.sleep(_SETTLED_SECONDS)
    return History(list_runs(server.runs)[0].folder)


def _turn(url: str, visitors: int, seconds: float, history: History) -> tuple[float, float]:
    """Returns the images trained on a second, and the cores that the visitors' program kept busy, over one turn."""
    before, start, used = history.update().steps_done, time.monotonic(), time.process_time()
    visits = asyncio.run(visit_all(url, visitors, seconds))
    steps, spent = history.update().steps_done - before, time.monotonic() - start
    for error in [error for visit in visits for error in visit.errors][:3]:
        print(error)
    assert history.started is not None
    images = steps * history.started.images / history.steps_per_epoch
    return images / spent, (time.process_time() - used) / spent


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each kind")
    options = parser.parse_args()
    print_heading(f"A training beside {options.visitors} visitors, medians of {options.rounds} turns; goal {_GOAL:.2f}")
    with _idle_server() as idle, temporary_server() as server:
        asyncio.run(visit_all(server.url, 4, 1.0))  # the first visits load what all others share
        wait_until_at_rest(server)
        history = _start_training(server)
        turns = np.array(
            [
                [_turn(url, options.visitors, options.seconds, history) for url in (idle, server.url)]
                for _ in range(options.rounds)
            ]
        )
    (alone, idle_client), (beside, client) = np.median(turns, axis=0).tolist()
    ratio = float(np.median(turns[:, 1, 0] / turns[:, 0, 0]))
    print_table(
        ["beside an idle server's visitors, images/s", "beside ours", "ratio", "client cores, idle server", "ours"],
        [[f"{alone:,.0f}", f"{beside:,.0f}", f"{ratio:.2f}", f"{idle_client:.2f}", f"{client:.2f}"]],
    )


if __name__ == "__main__":
    main()
