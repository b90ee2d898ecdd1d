"""From the confusion matrix to an image and on to the next page, in a real browser, on a real trained run."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from model_lib.evaluation.confusion import confusion_counts
from model_lib.evaluation.evaluation import Evaluation, load_evaluation
from model_lib.evaluation.writers import writer_metrics
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.copied_runs import copy_of

_LONG_MS = 300_000


@pytest.fixture(scope="module")
def run(trained_run: Run, runs_folder: Path) -> Run:
    """The network of all tests that need a trained one, among the server's runs."""
    return copy_of(trained_run, runs_folder)


@pytest.fixture(scope="module")
def evaluation(run: Run) -> Evaluation:
    """What that network says of the test images."""
    return load_evaluation(run.folder)


def _open(page: Page, url: str, run: Run, address: str = "") -> None:
    page.goto(f"{url}/review_mistakes?run={run.id}{address}")
    expect(page.get_by_role("heading", name="Review mistakes", exact=True)).to_be_visible(timeout=_LONG_MS)


def _targets(page: Page, place: int) -> Locator:
    """Returns what can be clicked in a chart: 0 for the matrix, 1 for the sheet of images."""
    return page.get_by_test_id("stPlotlyChart").nth(place).locator(".scatterlayer .point")


def _click(page: Page, target: Locator) -> None:
    """Clicks the middle of an invisible marker, as a visitor clicks the picture below it."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def _cell(evaluation: Evaluation, label: int, prediction: int) -> int:
    """Returns the place of a cell among those of the matrix that hold images."""
    return np.argwhere(confusion_counts(evaluation)).tolist().index([label, prediction])


def _some_confusion(evaluation: Evaluation) -> tuple[int, int, int]:
    """Returns label, prediction and count of a confusion whose images fit one page."""
    counts = confusion_counts(evaluation)
    np.fill_diagonal(counts, 0)
    label, prediction = np.argwhere((counts > 2) & (counts <= 25))[-1].tolist()
    return label, prediction, int(counts[label, prediction])


def test_a_click_on_a_cell_leads_to_its_images_to_one_of_them_and_inside(
    page: Page, app_url: str, run: Run, evaluation: Evaluation
) -> None:
    label, prediction, count = _some_confusion(evaluation)
    _open(page, app_url, run)
    expect(page.get_by_role("heading", name=re.compile("All labels"))).to_be_visible()
    expect(_targets(page, 1)).to_have_count(25, timeout=_LONG_MS)

    _click(page, _targets(page, 0).nth(_cell(evaluation, label, prediction)))
    expect(page.get_by_role("heading", name=f"{label} predicted as {prediction}: {count} mistakes")).to_be_visible()
    expect(_targets(page, 1)).to_have_count(count)
    assert f"label={label}" in page.url

    wrong = np.flatnonzero((evaluation.labels == label) & (evaluation.predictions == prediction))
    surest_first = wrong[np.argsort(-evaluation.probabilities[wrong, prediction], kind="stable")]
    _click(page, _targets(page, 1).nth(1))
    expect(page.get_by_role("heading", name=f"Test image {surest_first[1]}")).to_be_visible()
    expect(page.get_by_test_id("stMarkdown").get_by_text(f"Label {label}, predicted {prediction}")).to_be_visible()
    expect(page.get_by_text("The training images whose embedding")).to_be_visible(timeout=_LONG_MS)

    if not (PROJECT / "pages" / "look_inside.py").exists():
        return
    page.get_by_role("button", name="Look inside").click()
    expect(page.get_by_role("heading", name="Look inside", exact=True)).to_be_visible(timeout=_LONG_MS)
    expect(page).to_have_url(re.compile(rf"image=test-{surest_first[1]}\b"))
    assert f"run={run.id}" in page.url


def test_a_click_on_a_persons_bar_leads_to_that_persons_mistakes(page: Page, app_url: str, run: Run) -> None:
    worst = writer_metrics(load_evaluation(run.folder, "pen_digits"))[0]
    _open(page, app_url, run, "&test=pen_digits&view=writers")
    bars = page.get_by_test_id("stPlotlyChart").locator(".barlayer .point")
    expect(bars).to_have_count(10, timeout=_LONG_MS)
    _click(page, bars.first)
    heading = f"All labels: {worst.mistakes} mistakes by person {worst.writer}"
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=_LONG_MS)


def test_an_image_goes_onto_the_canvas(page: Page, app_url: str, run: Run) -> None:
    if not (PROJECT / "pages" / "draw.py").exists():
        pytest.skip("there is no canvas yet")
    _open(page, app_url, run, "&view=image&image=test-17")
    page.get_by_role("button", name="Put it on the canvas").click()
    expect(page.get_by_role("heading", name="Draw", exact=True)).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text("An image from another page")).to_be_visible(timeout=_LONG_MS)


def test_the_images_of_a_cell_can_be_taken_along_as_csv(
    page: Page, app_url: str, run: Run, evaluation: Evaluation, tmp_path: Path
) -> None:
    label, prediction, count = _some_confusion(evaluation)
    _open(page, app_url, run)
    _click(page, _targets(page, 0).nth(_cell(evaluation, label, prediction)))
    button = page.get_by_role("button", name=f"All {count} as CSV")
    expect(button).to_be_visible(timeout=_LONG_MS)
    with page.expect_download() as download:
        button.click()
    download.value.save_as(tmp_path / "images.csv")
    with (tmp_path / "images.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["label"], row["prediction"]) for row in rows} == {(str(label), str(prediction))}
    assert len({row["index"] for row in rows}) == count


def test_a_link_opens_what_the_sender_saw(page: Page, app_url: str, run: Run, evaluation: Evaluation) -> None:
    _open(page, app_url, run, "&label=4&images=all&sort=index&per_page=100")
    count = int((evaluation.labels == 4).sum())
    expect(page.get_by_role("heading", name=f"Label 4: {count} images")).to_be_visible()
    expect(_targets(page, 1)).to_have_count(100, timeout=_LONG_MS)
    assert page.get_by_test_id("stPlotlyChart").nth(1).locator("image").count() == 1
