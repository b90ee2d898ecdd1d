"""Uploaded pictures: made with Pillow from real MNIST digits, and every way in which a file can be bad."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from model_lib.datasets.loading import load_dataset
from model_lib.drawing.photos import LARGEST_BYTES, PictureError, frame_picture, read_picture

_DIGITS = load_dataset("mnist").train.images[:8]


def _page(digit: np.ndarray, top: int = 90, left: int = 200) -> np.ndarray:
    """Returns (400, 500), 0 to 1: a digit of 168 x 168 pixels somewhere on an empty page."""
    page = np.zeros((400, 500))
    large = Image.fromarray(digit).resize((168, 168), Image.Resampling.BILINEAR)
    page[top : top + 168, left : left + 168] = np.asarray(large) / 255
    return page


def _bytes(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def _grey(brightness: np.ndarray) -> Image.Image:
    return Image.fromarray(np.uint8(np.clip(brightness, 0, 1) * 255))


def _is_like(content: bytes, digit: np.ndarray) -> bool:
    """Says whether the framed picture shows the digit: their pixels rise and fall together."""
    image = frame_picture(content, "centred").image
    best = 0.0
    for down in (-1, 0, 1):  # a blurred edge may move the whole-pixel placement by one
        for across in (-1, 0, 1):
            moved = np.roll(image, (down, across), (0, 1))
            best = max(best, float(np.corrcoef(moved.ravel(), digit.ravel())[0, 1]))
    return best > 0.9


@pytest.mark.parametrize("digit", _DIGITS)
def test_dark_on_light_and_light_on_dark_are_found_out(digit: np.ndarray) -> None:
    page = _page(digit)
    assert _is_like(_bytes(_grey(0.9 - 0.7 * page)), digit)
    assert _is_like(_bytes(_grey(0.1 + 0.7 * page)), digit)


@pytest.mark.parametrize("digit", _DIGITS[:4])
def test_uneven_light_and_noise_do_not_matter(digit: np.ndarray) -> None:
    y, x = np.mgrid[0:400, 0:500]
    light = 0.95 - 0.4 * (x / 500) ** 2 - 0.2 * y / 400
    noise = np.random.default_rng(1).normal(0, 0.02, light.shape)
    photograph = light * (1 - 0.55 * _page(digit)) + noise
    # The page's dark corner is darker than the ink in the light corner would be: no single threshold can do it.
    assert light.min() < 0.95 * (1 - 0.55) + 0.1
    assert _is_like(_bytes(_grey(photograph), "JPEG", quality=70), digit)


def test_every_kind_of_file_gives_the_same_digit() -> None:
    digit = _DIGITS[0]
    grey = _grey(0.9 - 0.8 * _page(digit))
    pictures = [
        _bytes(grey.convert("RGB"), "JPEG"),
        _bytes(grey.convert("CMYK"), "JPEG"),
        _bytes(grey, "WEBP"),
        _bytes(grey.convert("1", dither=Image.Dither.NONE)),
        _bytes(grey.convert("P")),
        _bytes(grey.convert("LA")),
        _bytes(Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)),
        _bytes(grey, save_all=True, append_images=[Image.new("L", grey.size, 255)]),
        _bytes(grey, "WEBP", save_all=True, append_images=[Image.new("L", grey.size, 255)]),
    ]
    assert all(_is_like(content, digit) for content in pictures)


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_a_transparent_page_is_found(ink: int) -> None:
    page = _page(_DIGITS[1])
    layers = np.full((*page.shape, 4), ink, np.uint8)
    layers[..., 3] = np.uint8(page * 255)
    assert _is_like(_bytes(Image.fromarray(layers)), _DIGITS[1])


def test_a_photograph_is_turned_upright_as_the_camera_noted() -> None:
    turned = _grey(0.9 - 0.8 * _page(_DIGITS[2])).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise when shown
    assert _is_like(_bytes(turned, "JPEG", exif=exif), _DIGITS[2])
    assert not _is_like(_bytes(turned, "JPEG"), _DIGITS[2])


def test_dust_and_the_rim_of_the_table_are_left_out() -> None:
    brightness = 0.9 - 0.8 * _page(_DIGITS[3])
    brightness[:, :25] = 0.2
    brightness[350:353, 100:103] = 0.1
    assert _is_like(_bytes(_grey(brightness)), _DIGITS[3])


def test_a_thin_pen_is_made_as_wide_as_mnists() -> None:
    drawn = Image.new("L", (600, 600), 240)
    for x in range(300, 303):
        for y in range(60, 540):
            drawn.putpixel((x, y), 20)
    thin, redrawn = (frame_picture(_bytes(drawn), framing).image for framing in ("centred", "redrawn"))
    assert thin[14].sum() < 2
    assert 2.2 < redrawn[14].sum() < 2.8  # MNIST's pen: 2.5


def _huge_png() -> bytes:
    """Returns a few bytes that claim to be a picture of 20,000 x 20,000."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(20_001) * 200)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


_WHOLE = _bytes(_grey(0.9 - 0.8 * _page(_DIGITS[0])))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no PNG"),
        (b"this is a text", "no PNG"),
        (_WHOLE[: len(_WHOLE) // 2], "no PNG"),
        (_bytes(Image.new("L", (50, 50)), "GIF"), "no PNG"),
        (_bytes(Image.new("L", (50, 50)), "TIFF"), "no PNG"),
        (_bytes(Image.new("L", (1, 1))), "at least 8 x 8"),
        (_bytes(Image.new("L", (500, 2))), "at least 8 x 8"),
        (_bytes(_grey(np.random.default_rng(1).random((8, 5_000)))), "40 times as long as wide"),
        (_bytes(_grey(np.random.default_rng(1).random((5_000, 8)))), "40 times as long as wide"),
        (_bytes(_grey(np.random.default_rng(1).random((20_000, 1)))), "at least 8 x 8"),
        (_huge_png(), "million pixels"),
        (_bytes(Image.new("L", (9_000, 9_000))), "million pixels"),
        (bytes(LARGEST_BYTES + 1), "at most 10 MB"),
        (_bytes(Image.new("L", (200, 200), 255)), "Nothing stands out"),
        (_bytes(Image.new("RGBA", (200, 200))), "Nothing stands out"),
        (_bytes(_grey(np.linspace(0.2, 0.9, 200)[None].repeat(200, 0))), "Nothing stands out"),
    ],
)
def test_a_picture_that_cannot_be_used_is_named(content: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        frame_picture(content)


@pytest.mark.parametrize("size", [(8, 8), (8, 3_000), (28, 28), (1_500, 40)])
def test_odd_sizes_give_an_answer_or_a_clear_error(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).random(size[::-1])
    try:
        ink = read_picture(_bytes(_grey(noise)))
    except PictureError:
        return
    assert 0 <= ink.min() <= ink.max() <= 1


@pytest.mark.parametrize("size", [(320, 8), (8, 320), (4_000, 100), (100, 4_000)])
def test_a_strip_with_a_digit_is_shown_with_page_beside_it(size: tuple[int, int]) -> None:
    brightness = np.full(size, 0.9)
    brightness[tuple(slice(side * 3 // 8, side * 5 // 8) for side in size)] = 0.1
    framed = frame_picture(_bytes(_grey(brightness)))
    height, width = framed.steps[0].image.shape
    assert 0.5 <= height / width <= 2
    assert framed.image.max() == 1


def test_an_mnist_image_itself_comes_back() -> None:
    for digit in _DIGITS:
        assert _is_like(_bytes(Image.fromarray(digit)), digit)
