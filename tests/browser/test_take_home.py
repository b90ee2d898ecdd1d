"""Take it home in a real browser: from a finished run to its script and its ONNX file."""

from __future__ import annotations

import ast
from pathlib import Path

import onnx
from playwright.sync_api import Page, expect

from model_lib.storage.run import Run
from tests.support.copied_runs import copy_of

_LONG_MS = 120_000


def _saved(page: Page, name: str) -> bytes:
    button = page.get_by_role("button", name=name)
    expect(button).to_be_visible(timeout=_LONG_MS)
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()).read_bytes()


def test_a_finished_run_leads_to_its_script_and_its_onnx_file(
    page: Page, app_url: str, runs_folder: Path, trained_run: Run
) -> None:
    run = copy_of(trained_run, runs_folder)
    page.goto(f"{app_url}/?run={run.id}")
    page.get_by_role("button", name="Take it home").click(timeout=_LONG_MS)
    expect(page.get_by_role("heading", name="Take it home", level=1)).to_be_visible(timeout=_LONG_MS)
    script = _saved(page, "Download .py").decode()
    assert "layers.Dense(128, " in script and ast.parse(script)
    model = onnx.load_from_string(_saved(page, "Download .onnx"))
    onnx.checker.check_model(model, full_check=True)
    assert [each.name for each in model.graph.output] == ["output"]
