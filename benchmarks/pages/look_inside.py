"""How long looking inside takes: in the browser from the click to the last change on screen, and in the library.

python -m benchmarks.pages.look_inside --rounds 5

Needs Playwright and a Chromium. The network is `mnist_cnn`, untrained, which takes as long as a trained one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from benchmarks.pages.browser import WAIT_MS, measured_page, temporary_server, timing_row
from benchmarks.report import print_heading, print_table
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.datasets.loading import load_dataset
from model_lib.networks import build_network
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.run import Run
from tests.support.chromium import chromium

_PRESET = "mnist_cnn"
_QUIET_MS = 1500
# Notes when a click came, when a chart or a number changed last, and when the picture did in which each layer stands
# with its maps and with how many weights it has.
_OBSERVER = """
window.clicked = window.changed = window.mapped = 0;
const parts = "[data-testid=stPlotlyChart], [data-testid=stMetric], .st-key-network_picture";
const partOf = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(parts);
watch((changes) => {
  const changed = new Set(changes.map((change) => change.target));
  const touched = new Set([...changed].map(partOf).filter((part) => part));
  if (!touched.size) return;
  window.changed = performance.now();
  const isLayers = (part) => /( weights)/.test(part.textContent);
  if ([...touched].some(isLayers)) window.mapped = window.changed;
});
document.addEventListener("mousedown", () => { window.clicked = performance.now(); }, true);
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    rounds = parser.parse_args(arguments).rounds
    print_heading(f"Looking inside {_PRESET}, warm, medians of {rounds}")
    columns = ("what, in ms", "goal", "median", "slowest")
    print_table(columns, _on_screen(rounds))
    print_table(columns, _in_the_library(rounds))


def _on_screen(rounds: int) -> list[tuple[str, str, str, str]]:
    with temporary_server() as server, chromium() as browser:
        run = _untrained_run(server.runs)
        page = measured_page(browser, _OBSERVER)
        page.goto(server.url)
        page.get_by_role("heading", name="Train a network", exact=True).wait_for(timeout=WAIT_MS)
        page.goto(f"{server.url}/look_inside?run={run.id}&layer=conv2d_2&filter=5")
        page.get_by_text("check by ONNX Runtime").wait_for(timeout=WAIT_MS)
        page.wait_for_timeout(15_000)  # the server makes itself warm in the background
        images = [_after(page, lambda: _next_image(page)) for _ in range(rounds + 1)][1:]
        clicks = [_after(page, lambda place=place: _click_pixel(page, place)) for place in range(rounds + 1)][1:]
    return [
        timing_row("a new image: the picture of all layers with their maps", "500", [mapped for mapped, _ in images]),
        timing_row("the same, until the whole page with the arithmetic stands", "", [whole for _, whole in images]),
        timing_row("a click on an output pixel: its arithmetic on screen", "400", [whole for _, whole in clicks]),
    ]


def _after(page: Page, act: Callable[[], None]) -> tuple[float, float]:
    """Returns the milliseconds from a click to the last change of the picture of all layers, and of the page."""
    act()
    page.wait_for_timeout(200)
    page.wait_for_function(f"window.changed > window.clicked && performance.now() - window.changed > {_QUIET_MS}")
    mapped, changed = page.evaluate("[window.mapped - window.clicked, window.changed - window.clicked]")
    return mapped, changed


def _next_image(page: Page) -> None:
    page.get_by_test_id("stNumberInputStepUp").first.click()


def _click_pixel(page: Page, place: int) -> None:
    chart = page.get_by_test_id("stPlotlyChart").filter(has_text="Conv2D 2, map 5").first
    chart.scroll_into_view_if_needed()
    box = chart.locator(".scatterlayer .point").nth(150 + 29 * place).bounding_box()
    assert box is not None
    page.wait_for_timeout(_QUIET_MS)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def _in_the_library(rounds: int) -> list[tuple[str, str, str, str]]:
    from model_lib.interpretability.ablation import ablate
    from model_lib.interpretability.attribution import grad_cam, occlusion, saliency
    from model_lib.interpretability.embedding import project_pca, project_tsne
    from model_lib.interpretability.feature_visualization import maximize_activation, top_activating_images
    from model_lib.interpretability.layer_outputs import FeatureReader
    from model_lib.interpretability.penultimate import penultimate_features
    from model_lib.layers.layer_reader import LayerReader
    from model_lib.layers.output_trace import explain_output

    test = load_dataset("mnist").test
    image = test.images[0].astype(np.float32) / 255
    network = build_network(PRESETS[_PRESET], seed=0)
    reader, layers = FeatureReader(network), LayerReader(PRESETS[_PRESET], network.get_weights())
    maps = layers.read(image)
    hidden = penultimate_features(reader, test.images)
    works: list[tuple[str, str, Callable[[], object]]] = [
        ("all feature maps of one image", "", lambda: layers.read(image)),
        ("dead filters of all layers, 1,000 images", "", lambda: layers.dead_filters(test.images[:1000])),
        ("the arithmetic of one pixel", "", lambda: explain_output(layers, maps, "conv2d_2", (9, 9, 5))),
        (
            "favourites of all 64 filters, 10,000 images",
            "5,000",
            lambda: top_activating_images(reader, "conv2d_2", test.images),
        ),
        ("one filter off, 10,000 images read again", "3,000", lambda: ablate(reader, "conv2d_2", (5,), test)),
        ("an image made for a filter, 200 steps", "", lambda: list(maximize_activation(reader, "conv2d_2", 5))),
        ("Grad-CAM", "", lambda: grad_cam(reader, image, 7, "conv2d_2")),
        ("saliency", "", lambda: saliency(reader, image, 7)),
        ("occlusion, 784 images", "", lambda: occlusion(reader, image, 7)),
        ("last hidden layer, 10,000 images", "", lambda: penultimate_features(reader, test.images)),
        ("PCA of 10,000 images", "", lambda: project_pca(hidden.values)),
    ]
    rows = [timing_row(name, goal, _timed_ms(work, rounds)) for name, goal, work in works]
    # It takes so long that warming up would not change it.
    start = time.perf_counter()
    project_tsne(hidden.values[:2000])
    return [*rows, timing_row("t-SNE of 2,000 images, once", "", [(time.perf_counter() - start) * 1000])]


def _timed_ms(work: Callable[[], object], rounds: int) -> list[float]:
    work()
    times_ms = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times_ms.append((time.perf_counter() - start) * 1000)
    return times_ms


def _untrained_run(root: Path) -> Run:
    run = create_run(PRESETS[_PRESET], PRESET_CONFIGS[_PRESET], root)
    save_checkpoint(run.folder, 0, build_network(PRESETS[_PRESET], seed=0).get_weights())
    run.set_state("finished")
    return run


if __name__ == "__main__":
    main()
