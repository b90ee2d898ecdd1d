"""The page Upload a picture: every file gets an answer or a clear message."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from model_lib.datasets.loading import load_dataset
from tests.support.answer_panel import names_of, panel_data
from tests.support.app_server import PROJECT
from ui.shared import selection
from ui.shared.visit import key_of


def open_page() -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60).run()
    app.switch_page("pages/upload_picture.py").run()
    assert not app.exception
    return app


def own_image(app: AppTest) -> np.ndarray:
    return app.session_state[key_of(selection._OwnImages)].pixels[selection.UploadedImage()]


def text_of(app: AppTest) -> str:
    return " ".join(str(element.value) for element in app.markdown)


def upload(content: bytes, name: str = "digit.png") -> AppTest:
    app = open_page()
    app.file_uploader(key="picture_file").upload(name, content, "image/png").run()
    assert not app.exception
    return app


def as_file(picture: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, file_format, **options)
    return stream.getvalue()


def paper(index: int, is_dark_on_light: bool = True) -> Image.Image:
    """Returns an MNIST test digit as a large picture with paper around it."""
    ink = np.kron(np.pad(load_dataset("mnist").test.images[index], 6), np.ones((8, 8))).astype(np.uint8)
    return Image.fromarray(255 - ink if is_dark_on_light else ink)


def number_on_paper(indices: Sequence[int] = (0, 1, 2)) -> Image.Image:
    """Returns MNIST test digits side by side as a large picture with paper around them."""
    return Image.fromarray(np.hstack([np.asarray(paper(index)) for index in indices]))


# The first test images of MNIST: a clear 7, 2, 1 and 0.
CLEAR = {0: 7, 1: 2, 2: 1, 3: 0}


@pytest.mark.parametrize(("index", "label"), CLEAR.items())
def test_a_picture_is_read_dark_on_light_and_light_on_dark(index: int, label: int) -> None:
    for is_dark_on_light in (True, False):
        assert names_of(upload(as_file(paper(index, is_dark_on_light)))) == [str(label)]


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
def test_other_formats_are_read_too(file_format: str) -> None:
    assert names_of(upload(as_file(paper(0), file_format))) == ["7"]


def test_a_picture_in_printers_colours_is_read() -> None:
    assert names_of(upload(as_file(paper(0).convert("CMYK"), "JPEG"), "digit.jpg")) == ["7"]


def test_of_an_animation_the_first_picture_is_read() -> None:
    content = as_file(paper(0), "WEBP", save_all=True, append_images=[paper(1)])
    assert names_of(upload(content, "digit.webp")) == ["7"]


def test_a_transparent_picture_is_read() -> None:
    ink = Image.fromarray(255 - np.asarray(paper(0)))
    see_through = Image.merge("LA", (Image.new("L", ink.size, 0), ink))
    assert names_of(upload(as_file(see_through))) == ["7"]


def _strip(width: int, height: int) -> Image.Image:
    """Returns a white picture with a black box of a third of its width and height in its middle."""
    grey = np.full((height, width), 255, np.uint8)
    grey[height // 3 : 2 * height // 3 + 1, width // 3 : 2 * width // 3 + 1] = 0
    return Image.fromarray(grey)


def _bomb() -> bytes:
    """Returns a PNG that claims 20,000 x 20,000 pixels in a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (as_file(Image.new("L", (1, 1))), "at least"),
        # With a box in the middle: what stands out went on to be shown, less than one pixel high.
        (as_file(_strip(5_000, 8)), "40 times as long as wide"),
        (as_file(_strip(8, 5_000)), "40 times as long as wide"),
        (as_file(_strip(1, 20_000)), "at least"),
        (_bomb(), "at most"),
        (b"this is no picture", "no PNG, JPEG or WebP"),
        (as_file(Image.new("L", (200, 200), 255)), "Nothing stands out"),
        (b"", ""),
    ],
)
def test_what_cannot_be_read_is_said_in_the_page(content: bytes, word: str) -> None:
    app = upload(content)
    assert [error for error in app.error if word in error.value]
    assert names_of(app) == []
    assert "sure" not in text_of(app)


