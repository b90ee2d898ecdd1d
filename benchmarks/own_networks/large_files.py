"""Large `.keras` files through the page Bring a network in a real browser: what it says, after how many seconds.

python -m benchmarks.own_networks.large_files

The files are made by Keras in a process of their own. The server is given time to load TensorFlow first, as it does
once after its start.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.report import print_heading, print_table
from tests.support.app_server import PROJECT, AppServer
from tests.support.chromium import chromium, new_page

_LONG_MS = 300_000
_WARM_MS = 45_000
# Units of the second dense layer, and what the page says in the end.
_FILES = ((1000, "not accepted"), (600, "at most 5,000,000"), (430, "The network was read"))
_MAKE = """
import sys, keras
for units in map(int, sys.argv[2:]):
    kinds = keras.layers
    layers = [kinds.Flatten(), kinds.Dense(4096, "relu"), kinds.Dense(units, "relu"), kinds.Dense(10, "softmax")]
    keras.Sequential([keras.Input((28, 28)), *layers]).save(f"{sys.argv[1]}/{units}.keras")
"""


def main() -> None:
    """Runs the program."""
    print_heading("Large files through the page Bring a network")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make = [sys.executable, "-c", _MAKE, str(folder), *(str(units) for units, _ in _FILES)]
        subprocess.run(make, cwd=PROJECT, check=True, capture_output=True)
        runs = folder / "runs"
        runs.mkdir()
        server = AppServer(runs).start()
        try:
            with chromium() as browser:
                page = new_page(browser)
                page.goto(f"{server.url}/bring_network")
                page.get_by_test_id("stFileUploader").first.wait_for(timeout=_LONG_MS)
                page.wait_for_timeout(_WARM_MS)
                rows = [_upload(page, folder / f"{units}.keras", answer) for units, answer in _FILES]
                start = time.perf_counter()
                page.get_by_role("button", name="Use this network").click()
                page.get_by_role("heading", name="Your networks").wait_for(timeout=_LONG_MS)
                rows.append(("the same: tested on 14,996 images and kept", "Your networks", _since(start)))
        finally:
            server.kill()
    print_table(("file", "the page says", "s"), rows)


def _upload(page: Page, file: Path, answer: str) -> tuple[str, str, str]:
    start = time.perf_counter()
    page.get_by_test_id("stFileUploader").first.locator("input").set_input_files(file)
    said = page.get_by_test_id("stAlert").filter(has_text=answer)
    said.wait_for(timeout=_LONG_MS)
    words = re.split(r"[;:] |\. ", said.inner_text().splitlines()[-1])[0]
    return f"{file.stat().st_size / 1e6:.1f} MB", words, _since(start)


def _since(start: float) -> str:
    return f"{time.perf_counter() - start:.1f}"


if __name__ == "__main__":
    main()
