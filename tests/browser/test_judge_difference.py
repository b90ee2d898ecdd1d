"""From two runs to the images that one of them reads and the other does not, to one image, and inside a network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, Position, expect

from model_lib.comparison.paired_predictions import pair_predictions
from model_lib.evaluation.evaluation import load_evaluation
from model_lib.storage.run import Run
from tests.support.fake_evaluations import answers
from tests.support.page_layout import cut_texts, overlapping_texts, settle

_LONG_MS = 120_000
# Of a table, in pixels: below its heading.
_FIRST_BOX: Final[Position] = {"x": 18, "y": 53}


def test_a_pair_and_a_cell_lead_to_its_images_to_one_of_them_and_inside(
    page: Page, app_url: str, runs_folder: Path, trained_run: Run
) -> None:
    first, second = (
        Run(shutil.copytree(trained_run.folder, runs_folder / f"20260101-00000{place}-mlp-cafe")) for place in (1, 2)
    )
    # The second one answers otherwise, and its log has nothing of its metrics.
    answers(700, 5).save(second.folder)
    (second.folder / "events.jsonl").unlink()
    paired = pair_predictions(load_evaluation(first.folder), load_evaluation(second.folder))
    page.goto(f"{app_url}/judge_difference?run=pretrained&view=all&runs={first.id},{second.id}")
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible(timeout=_LONG_MS)
    settle(page)
    # The box before the first row opens that pair.
    table.click(position=_FIRST_BOX)
    expect(page.get_by_text(re.compile("chance alone would do that in"))).to_be_visible(timeout=_LONG_MS)
    settle(page)
    found = {}
    for width in (390, 1400):
        page.set_viewport_size({"width": width, "height": 1000})
        settle(page)
        found[width] = (cut_texts(page), overlapping_texts(page))
    assert found == dict.fromkeys(found, ([], []))

    page.get_by_role("button", name=f"{paired.count('first'):,} only by A").click()
    expect(page.get_by_role("heading", name=re.compile("^Read by A, not by B"))).to_be_visible(timeout=_LONG_MS)
    settle(page)
    point = page.get_by_test_id("stPlotlyChart").first.locator(".scatterlayer .trace").last.locator(".point").nth(6)
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    index = int(paired.indices["first"][6])
    expect(page.get_by_role("heading", name=re.compile(f"^Test image {index}: label"))).to_be_visible(timeout=_LONG_MS)
    settle(page)
    page.get_by_role("button", name="Look inside A").click()
    expect(page.get_by_role("heading", name="Look inside", level=1)).to_be_visible(timeout=_LONG_MS)
    expect(page).to_have_url(re.compile(f"run={first.id}&image=test-{index}"), timeout=_LONG_MS)