def test_a_photograph_by_the_camera_is_read() -> None:
    app = open_page()
    app.button_group(key="picture_from").set_value("Camera").run()
    app.camera_input(key="photograph").set_value(("photo.jpg", as_file(paper(0), "JPEG"), "image/jpeg")).run()
    assert not app.exception
    assert names_of(app) == ["7"]


def test_digits_side_by_side_are_read_as_a_number_each_with_how_sure_the_network_is() -> None:
    app = upload(as_file(number_on_paper()))
    assert names_of(app) == ["721"]
    (answer,) = panel_data(app)["answers"]["answers"]
    for part, digit in zip(answer["parts"], "721", strict=True):
        assert re.fullmatch(rf"{digit}, (> )?\d+\.\d %", part["caption"])


def test_a_number_can_be_read_as_one_image() -> None:
    app = upload(as_file(number_on_paper()))
    app.toggle(key="picture_as_number").set_value(False).run()
    assert not app.exception
    assert len(names_of(app)[0]) == 1
    assert own_image(app)[:, 14:].any()


def test_a_single_digit_has_no_choice_of_a_number() -> None:
    app = upload(as_file(paper(0)))
    assert not app.main.toggle
    assert names_of(app) == ["7"]


def test_the_digit_looked_at_is_the_image_of_all_pages() -> None:
    app = upload(as_file(number_on_paper((0, 3))))
    alone = own_image(upload(as_file(paper(0)))), own_image(upload(as_file(paper(3))))

    def likeness(image: np.ndarray, other: np.ndarray) -> float:
        return float(np.corrcoef(image.ravel(), other.ravel())[0, 1])

    assert likeness(own_image(app), alone[0]) > 0.95 > likeness(own_image(app), alone[1])
    app.button_group(key="picture_digit_of_2").set_value(1).run()
    assert not app.exception
    assert likeness(own_image(app), alone[1]) > 0.95 > likeness(own_image(app), alone[0])


def test_a_picture_of_one_digit_after_one_of_three_is_read_as_one() -> None:
    app = upload(as_file(number_on_paper()))
    app.button_group(key="picture_digit_of_3").set_value(2).run()
    app.file_uploader(key="picture_file").upload("two.png", as_file(paper(1)), "image/png").run()
    assert not app.exception
    assert names_of(app) == ["2"]


def test_the_picture_becomes_the_image_of_all_pages() -> None:
    app = upload(as_file(paper(0)))
    assert app.query_params["image"] in ("upload", ["upload"])
    assert own_image(app).shape == (28, 28)


@pytest.mark.parametrize("size", [(320, 8), (8, 320), (4_000, 100), (9, 8)])
def test_a_narrow_picture_is_answered_or_refused_in_words(size: tuple[int, int]) -> None:
    app = upload(as_file(_strip(*size)))
    assert app.error or names_of(app)


def test_a_picture_that_is_taken_back_takes_its_answer_with_it() -> None:
    app = upload(as_file(paper(0)))
    app.file_uploader(key="picture_file").set_value([]).run()
    assert names_of(app) == []
    assert "sure" not in text_of(app)
    # Other pages may go on speaking of it.
    assert own_image(app).shape == (28, 28)


def test_a_bad_picture_after_a_good_one_has_no_answer_and_a_good_one_after_it_no_error() -> None:
    app = upload(as_file(paper(0)))
    uploader = app.file_uploader(key="picture_file")
    uploader.upload("broken.png", b"no picture", "image/png").run()
    assert app.error
    assert names_of(app) == []
    assert "sure" not in text_of(app)
    app.file_uploader(key="picture_file").upload("two.png", as_file(paper(1)), "image/png").run()
    assert not app.error
    assert names_of(app) == ["2"]


NAMES = {
    "HTML": "<img src=x onerror=alert(1)>.png",
    "LaTeX": "$x^2$ $$\\frac{1}{2}$$.png",
    "Markdown": "**b** [l](http://example.org) :red[r] `c`.png",
    "long": "x" * 10_000 + ".png",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_back_from_another_page_the_last_picture_is_named_as_plain_text(name: str) -> None:
    app = upload(as_file(paper(0)), name)
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/upload_picture.py").run()
    assert names_of(app) == ["7"]
    (text,) = app.text  # an element that shows what it is given, unlike Markdown
    assert name[:30] in text.value
    assert len(text.value) < 120
    assert name[:30] not in text_of(app)
