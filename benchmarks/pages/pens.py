"""Many pens at once: `python -m benchmarks.pages.pens --pens 30 --seconds 20`.

Each pen draws the ten digits over and over and asks `POST /api/answer` as a browser does while the pen is down: five
times a second, one question at a time, on a connection of its own, each question about a few points more. What is timed
is from the moment at which a question is due to its whole reply. Needs no browser.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from benchmarks.pages.browser import temporary_server
from benchmarks.report import print_heading, print_table
from tests.support.drawn_digits import DRAWN_DIGITS

_QUESTIONS_A_SECOND: Final = 5
_QUESTIONS_A_DIGIT: Final = 8
_REQUEST: Final = (
    "POST /api/answer HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)


def _bodies(rng: random.Random) -> Iterator[bytes]:
    """Yields the questions about digits that grow, without an end."""
    while True:
        strokes = DRAWN_DIGITS[rng.randrange(10)]
        for part in range(1, _QUESTIONS_A_DIGIT + 1):
            shown = max(1, sum(map(len, strokes)) * part // _QUESTIONS_A_DIGIT)
            pointer = []
            for stroke in strokes:
                if shown > 0:
                    pointer.append(stroke[:shown].round().ravel().tolist())
                    shown -= len(stroke)
            question = {"networks": ["pretrained"], "reads_number": False, "pen_width_px": 18, "strokes": []}
            yield json.dumps(question | {"pointer": pointer}).encode()


async def _draw(url: str, seed: int, end: float) -> tuple[list[float], int]:
    """Returns the seconds of each question until `end` of the monotonic clock, and how many were not answered."""
    rng = random.Random(seed)
    host = urlsplit(url)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    times, errors = [], 0
    due = time.monotonic() + rng.random() / _QUESTIONS_A_SECOND
    for body in _bodies(rng):
        if due > end:
            break
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        writer.write(_REQUEST.format(host=host.netloc, length=len(body)).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
        errors += not head.startswith("http/1.1 200")
        times.append(time.monotonic() - due)
        # Newest wins: a question that would have been due meanwhile is left out.
        due = max(due + 1 / _QUESTIONS_A_SECOND, time.monotonic())
    writer.close()
    return times, errors


async def _draw_all(url: str, pens: int, seconds: float) -> tuple[list[float], int]:
    end = time.monotonic() + seconds
    results = await asyncio.gather(*(_draw(url, seed, end) for seed in range(pens)))
    return [each for times, _ in results for each in times], sum(errors for _, errors in results)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pens", type=int, nargs="+", default=[1, 10, 30])
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args(arguments)
    print_heading(
        f"Pens that ask {_QUESTIONS_A_SECOND} times a second each, milliseconds to the reply; goal for 30: 40, 100"
    )
    rows = []
    with temporary_server() as server:
        asyncio.run(_draw_all(server.url, 1, 3.0))  # the first answers wait for the network to be loaded
        for pens in options.pens:
            process = server.web_process
            spent = sum(process.cpu_times()[:2])
            times, errors = asyncio.run(_draw_all(server.url, pens, options.seconds))
            spent = sum(process.cpu_times()[:2]) - spent
            figures = [f"{value * 1000:.0f}" for value in np.percentile(times, [50, 95, 100])]
            rate, cost = len(times) / options.seconds, spent / len(times) * 1000
            rows.append([str(pens), *figures, f"{rate:.0f}", f"{cost:.1f}", str(errors)])
    print_table(["pens", "median", "p95", "longest", "answers a second", "web ms of processor each", "errors"], rows)


if __name__ == "__main__":
    main()
