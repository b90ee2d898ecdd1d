"""Clicks that lead from the network to a layer, a map and a pixel, in a real browser."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Error, Locator, Page, expect

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import load_dataset
from model_lib.storage.run import Run
from tests.support.canvas import canvas_of, draw
from tests.support.page_layout import cut_texts, settle
from tests.support.sample_networks import ALL_KINDS, DENSE, finished_run, inner_outputs, network_with_random_weights
from tests.support.train_form import choose, enter, open_fold, start_button

_LONG_MS = 300_000
_SEVEN = load_dataset("mnist").test.images[0] / np.float32(255)


@pytest.fixture(scope="module")
def run(runs_folder: Path) -> Run:
    """A network with all kinds of layers, with weights and without training."""
    return finished_run(ALL_KINDS, runs_folder)


def _open(page: Page, url: str, name: str, title: str, run: Run | None, address: str = "") -> None:
    page.goto(f"{url}/{name}?run={'pretrained' if run is None else run.id}{address}")
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=_LONG_MS)


def _chart(page: Page, text: str) -> Locator:
    return page.get_by_test_id("stPlotlyChart").filter(has_text=text).first


def _click(page: Page, chart: Locator, place: int) -> None:
    """Clicks the middle of an invisible marker, as a visitor clicks the picture below it."""
    point = chart.locator(".scatterlayer .point").nth(place)
    for attempt in range(3):
        expect(point).to_be_attached(timeout=_LONG_MS)
        settle(page)
        try:
            chart.scroll_into_view_if_needed()
            box = point.bounding_box()
            assert box is not None
        except Error:  # drawn anew in this very moment
            assert attempt < 2
        else:
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            return


def _metric(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def test_a_click_leads_from_the_network_to_a_layer_a_map_and_a_pixel(page: Page, app_url: str, run: Run) -> None:
    outputs = inner_outputs(network_with_random_weights(ALL_KINDS, 1), _SEVEN)
    _open(page, app_url, "look_inside", "Look inside", run)
    page.get_by_role("button", name="MaxPooling 1").click()
    expect(_chart(page, "MaxPooling 1: 5 feature maps")).to_be_visible(timeout=_LONG_MS)
    _click(page, _chart(page, "MaxPooling 1: 5 feature maps"), 3)
    expect(_chart(page, "MaxPooling 1, map 3")).to_be_visible(timeout=_LONG_MS)
    _click(page, _chart(page, "MaxPooling 1, map 3"), 2 * 7 + 4)
    expect(page).to_have_url(re.compile("pixel=2-4"))
    expect(_metric(page, "check by ONNX Runtime")).to_have_text(f"{outputs['max_pooling2d_1'][2, 4, 3]:.4f}")
    expect(_metric(page, "The largest")).to_have_text(f"{outputs['max_pooling2d_1'][2, 4, 3]:.4f}")
    expect(page).to_have_url(re.compile("layer=max_pooling2d_1.*filter=3"))


def test_another_pixel_has_another_arithmetic(page: Page, app_url: str, run: Run) -> None:
    outputs = inner_outputs(network_with_random_weights(ALL_KINDS, 1), _SEVEN)["conv2d_2"]
    _open(page, app_url, "look_inside", "Look inside", run, "&layer=conv2d_2&filter=1")
    for row, column in ((0, 0), (4, 2), (3, 3)):
        _click(page, _chart(page, "Conv2D 2, map 1"), row * 5 + column)
        expect(_metric(page, "check by ONNX Runtime")).to_have_text(f"{outputs[row, column, 1]:.4f}")


def test_an_image_is_chosen_by_a_click_in_a_sheet_and_kept_on_the_next_page(page: Page, app_url: str, run: Run) -> None:
    _open(page, app_url, "look_inside", "Look inside", run)
    page.get_by_text("Choose from a sheet").click()
    _click(page, _chart(page, "Click an image"), 17)
    expect(page.get_by_role("listitem").filter(has_text="Test image 17")).to_contain_text("label 7", timeout=_LONG_MS)
    page.get_by_role("link", name="Explain an answer (saliency maps)").click()
    expect(page.get_by_role("heading", name="Explain an answer")).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_role("spinbutton", name="Test image, 0 to 9999")).to_have_value("17")
    expect(_chart(page, "Occlusion")).to_be_visible(timeout=_LONG_MS)


def test_a_filter_is_chosen_by_its_patch_and_its_strongest_activations_appear(
    page: Page, app_url: str, run: Run
) -> None:
    _open(page, app_url, "find_favourites", "What activates a filter", run)
    _click(page, _chart(page, "Conv2D 1: strongest activations"), 4)
    expect(_chart(page, "Filter 4: its 9 strongest activations")).to_be_visible(timeout=_LONG_MS)
    open_fold(page, "Image that maximises this filter")
    expect(_chart(page, "Maximises filter 4")).to_be_visible(timeout=_LONG_MS)
    _click(page, _chart(page, "Filter 4: its 9 strongest activations"), 2)
    expect(page.get_by_text("is now the chosen image on all pages")).to_be_visible(timeout=_LONG_MS)


def test_switching_off_a_filter_tests_the_network_again(page: Page, app_url: str, run: Run) -> None:
    _open(page, app_url, "switch_off_filters", "Switch filters off (ablation)", run)
    expect(_metric(page, "All filters on")).to_be_visible(timeout=_LONG_MS)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text("Nothing is switched off yet")).to_be_hidden(timeout=_LONG_MS)
    digit = _answer_without_the_first_filters()
    share = (load_dataset("mnist").test.labels == digit).mean()
    expect(_metric(page, "Switched off")).to_have_text(f"{100 * share:.2f} %", timeout=_LONG_MS)


def _answer_without_the_first_filters() -> int:
    """With all first filters off, all images look the same to the rest of the network: the digit that it reads then."""
    network = network_with_random_weights(ALL_KINDS, 1)
    gamma, _, mean, variance = network.get_layer("batch_normalization_1").get_weights()
    network.get_layer("batch_normalization_1").set_weights([gamma * 0, gamma * 0 - 1, mean, variance])
    return int(np.asarray(network(_SEVEN[np.newaxis, ..., np.newaxis])).argmax())


def test_a_point_of_the_map_shows_its_image(page: Page, app_url: str, run: Run) -> None:
    _open(page, app_url, "map_images", "Map of images (embedding)", run)
    chart = _chart(page, "2,000 test images")
    expect(chart.locator(".scatterlayer .point").first).to_be_attached(timeout=_LONG_MS)
    before = page.url
    _click(page, chart, 0)
    expect(page).not_to_have_url(before, timeout=_LONG_MS)
    assert re.search(r"image=test-\d+", page.url)


def test_a_typed_number_changes_the_filter_at_once(page: Page, app_url: str, run: Run) -> None:
    _open(page, app_url, "try_filters", "Random filters", run)
    page.get_by_role("tab", name="Your own filter").click()
    table = page.get_by_test_id("stDataFrame")
    settle(page)
    table.scroll_into_view_if_needed()
    settle(page)
    box = table.bounding_box()
    assert box is not None
    changed = page.get_by_test_id("stPlotlyChart").filter(has_text="9.00")
    for _ in range(3):  # on a busy machine the key may come before the cell is chosen
        page.mouse.click(box["x"] + 60, box["y"] + 52)
        page.wait_for_timeout(500)
        page.keyboard.press("9")  # one key only: the next ones could come before the cell is open
        page.wait_for_timeout(500)
        page.keyboard.press("Enter")
        with suppress(AssertionError):
            expect(changed).to_have_count(1, timeout=20_000)
            break
    expect(changed).to_have_count(1)


@pytest.mark.parametrize("name", ["mlp", "mnist_cnn", "two_conv", "the ready-made one"])
def test_each_network_can_be_looked_into(name: str, page: Page, app_url: str, runs_folder: Path) -> None:
    run = finished_run(PRESETS[name], runs_folder) if name in PRESETS else None
    _open(page, app_url, "look_inside", "Look inside", run)
    page.get_by_role("button", name="Output").click()
    expect(page).to_have_url(re.compile("layer=output"))
    open_fold(page, "The arithmetic of one output")
    expect(_metric(page, "check by ONNX Runtime")).to_be_visible(timeout=_LONG_MS)


_PAGES_WITH_A_PICTURE = {
    "Look inside": "Prediction",
    "Filters": "filters, 3 x 3",
    "What activates a filter": "Filter 0: its 9 strongest activations",
    "Switch filters off (ablation)": "Accuracy by label",
    "Explain an answer (saliency maps)": "Occlusion",
    "Map of images (embedding)": "2,000 test images",
    "Random filters": "feature map",
}


def test_a_network_from_the_layer_editor_is_looked_into_with_a_drawing_and_an_upload(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    _train_a_network_of_ones_own(page, app_url)
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(canvas_of(page)).to_have_count(1, timeout=_LONG_MS)
    page.wait_for_timeout(1000)  # the canvas takes strokes only when it has been told its pen
    draw(page, 4)
    # The answer stands before the page has the drawing; its own part, only afterwards.
    expect(page.get_by_text("What the network sees")).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text(re.compile(r"^\d, (> )?\d+\.\d % sure(, or \d \(\d+\.\d %\))?$"))).to_have_count(
        1, timeout=_LONG_MS
    )
    for title, picture in _PAGES_WITH_A_PICTURE.items():
        page.get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=_LONG_MS)
        expect(_chart(page, picture)).to_be_visible(timeout=_LONG_MS)
        expect(page.get_by_test_id("stAlert").filter(has_text="could not")).to_have_count(0)
    expect(_chart(page, "My drawing")).to_be_visible()

    seven = tmp_path / "seven.png"
    Image.fromarray(255 - load_dataset("mnist").test.images[0]).resize((280, 280)).save(seven)
    page.get_by_role("link", name="Upload a picture").click()
    page.locator("input[type=file]").set_input_files(seven)
    expect(page.get_by_role("heading", name="What the network sees")).to_be_visible(timeout=_LONG_MS)
    page.get_by_role("link", name="Look inside", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="My picture")).to_be_visible(timeout=_LONG_MS)
    open_fold(page, "The arithmetic of one output")
    expect(_metric(page, "check by ONNX Runtime")).to_be_visible(timeout=_LONG_MS)


def _train_a_network_of_ones_own(page: Page, url: str) -> None:
    page.goto(url)
    choose(page, "Network", re.compile("One convolution, 3 x 3"))
    open_fold(page, "Layers")
    page.get_by_role("button", name="Change its layers").click()
    enter(page, "filters", "6")
    expect(page.get_by_text("6 filters, 3 x 3")).to_be_visible()
    open_fold(page, "More settings")
    enter(page, "Training images", "1000")
    start_button(page).click()
    expect(_metric(page, "Test accuracy")).to_be_visible(timeout=_LONG_MS)


def test_two_visitors_look_at_two_layers_at_once(page: Page, app_url: str, run: Run, runs_folder: Path) -> None:
    other = page.context.new_page()
    dense = finished_run(DENSE, runs_folder)
    _open(page, app_url, "look_inside", "Look inside", run, "&layer=conv2d_1&filter=0")
    _open(other, app_url, "look_inside", "Look inside", dense, "&layer=dense_1&filter=0")
    expect(_metric(page, "Sum of 25 products")).to_be_visible(timeout=_LONG_MS)
    expect(_metric(other, "Sum of 784 products")).to_be_visible(timeout=_LONG_MS)


@pytest.mark.parametrize("width", [1920, 1400, 390])
def test_the_title_of_a_sheet_of_many_feature_maps_is_not_cut(
    page: Page, app_url: str, runs_folder: Path, width: int
) -> None:
    spec = NetworkSpec("many_maps", (LayerSpec("Conv2D", filters=32, kernel_size=3), LayerSpec("Flatten")))
    page.set_viewport_size({"width": width, "height": 900})
    _open(page, app_url, "look_inside", "Look inside", finished_run(spec, runs_folder), "&layer=conv2d_1")
    expect(_chart(page, "Conv2D 1: 32 feature maps")).to_be_visible(timeout=_LONG_MS)
    settle(page)
    assert not cut_texts(page)
