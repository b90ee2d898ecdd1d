"""How long the page Review mistakes takes: to its first picture, and from a click on a cell to the images.

python -m benchmarks.pages.mistakes --rounds 5

Needs Playwright and a Chromium. The run is one whose answers are those of the bundled network.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from playwright.sync_api import Browser, Page

from benchmarks.pages.browser import (
    forget_moments,
    measured_page,
    moment_ms,
    temporary_server,
    timing_row,
    wait_for,
)
from benchmarks.report import print_heading, print_table
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.confusion import confusion_counts
from model_lib.evaluation.evaluation import Evaluation, load_evaluation
from model_lib.evaluation.image_filter import ImageFilter, filter_images, on_page
from model_lib.figures.confusion import confusion_matrix
from model_lib.figures.image_grid import captions_of, image_grid_figure, render_image_grid
from model_lib.interpretability.nearest_neighbors import NeighborIndex
from model_lib.predictions import PRETRAINED_FOLDER
from model_lib.storage.run import Run
from tests.support.chromium import chromium
from tests.support.fake_evaluations import finished_run

_Measured = TypeVar("_Measured")
# After its first page a server loads Keras and starts its workers.
_WARM_UP_MS = 30_000
_BARE_PAGE = """
import plotly.graph_objects as go
import streamlit as st

st.plotly_chart(go.Figure(go.Scatter(x=[1, 2], y=[1, 2], mode="markers")))
"""
# Notes when the matrix and the sheet of images stood there, and the click; after a click on a cell, when the sheet had
# the number of images that was waited for.
_OBSERVER = """
window.awaited = null;
const points = (place) => {
  const chart = document.querySelectorAll("[data-testid=stPlotlyChart]")[place];
  return chart ? chart.querySelectorAll(".scatterlayer .point").length : 0;
};
watch(() => {
  if (points(0)) note("chart");
  if (points(0) && document.querySelector("h1")?.innerText === "Review mistakes") note("matrix");
  if (points(1)) note("sheet");
  if (window.awaited !== null && "click" in window.moments) {
    const title = [...document.querySelectorAll("h3")].some((each) => each.innerText === window.awaited.title);
    if (title && points(1) === window.awaited.images) note("shown");
  }
});
document.addEventListener("mousedown", () => note("click"), true);
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    rounds = parser.parse_args(arguments).rounds
    evaluation = load_evaluation(PRETRAINED_FOLDER)
    print_heading(f"The Mistakes page, milliseconds, medians of {rounds}")
    with chromium() as browser:
        cold = [_on_server(lambda url, run: _first_picture(browser, url, run), evaluation) for _ in range(rounds)]
        opened, warm, clicks = _on_server(
            lambda url, run: _visits_and_clicks(browser, url, run, evaluation, rounds), evaluation
        )
        bare = _bare_page(browser, rounds)
    print_table(
        ("wait in the browser", "goal", "median", "slowest"),
        [
            timing_row("first picture, opened from another page of the app", "1,000", opened),
            timing_row("first picture, by a link into a new browser", "", warm),
            timing_row("the same with a Streamlit page that has one chart and nothing else", "", bare),
            timing_row("first picture, by a link into a new browser, server just started", "", cold),
            timing_row("from the click on a cell to its images", "500", clicks),
        ],
    )
    print_table(("work behind it", "median", "slowest"), [_work(*each, rounds) for each in _works(evaluation)])


def _on_server(measure: Callable[[str, Run], _Measured], evaluation: Evaluation) -> _Measured:
    """Measures on a server that has just been started and knows one finished run."""
    with temporary_server() as server:
        return measure(server.url, finished_run(server.runs, evaluation))


def _visit(browser: Browser, url: str, run: Run) -> Page:
    page = measured_page(browser, _OBSERVER)
    page.goto(f"{url}/review_mistakes?run={run.id}")
    wait_for(page, "matrix", "sheet")
    return page


def _first_picture(browser: Browser, url: str, run: Run) -> float:
    page = _visit(browser, url, run)
    time_ms = moment_ms(page, "matrix")
    page.context.close()
    return time_ms


