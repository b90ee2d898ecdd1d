"""Twelve visitors at once on a busy machine: whether a curve, a kept digit or the server's log suffers.

python -m benchmarks.pages.visitors --minutes 5 --busy 2

Six watch one training of 100,000 steps, two draw digits and keep them, four look inside different networks, each in a
browser context of its own; other processes keep the cores busy. At the end every curve is compared with the run's file.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.sync_api import Browser, Page, expect

from benchmarks.report import print_heading, print_table
from model_lib.runs import list_runs
from model_lib.storage.run import Run
from tests.support.app_server import AppServer
from tests.support.canvas import INVITATION, canvas_of, draw
from tests.support.chromium import chromium, new_page
from tests.support.sample_networks import ALL_KINDS, AVERAGED, DENSE, MANY_FILTERS, finished_run
from tests.support.train_form import choose, enter, open_fold, start_button

_WATCHERS: Final = 6
_INSIDE: Final = ("look_inside", "see_filters", "explain_answer", "find_favourites")
_NETWORKS: Final = (ALL_KINDS, AVERAGED, DENSE, MANY_FILTERS)
# 60,000 images in batches of 30, fifty times.
_LONG: Final = {"Batch size": "30", "Epochs": "50"}
_PATIENCE_MS: Final = 120_000
_CURVE: Final = """index => {
    const chart = document.querySelectorAll('.js-plotly-plot')[index];
    const of = values => Array.from(values?._inputArray ?? values ?? []);
    return chart ? {x: of(chart._fullData[0].x), y: of(chart._fullData[0].y)} : null;
}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program.

    Returns:
        0 if nothing was lost, 1 otherwise.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--busy", type=int, default=2, help="processes that compute all the time")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="visitors-"))
    busy = [multiprocessing.Process(target=compute_for_ever, daemon=True) for _ in range(options.busy)]
    for process in busy:
        process.start()
    server = AppServer(folder / "runs").start()
    try:
        with chromium() as browser:
            faults = _visit(browser, server, options.minutes * 60)
    finally:
        server.stop()
        for process in busy:
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if faults else 0


def _visit(browser: Browser, server: AppServer, seconds: float) -> int:
    inside = [finished_run(spec, server.runs) for spec in _NETWORKS]
    first = _page(browser, server.url)
    choose(first, "Network", "Dense network (mlp)")
    open_fold(first, "More settings")
    for label, value in _LONG.items():
        enter(first, label, value)
    start_button(first).click()
    expect(first.locator(".js-line").first).to_be_attached(timeout=_PATIENCE_MS)
    (run,) = [run for run in list_runs(server.runs) if run not in inside]
    watchers = [first, *(_page(browser, f"{server.url}/?run={run.id}") for _ in range(_WATCHERS - 1))]
    drawers = [_page(browser, f"{server.url}/draw") for _ in range(2)]
    lookers = [_page(browser, f"{server.url}/{page}?run={each.id}") for page, each in zip(_INSIDE, inside, strict=True)]
    kept = [0, 0]
    end, turn = time.monotonic() + seconds, random.Random(1)
    while time.monotonic() < end:
        for number, page in enumerate(drawers):
            kept[number] += _draw_and_keep(page, turn)
        for place, page in enumerate(lookers):
            page.goto(f"{server.url}/{_INSIDE[place]}?run={inside[place].id}&image=test-{turn.randrange(10_000)}")
        turn.choice(watchers).reload()
    if run.state == "running":
        run.stop()
    run.wait(300)
    return _report(server, run, watchers, [*drawers, *lookers], kept)


def _page(browser: Browser, url: str) -> Page:
    page = new_page(browser)
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(url)
    page.wait_for_selector("h1")
    return page


def _draw_and_keep(page: Page, turn: random.Random) -> int:
    """Draws a digit and clicks its label once. Returns how many digits the visitor has kept by that."""
    expect(page.get_by_text(INVITATION)).to_be_visible(timeout=_PATIENCE_MS)
    expect(canvas_of(page)).to_have_count(1, timeout=_PATIENCE_MS)
    page.wait_for_timeout(1500)
    digit = turn.randrange(10)
    draw(page, digit, turn.uniform(0.05, 0.35), turn.uniform(0.05, 0.35), turn.uniform(0.4, 0.6))  # none twice
    label = page.locator("[class*=st-key-keep_as]").get_by_text(str(digit), exact=True)
    label.click(timeout=_PATIENCE_MS)
    expect(page.get_by_text(INVITATION)).to_be_visible(timeout=_PATIENCE_MS)
    return 1


def _report(server: AppServer, run: Run, watchers: list[Page], others: list[Page], kept: list[int]) -> int:
    events = [json.loads(line) for line in (run.folder / "events.jsonl").read_text().splitlines()]
    truth = {
        measure: np.concatenate([event[measure] for event in events if event["kind"] == "steps"])
        for measure in ("loss", "accuracy")
    }
    steps_per_epoch = next(event["steps_per_epoch"] for event in events if event["kind"] == "started")
    faults, rows = 0, []
    for number, page in enumerate(watchers, 1):
        expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=_PATIENCE_MS)
        differences = [
            _difference(page.evaluate(_CURVE, place), truth[measure], steps_per_epoch)
            for place, measure in enumerate(truth)
        ]
        is_right = max(differences) < 1e-6
        faults += not is_right
        rows.append([f"curves of watcher {number}", f"{max(differences):.1e}", "as the file" if is_right else "WRONG"])
    files = sum(1 for _ in (server.runs.parent / "digits").rglob("*.npz"))
    faults += files != sum(kept)
    rows.append(["digits kept by clicks, in files", f"{sum(kept)}, {files}", "" if files == sum(kept) else "WRONG"])
    shown = sum(page.get_by_test_id("stException").count() for page in [*watchers, *others])
    rows.append(["errors in pages", str(shown), "" if not shown else "WRONG"])
    wrong = [line for line in server.log.splitlines() if "Traceback" in line or "ERROR" in line or "Error:" in line]
    rows.append(["errors in the log", str(len(wrong)), "" if not wrong else "WRONG"])
    print_heading(f"Twelve visitors, {len(truth['loss']):,} steps, state {run.state}")
    print_table(["what", "measured", "verdict"], rows)
    print("\n".join(server.log.splitlines()[-60:]) if wrong else "", file=sys.stderr)
    return faults + shown + len(wrong)


def _difference(curve: Any, values: np.ndarray, steps_per_epoch: int) -> float:
    """Returns the largest difference between a drawn curve, whose points are means, and all steps of the file."""
    if not curve or not curve["x"]:
        return float("inf")
    ends = np.rint(np.array(curve["x"]) * steps_per_epoch).astype(int)
    if ends[-1] != len(values):
        return float(abs(ends[-1] - len(values)))
    starts = np.concatenate([[0], ends[:-1]])
    means = [values[start:end].mean() for start, end in zip(starts, ends, strict=True)]
    return float(np.abs(np.array(curve["y"]) - means).max())


def compute_for_ever() -> None:
    """Keeps one core busy, as another program would."""
    while True:
        sum(number * number for number in range(100_000))


if __name__ == "__main__":
    sys.exit(main())
