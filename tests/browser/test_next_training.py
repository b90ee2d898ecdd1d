"""What a visitor does with a run that has ended, in a real browser: the next training begins from it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run, list_runs
from model_lib.storage.run import Run
from tests.support.sample_networks import DENSE
from tests.support.train_form import enter, settle, start_button

_LONG_MS = 300_000


def test_a_run_is_trained_again_with_one_change_and_with_another_seed(
    page: Page, app_url: str, runs_folder: Path
) -> None:
    before = len(list_runs(runs_folder))
    page.set_viewport_size({"width": 1400, "height": 700})
    run = create_run(DENSE, TrainingConfig(training_images=2000, epochs=2), runs_folder)
    run.set_state("finished")
    page.goto(f"{app_url}/?run={run.id}")
    page.get_by_role("button", name="Again with one change").click()
    expect(page.get_by_role("combobox", name="Network", exact=True).last).to_have_value(f"As in {run.title}")
    expect(start_button(page)).to_be_in_viewport(ratio=1)
    expect(page.get_by_text(f"Nothing is changed yet from {run.title}: Start would")).to_be_visible()
    settle(page)
    enter(page, "Epochs", "1")
    expect(page.get_by_text(f"Changed from {run.title}: Epochs 2 → 1", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"Nothing is changed yet from {run.title}: Start would")).to_be_visible()
    settle(page)
    enter(page, "Epochs", "1")
    settle(page)
    start_button(page).click()
    changed = _shown_run(page, runs_folder, run)
    assert (changed.spec, changed.config.epochs, changed.config.training_images) == (run.spec, 1, 2000)

    seed = page.get_by_role("button", name="Again with another seed")
    expect(seed).to_be_visible(timeout=_LONG_MS)  # it has been trained
    settle(page)
    seed.click(click_count=2, delay=40)
    other = _shown_run(page, runs_folder, changed)
    assert (other.spec, other.config.epochs, other.config.seed) == (run.spec, 1, 2)
    expect(seed).to_be_visible(timeout=_LONG_MS)
    assert len(list_runs(runs_folder)) == before + 3


def _shown_run(page: Page, root: Path, before: Run) -> Run:
    """Waits until the page shows another run than before, the newest one, and returns it."""
    expect(page).not_to_have_url(re.compile(f"run={before.id}(&|$)"))
    run = list_runs(root)[0]
    expect(page).to_have_url(re.compile(f"run={run.id}(&|$)"))
    expect(page.get_by_role("heading", name=run.title)).to_be_in_viewport()
    return run
