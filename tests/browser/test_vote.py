"""Two networks vote on the test images and on a drawing, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support import sample_networks
from tests.support.app_server import AppServer
from tests.support.canvas import canvas_of, draw
from tests.support.fake_evaluations import answers
from tests.support.page_layout import settle

_LONG_MS = 120_000


def test_two_networks_vote_on_the_test_images_and_on_a_drawing(page: Page, own_server: AppServer) -> None:
    own_server.runs.mkdir(exist_ok=True)
    runs = [sample_networks.finished_run(sample_networks.DENSE, own_server.runs) for _ in range(2)]
    for seed, run in enumerate(runs):
        answers(300, seed).save(run.folder)
    page.goto(f"{own_server.url}/vote_together?runs={','.join(run.id for run in runs)}")
    expect(page.get_by_text("Accuracy of the vote", exact=True)).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text(re.compile(r"^The vote predicts \d+ test images? correctly that "))).to_be_visible(
        timeout=_LONG_MS
    )
    settle(page)
    expect(canvas_of(page)).to_have_count(1)
    draw(page, 7)
    # The vote and each of the two: the networks have random weights, so any digit may be their answer.
    expect(page.get_by_text(re.compile(r"^\d, .* sure on average$"))).to_be_visible(timeout=_LONG_MS)
    expect(page.get_by_text(re.compile(r"^\d, .* sure(, or .*)?$"))).to_have_count(2, timeout=_LONG_MS)

    page.get_by_role("radio", name="Majority").click()
    expect(page).to_have_url(re.compile("how=majority"))
    expect(page.get_by_text(re.compile(r"^\d, [12] of 2 networks$"))).to_be_visible(timeout=_LONG_MS)
