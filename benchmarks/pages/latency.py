"""How long a visitor waits for answers to a drawing: `python -m benchmarks.pages.latency [--rounds 40]`.

A real browser draws on the Draw page of a real server. The page measures itself, to the frame in which something
stands: from each move of the pen to the first answer that knows of it, while the pen is down; from pen-up to the answer
that knows of the whole stroke (0 if it stands already); from pen-up to what the page adds itself, for which the canvas
waits 200 ms before it sends anything; and from the moves of a second stroke, drawn while the page still shows the
explanations of the first, both opened. Printed for an idle server and while a network is being trained on the same
machine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from benchmarks.pages.browser import measured_page, temporary_server
from benchmarks.report import print_heading, print_table
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import start_run
from tests.support.app_server import AppServer
from tests.support.chromium import chromium
from tests.support.drawn_digits import DRAWN_DIGITS

# Of median and 95th percentile, in milliseconds.
_GOALS_MS: Final = {
    ("idle", "moves"): (35, 70),
    ("idle", "answered"): (35, 35),
    ("idle", "detailed"): (300, 300),
    ("training", "moves"): (50, 120),
}
_TITLES: Final = {
    "moves": "pen moves to answer, pen down",
    "answered": "pen-up to answer",
    "detailed": "pen-up to the page's own part",
    "busy_moves": "pen moves to answer, explanations open",
}
_STEP_PX: Final = 5.0
# Each request takes the times of the moves that no request before it knew of. The panel is redrawn for each reply, in
# the order of the requests.
_OBSERVER: Final = """
window.pen = {moves: [], lifted: undefined, answered: undefined, detailed: undefined};
let isDown = false, unasked = [];
const asked = [];
document.addEventListener("mousedown", (event) => {
  if (!event.composedPath()[0].classList?.contains("upper-canvas")) return;
  isDown = true;
  unasked = [];
  asked.length = 0;
  Object.assign(window.pen, {lifted: undefined, answered: undefined, detailed: undefined});
}, true);
document.addEventListener("mousemove", (event) => isDown && unasked.push(event.timeStamp), true);
document.addEventListener("mouseup", (event) => {
  if (!isDown) return;
  isDown = false;
  window.pen.lifted = event.timeStamp;
  if (!unasked.length && !asked.length) window.pen.answered = event.timeStamp;
}, true);
const fetchAnything = window.fetch;
window.fetch = (...request) => {
  if (String(request[0]).includes("api/answer")) asked.push(unasked.splice(0));
  return fetchAnything(...request);
};
const redrawn = () => requestAnimationFrame(() => {
  const now = performance.now();
  window.pen.moves.push(...(asked.shift() ?? []).map((moved) => now - moved));
  if (!isDown && !unasked.length && !asked.length) window.pen.answered ??= now;
});
watch(() => {
  for (const host of document.querySelectorAll("[data-testid=stBidiComponentIsolated]")) {
    const panel = host.shadowRoot?.querySelector(".answers");
    if (panel && !panel.isWatched) {
      panel.isWatched = true;
      new MutationObserver(redrawn).observe(panel, {childList: true});
    }
  }
  if (window.pen.lifted && document.querySelectorAll(".st-key-keep_as button").length === 10) {
    requestAnimationFrame(() => { window.pen.detailed ??= performance.now(); });
  }
});
"""


def main() -> None:
    """Prints the waiting times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40, help="drawings for each figure")
    parser.add_argument("--beside", choices=["idle", "training"], nargs="+", default=["idle", "training"])
    options = parser.parse_args()
    print_heading("Waiting for answers to a drawing, milliseconds")
    with temporary_server() as server, chromium() as browser:
        page = measured_page(browser, _OBSERVER)
        for beside in options.beside:
            with _training(server) if beside == "training" else nullcontext():
                _open(page, server.url)
                rows = _rows(beside, _measure(page, options.rounds))
            print_table(("wait", "beside", "goals", "median", "p95", "longest", "count"), rows)


@contextmanager
def _training(server: AppServer) -> Iterator[None]:
    """Trains a network meanwhile."""
    os.environ["RUNS_FOLDER"] = str(server.runs)
    run = start_run(PRESETS["mnist_cnn"], TrainingConfig(epochs=50, batch_size=128), server.runs)
    while '"steps"' not in run.folder.joinpath("events.jsonl").read_text():
        time.sleep(0.5)
    yield
    run.stop()
    run.wait(120)


def _open(page: Page, url: str) -> None:
    page.goto(f"{url}/draw")
    page.locator("canvas.upper-canvas").wait_for(timeout=60_000)
    page.wait_for_timeout(1000)  # the canvas takes strokes only when it has been told its pen
    for digit in range(3):  # the first answers wait for the network to be loaded
        _draw(page, digit)
        _clear(page)


def _measure(page: Page, rounds: int) -> dict[str, list[float]]:
    """Returns the milliseconds of each kind of wait, by the keys of `_TITLES`."""
    times: dict[str, list[float]] = {name: [] for name in _TITLES}
    for number in range(rounds):
        pen = _draw(page, number % 10)
        times["moves"] += pen["moves"]
        times["answered"].append(pen["answered"] - pen["lifted"])
        times["detailed"].append(pen["detailed"] - pen["lifted"])
        _clear(page)
    _switch_explanations(page)
    for _ in range(max(1, rounds // 4)):
        _stroke(page, DRAWN_DIGITS[4][0])
        page.wait_for_timeout(200)
        times["busy_moves"] += _draw(page, 1)["moves"]
        _clear(page)
    _switch_explanations(page)
    return times


def _switch_explanations(page: Page) -> None:
    """Opens what explains an answer, or closes it; the page shows it below a drawing only."""
    _draw(page, 7)
    for title in ("What the network sees", "Replay the strokes"):
        page.get_by_text(title, exact=True).click()
        page.wait_for_timeout(1000)
    _clear(page)


def _draw(page: Page, digit: int) -> dict[str, Any]:
    """Draws one stroke, since the pause between two would be measured too, and returns what the page noted."""
    page.evaluate("window.pen.moves.length = 0")
    _stroke(page, DRAWN_DIGITS[digit][0])
    return _waited_for_pen(page)


def _stroke(page: Page, stroke: NDArray[np.float64]) -> None:
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    places = np.arange(0, lengths[-1], _STEP_PX)
    points = np.stack([np.interp(places, lengths, stroke[:, axis]) for axis in (0, 1)], axis=1)
    points = points * (box["width"] / 280) + (box["x"], box["y"])
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(x, y)
    page.mouse.up()


def _waited_for_pen(page: Page) -> dict[str, Any]:
    page.wait_for_function("() => window.pen.answered && window.pen.detailed", timeout=60_000)
    pen: dict[str, Any] = page.evaluate("window.pen")
    return pen


def _clear(page: Page) -> None:
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Draw a digit from 0 to 9").wait_for()
    page.wait_for_timeout(300)


def _rows(beside: str, times: dict[str, list[float]]) -> list[tuple[str, ...]]:
    rows = []
    for name, title in _TITLES.items():
        figures = [f"{value:.0f}" for value in np.percentile(times[name], [50, 95, 100])]
        goals = "{}, {}".format(*_GOALS_MS[beside, name]) if (beside, name) in _GOALS_MS else "-"
        rows.append((title, beside, goals, *figures, str(len(times[name]))))
    return rows


if __name__ == "__main__":
    main()
