"""Take it home in a real browser: from a finished run to its files, which are valid, and to its page to hand in."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import onnx
from playwright.sync_api import Browser, Page, expect

from model_lib.storage.run import Run
from tests.support.copied_runs import copy_of

_LONG_MS = 120_000
_LARGEST_REPORT_BYTES = 7_000_000
_NOTES = "It was <b>late</b>.\n<script>document.title = 'run'</script>"


def _saved(page: Page, name: str) -> bytes:
    button = page.get_by_role("button", name=name)
    expect(button).to_be_visible(timeout=_LONG_MS)
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()).read_bytes()


def test_a_finished_run_leads_to_its_script_its_notebook_and_its_onnx_file(
    page: Page, app_url: str, runs_folder: Path, trained_run: Run
) -> None:
    run = copy_of(trained_run, runs_folder)
    page.goto(f"{app_url}/?run={run.id}")
    page.get_by_role("button", name="Take it home").click(timeout=_LONG_MS)
    expect(page.get_by_role("heading", name="Take it home", level=1)).to_be_visible(timeout=_LONG_MS)
    script = _saved(page, "Download .py").decode()
    assert "layers.Dense(128, " in script and ast.parse(script)
    notebook = nbformat.reads(_saved(page, "Download .ipynb").decode(), as_version=4)
    nbformat.validate(notebook)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "layers.Dense(128, " in code and ast.parse(code)
    model = onnx.load_from_string(_saved(page, "Download .onnx"))
    onnx.checker.check_model(model, full_check=True)
    assert [each.name for each in model.graph.output] == ["output"]


def test_the_page_to_hand_in_opens_from_the_disk_without_a_network(
    page: Page, browser: Browser, app_url: str, runs_folder: Path, trained_run: Run, tmp_path: Path
) -> None:
    run = copy_of(trained_run, runs_folder)
    page.goto(f"{app_url}/take_home?run={run.id}")
    page.get_by_role("textbox", name="Your name").fill("Ada <i>L.</i>", timeout=_LONG_MS)
    page.get_by_role("textbox", name="Your notes").fill(_NOTES)
    # Clicked right after the last letter, as somebody in a hurry does.
    page.get_by_role("button", name="Make the page").click()
    content = _saved(page, "Download the page (.html)")
    assert len(content) < _LARGEST_REPORT_BYTES
    file = tmp_path / "report.html"
    file.write_bytes(content)

    context = browser.new_context(offline=True)
    try:
        handed_in, requests, errors = context.new_page(), [], []
        handed_in.on("request", lambda request: requests.append(request.url))
        handed_in.on("pageerror", lambda error: errors.append(str(error)))
        handed_in.goto(file.as_uri())
        expect(handed_in.get_by_role("heading", level=1)).to_have_text(run.title)
        for curve in ("loss", "accuracy"):
            expect(handed_in.locator(f"#curve-{curve} .scatterlayer path").first).to_be_visible()
        title = handed_in.locator("#curve-accuracy .ytitle").bounding_box()
        labels = [label.bounding_box() for label in handed_in.locator("#curve-accuracy .ytick text").all()]
        assert title and labels and all(label and title["x"] + title["width"] <= label["x"] for label in labels)
        expect(handed_in.get_by_text("Ada <i>L.</i>")).to_be_visible()
        expect(handed_in.locator(".typed")).to_have_text(_NOTES)
        assert handed_in.title() == run.title
        assert not errors
        assert {url for url in requests if not url.startswith(("data:", "blob:"))} == {file.as_uri()}
    finally:
        context.close()
