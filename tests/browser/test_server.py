"""The server as a process: what it refuses to start with, how it ends, and how it knows a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.app_server import PROJECT, AppServer
from tests.support.train_form import settle, start_button


@pytest.mark.parametrize(
    ("variable", "value"), [("TRAINING_WORKERS", "two"), ("TRAINING_THREADS", "-1"), ("MAX_VISITS", "0")]
)
def test_impossible_settings_are_refused_in_a_sentence_when_the_server_starts(
    variable: str, value: str, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    ended = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.port=0"],
        cwd=PROJECT,
        env=os.environ | {variable: value, "RUNS_FOLDER": str(runs)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert f"{variable} must be a whole number from 1 to" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not runs.exists()


@pytest.mark.parametrize("moment", ["while the workers load TensorFlow", "after a training"])
def test_ctrl_c_ends_the_server_without_a_traceback_or_anything_left(moment: str, page: Page, tmp_path: Path) -> None:
    scratch = set(Path(tempfile.gettempdir()).glob("training-workers-*"))
    server = AppServer(tmp_path / "runs").start()
    page.goto(f"{server.url}/?network=mlp&epochs=1&training_images=1000")
    expect(start_button(page)).to_be_visible()
    if moment == "after a training":
        settle(page)
        start_button(page).click()
        expect(page.get_by_text("Test accuracy", exact=True)).to_be_visible(timeout=120_000)
    else:
        page.wait_for_timeout(2_000)
    processes = [server.web_process, *server.web_process.children(recursive=True)]
    server.stop()
    assert not any(process.is_running() and process.status() != "zombie" for process in processes)
    assert "Traceback" not in server.log
    assert "cuInit" not in server.log
    assert set(Path(tempfile.gettempdir()).glob("training-workers-*")) == scratch


def _cookie(context: BrowserContext) -> Any:
    (cookie,) = [each for each in context.cookies() if each.get("name") == "visitor"]
    return cookie


def test_a_browser_gets_one_cookie_that_no_script_reads_and_keeps_it(browser: Browser, app_url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(app_url)
    cookie = _cookie(context)
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    assert re.fullmatch(r"[\w-]{43}", cookie["value"])
    page.goto(f"{app_url}/draw")
    assert _cookie(context)["value"] == cookie["value"]
    context.add_cookies([{"name": "visitor", "value": "../../etc", "url": app_url}])
    page.goto(app_url)
    assert re.fullmatch(r"[\w-]{43}", _cookie(context)["value"])
    context.close()
