"""Pictures of all pages in all display modes, with their heights, their smallest letters and what is cut off.

python -m benchmarks.pages.screenshots OUT
python -m benchmarks.pages.screenshots OUT --pages "" draw --modes phone dark --whole
python -m benchmarks.pages.screenshots OUT --sheet docs/pages.png --training docs/train.png

Needs Playwright and a Chromium. The network is the bundled one; the digit of Draw is drawn with the mouse.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.pages.browser import WAIT_MS, temporary_server
from benchmarks.report import print_heading, print_table
from tests.support.chromium import chromium
from tests.support.page_layout import cut_texts, page_height, settle, text_sizes
from tests.support.pages import ADDRESSES, open_page


@dataclass(frozen=True)
class _Mode:
    """A window of a visitor; `zoom` is the browser's, as a factor."""

    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    zoom: float = 1.0


_MODES: Final = {
    "laptop": _Mode(1400, 900),
    "dark": _Mode(1400, 900, "dark"),
    "projector": _Mode(1920, 1080),
    "projector-dark": _Mode(1920, 1080, "dark"),
    "tablet": _Mode(800, 1100),
    "phone": _Mode(390, 844),
    "phone-dark": _Mode(390, 844, "dark"),
    "zoom": _Mode(1400, 900, zoom=2.0),
}
# Page and mode of each picture of the sheet, in its order.
_SHEET: Final = (
    ("", "laptop"),
    ("draw", "laptop"),
    ("look_inside", "laptop"),
    ("see_filters", "dark"),
    ("explain_answer", "dark"),
    ("review_mistakes", "dark"),
    ("browse_data", "projector"),
    ("map_images", "projector"),
    ("switch_off_filters", "projector-dark"),
    ("draw", "phone"),
    ("look_inside", "phone-dark"),
    ("review_mistakes", "phone"),
)
_TILE: Final = (700, 450)
_COLUMNS: Final = 3


def _visit(browser: Browser, url: str, address: str, mode: _Mode) -> Page:
    context = browser.new_context(
        viewport={"width": round(mode.width / mode.zoom), "height": round(mode.height / mode.zoom)},
        device_scale_factor=mode.zoom,
        color_scheme=mode.scheme,
    )
    page = context.new_page()
    open_page(page, url, address)
    return page


def _picture(page: Page, file: Path, *, whole: bool) -> None:
    size = page.viewport_size
    assert size is not None
    if whole:
        page.set_viewport_size({"width": size["width"], "height": min(page_height(page) + 80, 12_000)})
        settle(page)
    page.screenshot(path=file)
    page.set_viewport_size(size)


def _training(browser: Browser, url: str, file: Path) -> None:
    """Takes the Train page with the curves of a training after its second epoch."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(url)
    page.get_by_role("button", name="Start", exact=True).click(timeout=WAIT_MS)
    page.get_by_text("Epoch 3 of").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(1500)
    page.screenshot(path=file)
    page.context.close()
    Image.open(file).convert("RGB").quantize(128).save(file, optimize=True)


def _sheet(folder: Path, file: Path) -> None:
    """Puts the pictures of the sheet on one image."""
    rows = -(-len(_SHEET) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _TILE[0], rows * _TILE[1]), "#808890")
    for place, (address, mode) in enumerate(_SHEET):
        picture = Image.open(folder / f"{address or 'train'}-{mode}.png").convert("RGB")
        picture.thumbnail((_TILE[0] - 10, _TILE[1] - 10), Image.Resampling.LANCZOS)
        left, top = place % _COLUMNS * _TILE[0], place // _COLUMNS * _TILE[1]
        sheet.paste(picture, (left + (_TILE[0] - picture.width) // 2, top + (_TILE[1] - picture.height) // 2))
    sheet.quantize(255).save(file, optimize=True)


def main() -> None:
    """Takes the pictures, and prints a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    parser.add_argument("--pages", nargs="+", default=ADDRESSES, choices=ADDRESSES)
    parser.add_argument("--modes", nargs="+", default=tuple(_MODES), choices=tuple(_MODES))
    parser.add_argument("--whole", action="store_true", help="the whole length of each page, not one screen")
    parser.add_argument("--sheet", type=Path, help="only the twelve most telling ones, and all of them on one picture")
    parser.add_argument("--training", type=Path, help="also a picture of the Train page while a network learns")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    with temporary_server() as server, chromium() as browser:
        shown = _SHEET if options.sheet else itertools.product(options.pages, options.modes)
        for address, name in shown:
            page = _visit(browser, server.url, address, _MODES[name])
            smallest = next(iter(text_sizes(page).items()))
            height, cut = page_height(page), cut_texts(page)
            _picture(page, options.out / f"{address or 'train'}-{name}.png", whole=options.whole)
            letters = f"{smallest[0]} {smallest[1][:2]}"
            rows.append((address or "train", name, f"{height:,}", letters, ", ".join(cut[:3])))
            print(*rows[-1], sep=" | ", flush=True)
            page.context.close()
        if options.training:
            _training(browser, server.url, options.training)
    print_heading("Pages")
    print_table(("page", "mode", "height, px", "smallest letters, px", "cut off"), rows)
    if options.sheet:
        _sheet(options.out, options.sheet)


if __name__ == "__main__":
    main()
