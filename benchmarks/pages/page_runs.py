"""What one run of a page costs the web process: python -m benchmarks.pages.page_runs

One visitor asks for the same page again and again without a pause. The processor time of the web process, all its
threads together, is divided by the number of page runs. Another checkout can be named with --app, to compare two
versions in alternation.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.pages.classroom import Visit, wait_until_at_rest
from benchmarks.report import print_heading, print_table
from tests.support.app_server import PROJECT, AppServer

# By the pages' addresses.
_PAGES: Final = {"Train": "", "Draw": "draw", "Look inside": "look_inside", "Mistakes": "review_mistakes"}
_WARM_SECONDS: Final = 3.0


def _measure(server: AppServer, page: str, query: str, seconds: float) -> tuple[float, float]:
    """Returns the processor time and the time from request to end of a page run, in milliseconds."""
    process = server.web_process
    asyncio.run(Visit(server.url, [page], query, pause_seconds=0.0).stay(time.monotonic() + _WARM_SECONDS))
    before = sum(process.cpu_times()[:2])
    visit = Visit(server.url, [page], query, pause_seconds=0.0)
    asyncio.run(visit.stay(time.monotonic() + seconds))
    for error in visit.errors[:3]:
        print(error)
    spent = sum(process.cpu_times()[:2]) - before
    return 1000 * spent / len(visit.seconds), 1000 * float(np.median(visit.seconds))


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--query", default="", help="of the address, such as layer=conv2d_1&pixel=3-4")
    parser.add_argument("--app", type=Path, action="append", help="folder of a version; default: this one")
    options = parser.parse_args()
    print_heading(f"A page run, milliseconds; medians of {options.rounds} rounds")
    apps = [app.resolve() for app in options.app or [PROJECT]]
    found: dict[tuple[str, Path], list[tuple[float, float]]] = {}
    for _ in range(options.rounds):
        for app in apps:
            with tempfile.TemporaryDirectory() as folder:
                runs = Path(folder) / "runs"
                runs.mkdir()
                server = AppServer(runs, app / "app.py").start()
                try:
                    wait_until_at_rest(server)
                    for name, page in _PAGES.items():
                        cost = _measure(server, page, options.query, options.seconds)
                        found.setdefault((name, app), []).append(cost)
                finally:
                    server.stop()
    rows = []
    for (name, app), costs in found.items():
        processor, waited = np.median(costs, axis=0)
        rows.append([name, app.name, f"{processor:.0f}", f"{waited:.0f}"])
    print_table(["page", "version", "processor time", "request to end"], rows)


if __name__ == "__main__":
    main()
