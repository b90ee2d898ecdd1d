"""What a visitor does on the Train page, in a real browser, with real trainings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from model_lib.runs import list_runs
from tests.support.app_server import AppServer
from tests.support.canvas import draw, expect_answer, reach_the_canvas
from tests.support.train_form import choose, enter, open_fold, settle, start_button

_LONG_MS = 300_000


@pytest.fixture(scope="module")
def mortal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server for the tests that kill it or a part of it."""
    server = AppServer(tmp_path_factory.mktemp("mortal") / "runs").start()
    yield server
    server.stop()


def _curve(page: Page) -> Locator:
    return page.locator(".js-line").first


def _metric(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def _start_long_run(page: Page, url: str) -> None:
    """Starts a training that nobody waits for, and returns when it has learnt for a while."""
    page.goto(f"{url}/?network=mlp&epochs=50")
    expect(start_button(page)).to_be_visible(timeout=_LONG_MS)
    settle(page)
    start_button(page).click()
    expect(_curve(page)).to_be_attached(timeout=_LONG_MS)
    expect(page.get_by_text(re.compile(r"Epoch ([2-9]|\d\d) of 50"))).to_be_visible(timeout=_LONG_MS)


def test_a_newcomer_presses_one_button_and_sees_a_network_learn(page: Page, app_url: str) -> None:
    # A tenth of the images: what all of them reach is printed by `benchmarks.training.race`.
    page.goto(f"{app_url}/?training_images=6000")
    start_button(page).click()
    expect(_curve(page)).to_be_attached(timeout=_LONG_MS)
    first = _curve(page).get_attribute("d")
    expect(_curve(page)).not_to_have_attribute("d", first or "", timeout=_LONG_MS)
    expect(_metric(page, "Test accuracy")).to_have_text(re.compile(r"9\d\.\d\d %"), timeout=_LONG_MS)
    # Loss and accuracy, in training and in validation.
    expect(page.locator(".scatterlayer .js-line")).to_have_count(4)


def test_five_quick_clicks_start_one_training_whose_curves_come_into_view(
    page: Page, app_url: str, runs_folder: Path
) -> None:
    known = len(list_runs(runs_folder))
    page.set_viewport_size({"width": 1400, "height": 700})
    page.goto(app_url)
    start_button(page).click(click_count=5, delay=40)
    expect(page.get_by_role("heading", name="Fast network")).to_be_in_viewport(timeout=_LONG_MS)
    expect(_curve(page)).to_be_attached(timeout=_LONG_MS)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(_metric(page, "Test accuracy")).to_be_visible(timeout=_LONG_MS)
    assert len(list_runs(runs_folder)) == known + 1
    settle(page)
    choose(page, "Network", "Dense network (mlp)")
    settle(page)
    start_button(page).click(click_count=3, delay=40)
    expect(page.get_by_role("heading", name="Dense network")).to_be_in_viewport(timeout=_LONG_MS)
    settle(page)
    assert len(list_runs(runs_folder)) == known + 2


def test_the_dense_network_reads_97_per_cent_after_two_epochs(page: Page, app_url: str) -> None:
    page.goto(app_url)
    choose(page, "Network", "Dense network (mlp)")
    enter(page, "Epochs", "2")
    open_fold(page, "More settings")
    # At a constant rate two epochs end at 96.9 % on average, in plain Keras too; one cycle makes the most of them.
    choose(page, "Learning-rate schedule", "one cycle: up, then down")
    enter(page, "Learning rate", "0.003")
    start_button(page).click()
    value = _metric(page, "Test accuracy")
    expect(value).to_be_visible(timeout=_LONG_MS)
    assert float(value.inner_text().rstrip(" %")) >= 97.0


def test_a_run_can_be_paused_resumed_and_stopped_and_survives_a_reload(
    page: Page, browser: Browser, app_url: str
) -> None:
    _start_long_run(page, app_url)
    page.reload()
    expect(_curve(page)).to_be_attached(timeout=_LONG_MS)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused. Resume goes on exactly where it was.")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 50 · step"))).to_be_visible(timeout=_LONG_MS)

    # A second visitor follows the link, sees the same training, and stops it: the first one sees that.
    other = browser.new_page()
    other.goto(page.url)
    expect(_curve(other)).to_be_attached(timeout=_LONG_MS)
    other.get_by_role("button", name="Stop", exact=True).click()
    expect(_metric(other, "Test accuracy")).to_be_visible(timeout=_LONG_MS)
    expect(_metric(page, "Test accuracy")).to_be_visible(timeout=_LONG_MS)
    other.close()


