"""The uploader in a real browser: what is shown belongs to the file that it names, also where it refuses one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.test_upload_picture import as_file, number_on_paper, paper
from tests.support.app_server import AppServer

ANSWER = re.compile(r"^\d, (> )?\d+\.\d % sure(, or \d \(\d+\.\d %\))?$")


@pytest.fixture
def upload_page(page: Page, app_url: str) -> Page:
    """The page Upload a picture."""
    page.goto(app_url)
    page.get_by_role("link", name="Upload a picture", exact=True).click()
    expect(page.get_by_test_id("stFileUploader")).to_be_visible(timeout=60_000)
    return page


def choose_file(page: Page, name: str, content: bytes, kind: str = "image/png") -> None:
    file = {"name": name, "mimeType": kind, "buffer": content}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)


def expect_one_file(page: Page, name: str) -> None:
    expect(page.get_by_test_id("stFileChipName")).to_have_count(1)
    expect(page.get_by_test_id("stFileChipName")).to_have_attribute("title", name)


def answers_of(page: Page) -> Locator:
    """The sentences beside the ten bars, not those of the ways of preprocessing."""
    return page.locator(".sentence").filter(has_text=ANSWER)


def expect_answer(page: Page, digit: int) -> None:
    expect(answers_of(page)).to_have_text([re.compile(rf"^{digit}, ")], timeout=90_000)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_what_is_shown_belongs_to_the_file_that_the_uploader_names(upload_page: Page) -> None:
    refused = {
        "notes.txt": (b"a text", "text/plain", "This file was not accepted"),
        "large.png": (bytes(10 * 1024 * 1024 + 1), "image/png", "This file was not accepted"),
        "broken.png": (b"no picture", "image/png", "no PNG, JPEG or WebP"),
        "strip.png": (as_file(paper(0).resize((5000, 8))), "image/png", "40 times as long as wide"),
    }
    for name, (content, kind, words) in refused.items():
        choose_file(upload_page, "seven.png", as_file(paper(0)))
        expect_answer(upload_page, 7)
        expect_one_file(upload_page, "seven.png")
        choose_file(upload_page, name, content, kind)
        expect(upload_page.get_by_text(words)).to_be_visible()
        expect_one_file(upload_page, name)
        expect(answers_of(upload_page)).to_have_count(0)
        choose_file(upload_page, "two.png", as_file(paper(1)))
        expect_answer(upload_page, 2)
        expect_one_file(upload_page, "two.png")


def test_streamlit_alone_leaves_a_refused_file_beside_the_former_one(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")
    script = tmp_path / "app" / "app.py"
    script.parent.mkdir()
    script.write_text('import streamlit as st\nst.file_uploader("A picture", type="png")\n')
    (tmp_path / "runs").mkdir()
    server = AppServer(tmp_path / "runs", script).start()
    try:
        page.goto(server.url)
        choose_file(page, "seven.png", as_file(paper(0)))
        expect(page.get_by_test_id("stFileChip")).to_have_count(1)
        choose_file(page, "notes.txt", b"a text", "text/plain")
        refused = page.locator("[data-testid=stFileChip][aria-invalid=true]")
        expect(refused).to_have_count(1)
        expect(page.get_by_test_id("stFileChip"), "newest_file_is_refused may go").to_have_count(2)
    finally:
        server.stop()


def test_a_name_that_looks_like_a_page_is_shown_as_text(upload_page: Page) -> None:
    upload_page.on("dialog", lambda dialog: pytest.fail(f"The name was run: {dialog.message}"))
    name = "<img src=x onerror=alert(1)> $x^2$ **b** [l](http:).png"
    choose_file(upload_page, name, as_file(paper(0)))
    expect_answer(upload_page, 7)
    expect_one_file(upload_page, name)
    upload_page.get_by_role("link", name="Train a network", exact=True).click()
    expect(upload_page.get_by_role("heading", name="Train a network", exact=True)).to_be_visible()
    upload_page.get_by_role("link", name="Upload a picture", exact=True).click()
    expect(upload_page.get_by_text(f"Your last picture: {name}", exact=True)).to_be_visible()
    expect_answer(upload_page, 7)


def test_a_picture_with_three_digits_is_read_as_a_number(upload_page: Page) -> None:
    choose_file(upload_page, "number.png", as_file(number_on_paper()))
    expect(upload_page.get_by_text("721, predicted digit by digit", exact=True)).to_be_visible(timeout=90_000)
    for digit in "721":
        expect(upload_page.get_by_role("img", name=f"A part of the drawing, predicted as {digit}")).to_be_visible()
    upload_page.get_by_test_id("stButtonGroup").get_by_text("3", exact=True).click()
    framings = upload_page.get_by_test_id("stMarkdown").get_by_text(ANSWER)
    expect(framings).to_have_count(4)
    expect(framings.last).to_have_text(re.compile("^1, "))
    upload_page.get_by_text("Several digits: read them as a number", exact=True).click()
    expect(upload_page.get_by_text("721, predicted digit by digit", exact=True)).to_have_count(0)
    expect(answers_of(upload_page)).to_have_count(1)
