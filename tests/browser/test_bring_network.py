"""A `.keras` file comes through the page Bring a network in a real browser, and what is no ordinary one does not."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from model_lib.own_networks.archive import LARGEST_FILE_BYTES
from model_lib.runs import list_runs
from tests.own_networks.files import hostile_files
from tests.support.app_server import PROJECT

_LONG_MS = 120_000
_FILE = PROJECT / "tests" / "data" / "keras2" / "sequential_2_12.keras"


def _bring(page: Page, app_url: str, file: str | Path | dict[str, object]) -> None:
    page.goto(f"{app_url}/bring_network")
    chooser = page.get_by_test_id("stFileUploader").filter(has_text="A .keras file")
    chooser.locator("input").set_input_files(file, timeout=_LONG_MS)  # type: ignore[arg-type]


def test_a_file_of_keras_2_is_brought_and_other_pages_show_it(page: Page, app_url: str, runs_folder: Path) -> None:
    known = set(list_runs(runs_folder))
    _bring(page, app_url, _FILE)
    expect(page.get_by_text("The network was read")).to_be_visible(timeout=_LONG_MS)
    page.get_by_label("Name", exact=True).fill("From Keras 2")
    page.get_by_role("button", name="Use this network").click()
    expect(page.get_by_role("heading", name="Your networks")).to_be_visible(timeout=_LONG_MS)
    (brought,) = set(list_runs(runs_folder)) - known
    assert brought.state == "finished" and brought.was_brought
    page.get_by_role("button", name="See its mistakes").click()
    expect(page.get_by_role("heading", name="Review mistakes", level=1)).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible(timeout=_LONG_MS)
    assert f"run={brought.id}" in page.url


def test_a_hostile_file_and_one_that_is_too_large_give_a_message_and_no_run(
    page: Page, app_url: str, runs_folder: Path, tmp_path: Path
) -> None:
    known = set(list_runs(runs_folder))
    canary = tmp_path / "canary"
    hostile = hostile_files(str(canary))["CVE-2024-3660 Lambda bytecode"]
    _bring(page, app_url, {"name": "a.keras", "mimeType": "application/octet-stream", "buffer": hostile})
    expect(page.get_by_text("holds program code, which is never run")).to_be_visible(timeout=_LONG_MS)
    large = tmp_path / "large.keras"
    with large.open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)
    _bring(page, app_url, large)
    expect(page.get_by_text("It may have at most 25 MB")).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text("keras.Model(model.inputs, model.outputs).save")).to_be_visible()
    assert set(list_runs(runs_folder)) == known and not canary.exists()