def test_a_second_run_waits_in_the_queue_and_the_page_says_where(page: Page, app_url: str) -> None:
    _start_long_run(page, app_url)
    running = page.url
    open_fold(page, "More settings")
    enter(page, "Random seed", "2")  # the very same training is not started twice
    start_button(page).click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.goto(running)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(_metric(page, "Test accuracy")).to_be_visible(timeout=_LONG_MS)


def test_the_curves_keep_the_zoom_and_the_history_can_be_saved(page: Page, app_url: str) -> None:
    page.goto(app_url)
    choose(page, "Network", "Dense network (mlp)")
    open_fold(page, "More settings")
    enter(page, "Training images", "2000")
    start_button(page).click()
    expect(_metric(page, "Test accuracy")).to_be_visible(timeout=_LONG_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Learning curves as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0].startswith("epoch,loss,accuracy")
    assert len(lines) == 6
    with page.expect_download() as download:
        page.locator(".modebar-btn[data-title*='Download plot']").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_killed_worker_is_seen_on_the_page(page: Page, mortal_server: AppServer) -> None:
    _start_long_run(page, mortal_server.url)
    run = list_runs(mortal_server.runs)[0]
    for worker in mortal_server.workers():
        worker.kill()
    expect(page.get_by_text("The process that trained this network is gone")).to_be_visible(timeout=5_000)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 50 · step"))).to_be_visible(timeout=_LONG_MS)
    run.stop()
    expect(_metric(page, "Test accuracy")).to_be_visible(timeout=_LONG_MS)


def test_a_killed_server_leaves_no_process_and_after_its_restart_nothing_is_missing(
    page: Page, mortal_server: AppServer
) -> None:
    known = list_runs(mortal_server.runs)
    reach_the_canvas(page, mortal_server.url)
    draw(page, 4)
    expect_answer(page, 4)
    page.locator(".st-key-keep_as").get_by_text("4", exact=True).click()
    expect(page.get_by_text("Kept as a 4")).to_be_visible()
    _start_long_run(page, mortal_server.url)
    (run,) = [each for each in list_runs(mortal_server.runs) if each not in known]
    open_fold(page, "More settings")
    enter(page, "Random seed", "2")
    start_button(page).click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.goto(f"{mortal_server.url}/map_images?run=pretrained")
    expect(page.get_by_text("Computing embeddings of 10,000 test images")).to_be_visible(timeout=_LONG_MS)
    assert run.state == "running"
    mortal_server.kill()  # while it trains, computes and has a run in the queue

    queued, first = [each for each in list_runs(mortal_server.runs) if each not in known]
    assert first.id == run.id
    assert (first.state, queued.state) == ("interrupted", "interrupted")
    epochs = len(run.epochs_done)
    mortal_server.start()
    page.goto(f"{mortal_server.url}/my_digits")
    expect(page.get_by_role("img", name="Your 4")).to_have_count(1)
    for interrupted in (queued, run):
        page.goto(f"{mortal_server.url}/?run={interrupted.id}")
        expect(page.get_by_text("The process that trained this network is gone")).to_be_visible()
        expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(_curve(page)).to_be_attached()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 50 · step"))).to_be_visible(timeout=_LONG_MS)
    assert len(run.epochs_done) >= epochs
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(_metric(page, "Test accuracy")).to_be_visible(timeout=_LONG_MS)


def test_the_examples_of_an_augmentation_change_with_its_settings(page: Page, app_url: str) -> None:
    page.goto(app_url)
    examples = page.get_by_role("img", name="Ten pairs of images")
    expect(page.get_by_role("spinbutton", name="Epochs", exact=True)).to_be_visible()
    expect(examples).to_have_count(0)
    open_fold(page, "More settings")
    choose(page, "Augmentation", re.compile("^handwriting"))
    expect(examples).to_be_visible()
    seen = [_loaded(examples)]
    for label, value in (
        ("Tremor of the pen, pixels", "1.2"),
        ("Other forms of 0, 1, 7, 9 (allographs), per cent", "100"),
        ("Augmentation strength, per cent", "0"),
    ):
        enter(page, label, value)
        expect(examples).not_to_have_attribute("src", seen[-1])
        seen.append(_loaded(examples))
    page.get_by_role("button", name="Other examples").click()
    expect(examples).not_to_have_attribute("src", seen[-1])
    seen.append(_loaded(examples))
    assert len(set(seen)) == len(seen)
    enter(page, "Tremor of the pen, pixels", "7")
    expect(examples).to_have_count(0)
    expect(page.get_by_text('"Tremor of the pen, pixels" must be a number from 0 to 1.5.')).to_be_visible()


def _loaded(image: Locator) -> str:
    """Returns the address of an image that the browser has loaded."""
    image.evaluate("image => image.decode()")
    address = image.get_attribute("src")
    assert address
    return address
