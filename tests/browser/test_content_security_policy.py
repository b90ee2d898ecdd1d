"""Clicks and files under the Content Security Policy: what pages need works, and nothing comes from anywhere else.

That each page opens under it is seen where all are opened: `test_every_page.py`.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from model_lib.datasets.loading import load_dataset
from model_lib.datasets.user_digits import UserDigitSet
from model_lib.storage.run import Run
from tests.browser.test_upload_picture import choose_file, expect_answer
from tests.pages.test_upload_picture import as_file, paper
from tests.support.chromium import new_page
from tests.support.fake_evaluations import answers
from tests.support.page_layout import settle
from tests.support.policy_watch import PolicyWatch
from tests.support.sample_networks import ALL_KINDS, finished_run


@pytest.fixture
def run(runs_folder: Path) -> Run:
    """A finished run with all kinds of layers, and with mistakes to look at."""
    run = finished_run(ALL_KINDS, runs_folder)
    answers(300).save(run.folder)
    return run


def _saved(page: Page, button: Locator) -> bytes:
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()).read_bytes()


# The page `page` is watched: at its end nothing may have violated the policy or asked another host.
def test_clicks_views_and_downloads_of_the_mistakes_work_under_the_policy(page: Page, app_url: str, run: Run) -> None:
    page.goto(f"{app_url}/review_mistakes?run={run.id}")
    cells = page.get_by_test_id("stPlotlyChart").first.locator(".scatterlayer .point")
    expect(cells.first).to_be_attached()
    settle(page)
    assert b"prediction" in _saved(page, page.get_by_role("button", name="Matrix as CSV"))
    matrix = page.get_by_test_id("stPlotlyChart").first
    matrix.hover()
    picture = _saved(page, matrix.locator(".modebar-btn[data-title*='Download plot']"))
    assert Image.open(io.BytesIO(picture)).format == "PNG"
    box = cells.nth(1).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile("label=0"))
    for view in ("One image", "Class by class", "Calibration", "Doubtful labels"):
        page.get_by_test_id("stMain").get_by_role("radio", name=view).click()
        settle(page)
        expect(page.get_by_test_id("stPlotlyChart").or_(page.get_by_test_id("stDataFrame")).first).to_be_visible()


def test_pictures_photographs_and_digits_come_and_go_under_the_policy(
    page: Page, app_url: str, runs_folder: Path
) -> None:
    page.goto(f"{app_url}/upload_picture?run=pretrained")
    choose_file(page, "seven.png", as_file(paper(0)))
    expect_answer(page, 7)
    page.get_by_role("radio", name="Camera").click()
    page.wait_for_function("() => document.querySelector('video')?.videoWidth > 0")
    last = page.get_by_text("Your last picture: seven.png")
    expect(last).to_be_visible()
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_role("button", name="Clear photo")).to_be_visible()
    expect(last).to_have_count(0)  # the photograph has taken its place

    test = load_dataset("mnist").test
    collection = UserDigitSet(runs_folder.parent / "digits" / "abcdefabcdef")
    collection.add(test.images[0], int(test.labels[0]))
    page.goto(f"{app_url}/my_digits?digits={collection.folder.name}")
    expect(page.get_by_role("img", name="Your 7")).to_be_visible()
    digits = _saved(page, page.get_by_role("button", name="Export as .npz"))
    assert np.load(io.BytesIO(digits))["labels"].tolist() == [7]
    choose_file(page, "my_digits.npz", digits, "application/octet-stream")
    page.get_by_role("button", name="Add these digits").click()
    expect(page.get_by_text("This digit is there already")).to_be_visible()


_ASK_ELSEWHERE = """async () => {
    const picture = new Image();
    picture.src = "http://elsewhere.invalid/picture.png";
    const script = document.createElement("script");
    script.textContent = "window.hasRun = true";
    document.head.append(picture, script);
    // Later: Playwright allows `eval` while it evaluates this.
    setTimeout(() => { try { eval("window.hasRun = true") } catch {} });
    await fetch("http://elsewhere.invalid/").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    return window.hasRun === undefined;
}"""


def test_what_comes_from_elsewhere_is_blocked_and_the_watch_over_all_these_tests_sees_it(
    browser: Browser, app_url: str
) -> None:
    page = new_page(browser)
    watch = PolicyWatch(page.context)
    page.goto(app_url)
    expect(page.get_by_role("heading", name="Train a network", exact=True)).to_be_visible()
    watch.check()
    assert page.evaluate(_ASK_ELSEWHERE)
    for directive in ("img-src", "script-src-elem", "connect-src", "blocked eval"):
        for _ in range(300):  # a busy machine reports late
            if any(directive in violation for violation in watch.violations):
                break
            page.wait_for_timeout(100)
        assert any(directive in violation for violation in watch.violations), (directive, watch.violations)
    with pytest.raises(AssertionError):
        watch.check()
    page.context.close()
