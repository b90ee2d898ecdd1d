"""A visitor trains a run on in a real browser, from the button below its results to the table of what was lost."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run, list_runs
from model_lib.storage.checkpoints import load_checkpoint
from model_lib.storage.lineage import ancestors_of, load_start
from model_lib.training.loop import train
from tests.support.page_layout import cut_texts
from tests.support.sample_networks import DENSE
from tests.support.train_form import choose, enter, settle, start_button

_LONG_MS = 300_000


def test_a_run_is_trained_on_with_other_data_and_outlives_its_parent(
    page: Page, app_url: str, runs_folder: Path
) -> None:
    config = TrainingConfig(training_images=2000, epochs=2, learning_rate=0.01)
    parent = create_run(DENSE, config, runs_folder)
    assert train(parent) == "finished"
    title, known = parent.title, list_runs(runs_folder)
    page.goto(f"{app_url}/?run={parent.id}")
    button = page.get_by_role("button", name="Train on")
    expect(button).to_be_visible(timeout=_LONG_MS)
    button.click()
    expect(page.get_by_text(f"Train on from {title}.")).to_be_in_viewport()
    settle(page)
    choose(page, "Data set", re.compile("^Pen digits"))
    enter(page, "Epochs", "3")
    expect(page.get_by_text("Epochs 2 → 3")).to_be_visible()
    settle(page)
    start_button(page).click()
    expect(page).not_to_have_url(re.compile(f"[?&]run={parent.id}"))
    (child,) = [run for run in list_runs(runs_folder) if run not in known]
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible(timeout=_LONG_MS)
    assert [each.id for each in ancestors_of(child)] == [parent.id]
    first, last = load_start(child.folder), load_checkpoint(parent.folder, 2)
    assert first is not None and last is not None
    assert all((one == other).all() for one, other in zip(first, last, strict=True))
    expect(page.get_by_role("cell", name=re.compile("^MNIST's test images"))).to_be_visible()
    expect(page.locator(".stPlotlyChart").get_by_text("trained on from here")).to_have_count(2)

    page.get_by_role("button", name=f"{title}, after 2 epochs").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    parent.delete()
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{app_url}/?run={child.id}")
    expect(page.get_by_text(f"Trained on from {title}, after 2 epochs (deleted since)")).to_be_visible()
    expect(page.locator(".stPlotlyChart").get_by_text("trained on from here")).to_have_count(2)
    settle(page)
    assert cut_texts(page) == []
