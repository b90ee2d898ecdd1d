"""How long a visitor waits for the answer to a drawing: `python -m benchmarks.pages.latency [--rounds 40]`.

A real browser draws on the Draw page of a real server. The page measures itself, from the moment the pen is lifted to
the frame in which the answer, and the bars below it, stand. Printed for an idle server and while a network is being
trained on the same machine. The canvas itself waits 200 ms before it sends anything.
"""

from __future__ import annotations

import argparse
import os
from typing import Final

import numpy as np
from playwright.sync_api import Page

from benchmarks.pages.browser import forget_moments, measured_page, moment_ms, temporary_server
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import start_run
from tests.support.chromium import chromium
from tests.support.drawn_digits import DRAWN_DIGITS

_GOALS_MS: Final = {"idle": (300, 400), "during a training": (500, None)}
# Notes when the pen is lifted, and the first frames with a new answer and with its bars.
_OBSERVER: Final = """
document.addEventListener("pointerup", (event) => {
  if (event.target.closest("button")) return;
  window.moments = {};
  note("lifted");
}, true);
watch(() => {
  if (!("lifted" in window.moments) || "drawn" in window.moments) return;
  const texts = [...document.querySelectorAll("[data-testid=stMarkdown]")].map((element) => element.textContent);
  if (!texts.some((text) => /% sure$/.test(text))) return;
  requestAnimationFrame(() => note("answered"));
  const bars = document.querySelectorAll(".js-plotly-plot .bars .point path").length;
  if (bars >= 10) requestAnimationFrame(() => note("drawn"));
});
"""


def main() -> None:
    """Prints the waiting times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40, help="drawings for each figure")
    rounds = parser.parse_args().rounds
    with temporary_server() as server, chromium() as browser:
        page = measured_page(browser, _OBSERVER)
        _open(page, server.url)
        _report("idle", _measure(page, rounds))
        os.environ["RUNS_FOLDER"] = str(server.runs)
        run = start_run(PRESETS["mnist_cnn"], TrainingConfig(epochs=50, batch_size=128), server.runs)
        while '"steps"' not in run.folder.joinpath("events.jsonl").read_text():
            page.wait_for_timeout(500)
        page.reload()
        _open(page, server.url)
        _report("during a training", _measure(page, rounds))
        run.stop()
        run.wait(120)


def _open(page: Page, url: str) -> None:
    # By the first page: the address of another one is not known to a server that nobody has visited yet.
    page.goto(url)
    page.get_by_role("link", name="Draw", exact=True).click()
    page.locator("canvas.upper-canvas").wait_for(timeout=60_000)
    _measure(page, 3)  # the first answers wait for the network to be loaded


def _measure(page: Page, rounds: int) -> tuple[list[float], list[float]]:
    """Returns the milliseconds until the answer stood, and until the bars did."""
    answered, drawn = [], []
    for number in range(rounds):
        _draw(page, number % 10)
        drawn.append(moment_ms(page, "drawn", since="lifted"))
        answered.append(moment_ms(page, "answered", since="lifted"))
        forget_moments(page)
        page.wait_for_timeout(300)
        page.get_by_role("button", name="Clear").click()
        page.get_by_text("Draw a digit from 0 to 9").wait_for()
        page.wait_for_timeout(300)
    return answered, drawn


def _draw(page: Page, digit: int) -> None:
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    # One stroke: the pause between two would be measured too.
    first = DRAWN_DIGITS[digit][0] * (box["width"] / 280) + (box["x"], box["y"])
    page.mouse.move(*first[0])
    page.mouse.down()
    for x, y in first[1:]:
        page.mouse.move(x, y)
    page.mouse.up()


def _report(title: str, times: tuple[list[float], list[float]]) -> None:
    median_goal, late_goal = _GOALS_MS[title]
    for what, milliseconds in zip(("answer", "bars"), times, strict=True):
        median, late = np.percentile(milliseconds, [50, 95])
        goal = f"goal: median {median_goal}" + (f", 95th percentile {late_goal}" if late_goal else "")
        print(
            f"{title}, {what}: median {median:.0f} ms, 95th percentile {late:.0f} ms, "
            f"longest {max(milliseconds):.0f} ms ({len(milliseconds)} drawings; {goal})",
            flush=True,
        )


if __name__ == "__main__":
    main()
