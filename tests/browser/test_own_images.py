"""A visitor's image set in a real browser: it is brought, kept and reviewed, and its predictions are saved."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from playwright.sync_api import Page, expect

from model_lib.datasets.loading import load_dataset
from tests.browser.test_upload_picture import choose_file
from tests.image_sets.files import zip_of_split

_LONG_MS = 120_000


def test_images_are_brought_looked_at_reviewed_and_their_predictions_taken_home(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/own_images?run=pretrained")
    with page.expect_download() as download:
        page.get_by_role("button", name="Example zip").click(timeout=_LONG_MS)
    choose_file(page, "a_school.zip", Path(download.value.path()).read_bytes(), "application/zip")
    expect(page.get_by_role("textbox", name="Name of the set (100 images)")).to_have_value("a_school", timeout=_LONG_MS)
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()

    # One with a mistake, by the evaluation that ships with the network.
    test = load_dataset("mnist").test
    choose_file(page, "mnist.zip", zip_of_split(test.images[180:200], test.labels[180:200]), "application/zip")
    expect(page.get_by_role("textbox", name="Name of the set (20 images)")).to_have_value("mnist", timeout=_LONG_MS)
    page.get_by_role("button", name="Keep this set").click()
    expect(page.get_by_role("button", name="Review its mistakes")).to_be_enabled(timeout=_LONG_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Predictions as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert [row["label"] for row in rows] == [str(label) for label in test.labels[180:200]]
    wrong = [row for row in rows if row["label"] != row["prediction"]]

    page.get_by_role("button", name="Review its mistakes").click()
    expect(page.get_by_role("heading", name="Review mistakes", level=1)).to_be_visible(timeout=_LONG_MS)
    count = f"{len(wrong)} mistake{'' if len(wrong) == 1 else 's'}"
    expect(page.get_by_role("heading", name=f"All labels: {count}")).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_role("radio", name="mnist", exact=True)).to_be_checked()
