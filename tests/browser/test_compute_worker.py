"""The compute worker in a real server: killed while a page waits for it, and gone with a server that is killed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.app_server import AppServer

_LONG_MS = 300_000


def test_a_worker_killed_in_the_middle_of_a_saliency_map_is_explained_and_the_map_appears(
    page: Page, own_server: AppServer
) -> None:
    page.goto(f"{own_server.url}/explain_answer?run=pretrained")
    expect(page.get_by_text("Prediction: 7")).to_be_visible(timeout=_LONG_MS)
    chart = page.get_by_test_id("stPlotlyChart").filter(has_text="Saliency")
    expect(chart).to_be_visible(timeout=_LONG_MS)
    worker = own_server.compute_worker()
    worker.suspend()  # so that it is killed in the middle, however fast it is
    page.get_by_role("combobox", name="Explain the score of").click()
    page.get_by_role("option", name="3 (").click()
    expect(page.get_by_text("Computing the gradient of the score")).to_be_visible()
    worker.kill()
    expect(page.get_by_text("ended unexpectedly and is being started again").first).to_be_visible()
    expect(chart).to_be_visible(timeout=_LONG_MS)
    successor = own_server.compute_worker()
    assert successor.pid != worker.pid
    own_server.web_process.kill()
    successor.wait(10)
