"""What a visitor sees of a network's inside after its training, in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from model_lib.storage.run import Run
from tests.support.copied_runs import copy_of
from tests.support.train_form import choose, settle

_LONG_MS = 300_000


def test_a_visitor_opens_the_fold_on_a_phone_and_chooses_numbers_and_a_layer(
    page: Page, app_url: str, trained_run: Run, runs_folder: Path
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    run = copy_of(trained_run, runs_folder)
    page.goto(f"{app_url}/?run={run.id}")
    fold = page.get_by_test_id("stExpander").filter(has_text="Inside while it learns")
    expect(fold).to_be_visible(timeout=_LONG_MS)
    settle(page)
    assert not fold.locator(".js-plotly-plot").count()  # nothing is drawn before somebody wants to see it
    fold.locator("summary").press("Enter")
    expect(fold.get_by_text("Nothing conspicuous")).to_be_visible()
    titles = fold.locator(".js-plotly-plot .gtitle")
    expect(titles.last).to_have_text("Output")
    settle(page)
    fold.get_by_text("gradients", exact=True).click()
    expect(titles.first).to_have_text("Norm of each layer's gradient")
    expect(fold.locator(".legendtext")).to_have_text(["Dense 1", "Output"])
    choose(page, "Layer", "Output")
    expect(titles).to_have_text(["Norm of each layer's gradient", "Output"])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
