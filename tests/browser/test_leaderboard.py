"""Two visitors of the leaderboard: what one enters, the other sees."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run
from tests.support.app_server import AppServer
from tests.support.chromium import new_page
from tests.support.page_layout import settle
from tests.sweeps.fake_runs import end, learn

_LONG_MS = 120_000
_NICKNAMES = ("<b>Ada</b> **1**", "Grace")  # shown as text, never as markup


def _enter(page: Page, run: str, nickname: str) -> None:
    page.get_by_role("button", name="Enter my run").click()
    chooser = page.get_by_role("combobox", name=re.compile("My run"))
    chooser.click()
    chooser.fill(run)
    page.get_by_role("option", name=re.compile(run)).click()
    expect(chooser).to_have_value(re.compile(run))
    field = page.get_by_label("Nickname", exact=True)
    field.fill(nickname)
    field.press("Tab")
    settle(page)
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.get_by_text(f"is on the board as {nickname}.")).to_be_visible(timeout=_LONG_MS)
    page.keyboard.press("Escape")


def _check_chosen(page: Page, run: str) -> None:
    """Checks that the run is still the chosen one: an entry whose text changes is no longer the one that was chosen."""
    page.get_by_role("button", name="Enter my run").click()
    expect(page.get_by_role("combobox", name=re.compile("My run"))).to_have_value(re.compile(run))
    page.keyboard.press("Escape")


def test_a_nickname_that_one_visitor_enters_appears_as_text_at_its_place_for_another(
    page: Page, own_server: AppServer, browser: Browser
) -> None:
    own_server.runs.mkdir(exist_ok=True)
    config = TrainingConfig(epochs=1, training_images=6_000, validation="last")
    runs = [create_run(PRESETS["mlp"], config, own_server.runs) for _ in range(2)]
    for run, accuracy in zip(runs, (0.70, 0.95), strict=True):
        learn(run, [accuracy])
        end(run, accuracy)
    address = f"{own_server.url}/rank_runs"
    page.goto(address)
    expect(page.get_by_text("No run is on the board under these rules.")).to_be_visible(timeout=_LONG_MS)
    other = new_page(browser)
    try:
        other.goto(address)
        expect(other.get_by_text("No run is on the board under these rules.")).to_be_visible(timeout=_LONG_MS)
        for run, nickname in zip(runs, _NICKNAMES, strict=True):
            _enter(page, run.id[-4:], nickname)
            # The other visitor does nothing: the board comes anew by itself.
            expect(other.get_by_role("heading", name=nickname, exact=True)).to_be_visible(timeout=_LONG_MS)
            _check_chosen(page, run.id[-4:])
        nicknames = other.get_by_role("heading", level=3).filter(has_text=re.compile("Ada|Grace"))
        expect(nicknames).to_have_text([_NICKNAMES[1], _NICKNAMES[0]], timeout=_LONG_MS)
        for place in ("1", "2"):
            expect(other.get_by_role("heading", name=place, level=2, exact=True)).to_be_visible(timeout=_LONG_MS)
        assert other.get_by_test_id("stException").count() == 0
    finally:
        other.context.close()