def _visits_and_clicks(
    browser: Browser, url: str, run: Run, evaluation: Evaluation, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Returns the times from the menu to the matrix, of visits by a link, and of clicks on cells but the first."""
    page = _visit(browser, url, run)
    page.wait_for_timeout(_WARM_UP_MS)
    opened = [_open_from_the_menu(page) for _ in range(rounds)]
    visits = [_first_picture(browser, url, run) for _ in range(rounds)]
    counts = confusion_counts(evaluation)
    cells = np.argwhere(counts).tolist()
    mistakes = [cell for cell in cells if cell[0] != cell[1]]
    clicks = [_click(page, cells.index(cell), cell, int(counts[*cell])) for cell in mistakes[: rounds + 1]]
    page.context.close()
    return opened, visits, clicks[1:]


def _open_from_the_menu(page: Page) -> float:
    """Goes to the Train page and back to this one; returns the time of the way back, to the matrix."""
    page.get_by_role("link", name="Train a network", exact=True).click()
    page.get_by_role("heading", name="Train a network", exact=True).wait_for()
    page.wait_for_timeout(2000)
    forget_moments(page)
    page.get_by_role("link", name="Review mistakes", exact=True).click()
    time_ms = moment_ms(page, "matrix", since="click")
    wait_for(page, "sheet")
    page.wait_for_timeout(1000)
    return time_ms


def _bare_page(browser: Browser, rounds: int) -> list[float]:
    """Returns what every Streamlit page with a chart costs in a browser that has never seen one."""
    times_ms = []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(_BARE_PAGE, encoding="utf-8")
        with temporary_server(script) as server:
            for _ in range(rounds + 1):
                page = measured_page(browser, _OBSERVER)
                page.goto(server.url)
                times_ms.append(moment_ms(page, "chart"))
                page.context.close()
    return times_ms[1:]


def _click(page: Page, place: int, cell: list[int], images: int) -> float:
    title = f"{cell[0]} predicted as {cell[1]}: {images} mistake{'s' if images > 1 else ''}"
    page.evaluate("(awaited) => { window.awaited = awaited; window.moments = {}; }", {"title": title, "images": images})
    box = page.locator("[data-testid=stPlotlyChart]").first.locator(".scatterlayer .point").nth(place).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    time_ms = moment_ms(page, "shown", since="click")
    page.wait_for_timeout(1000)
    return time_ms


def _works(evaluation: Evaluation) -> list[tuple[str, Callable[[], object]]]:
    data = load_dataset("mnist")
    chance = np.random.default_rng(1)
    layer = NeighborIndex(
        chance.normal(size=(60_000, 128)).astype(np.float32), chance.normal(size=(1, 128)).astype(np.float32), False
    )

    def show_sheet(per_page: int) -> None:
        choice = ImageFilter(mistakes_only=False, per_page=per_page)
        shown = on_page(filter_images(evaluation, choice), choice)
        captions = captions_of(evaluation, shown, data.class_names, "mistakes")
        sheet = render_image_grid(data.test.images[shown], captions)
        image_grid_figure(sheet, shown.tolist(), [caption.detail for caption in captions]).to_json()

    return [
        ("reading a run's evaluation", lambda: load_evaluation(PRETRAINED_FOLDER)),
        (
            "the confusion matrix as a figure",
            lambda: confusion_matrix(confusion_counts(evaluation), "0123456789").to_json(),
        ),
        ("a sheet of 25 images", lambda: show_sheet(25)),
        ("a sheet of 100 images, one picture", lambda: show_sheet(100)),
        ("the ten nearest of 60,000 images by 128 numbers", lambda: layer.nearest_to_test_image(0)),
    ]


def _work(name: str, work: Callable[[], object], rounds: int) -> tuple[str, ...]:
    work()  # what is loaded at the first call is part of the first picture above
    times_ms = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times_ms.append((time.perf_counter() - start) * 1000)
    return name, f"{statistics.median(times_ms):,.0f}", f"{max(times_ms):,.0f}"


if __name__ == "__main__":
    main()
