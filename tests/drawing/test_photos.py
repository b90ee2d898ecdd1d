"""Uploaded pictures: made with Pillow from real MNIST digits, and every way in which a file can be bad."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_lib.datasets.loading import load_dataset
from model_lib.drawing.ink_segmentation import split_ink
from model_lib.drawing.photos import frame_ink, frame_picture, read_picture
from model_lib.drawing.picture_file import LARGEST_BYTES, PictureError

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
    return _shows(frame_picture(content, "centred").image, digit)


def _shows(image: np.ndarray, digit: np.ndarray) -> bool:
    """Says whether the framed picture shows the digit: their pixels rise and fall together."""
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


@pytest.mark.parametrize("digit", _DIGITS[:4])
@pytest.mark.parametrize("is_squared", [False, True])
def test_printed_lines_are_removed_and_the_digit_across_them_is_not_cut(digit: np.ndarray, is_squared: bool) -> None:
    paper = Image.new("L", (500, 400), 255)
    pen = ImageDraw.Draw(paper)
    for place in range(-100, 600, 45):
        # Neither level nor parallel, as in perspective.
        pen.line((0, place, 500, place * 1.1 + 30), fill=150, width=3)
        if is_squared:
            pen.line((place, 0, place * 1.1 - 40, 400), fill=150, width=3)
    lined = np.asarray(paper) / 255
    assert _is_like(_bytes(_grey(0.9 * lined * (1 - 0.6 * _page(digit))), "JPEG", quality=80), digit)


def test_the_straight_stroke_of_a_one_is_no_printed_line() -> None:
    drawn = Image.new("L", (300, 500), 240)
    ImageDraw.Draw(drawn).line((150, 50, 150, 450), fill=40, width=9)
    image = frame_picture(_bytes(drawn)).image
    assert (image.sum(axis=1) > 2).sum() >= 18  # its whole height
    assert 2.2 < image[14].sum() < 2.8


@pytest.mark.parametrize("digit", _DIGITS[:4])
def test_the_edge_of_a_shadow_is_no_ink(digit: np.ndarray) -> None:
    light = np.tile(1 - 0.5 / (1 + np.exp(-(np.arange(500) - 284) / 5)), (400, 1))  # across the digit
    # The page in the shadow is darker than the ink in the light.
    assert light.min() < 1 - 0.45 < light.max()
    assert _is_like(_bytes(_grey(0.9 * light * (1 - 0.45 * _page(digit)))), digit)


@pytest.mark.parametrize("digit", _DIGITS[:4])
def test_chalk_on_a_green_board_is_read(digit: np.ndarray) -> None:
    grain = np.random.default_rng(2).uniform(0.6, 1, (400, 500))
    chalk = (_page(digit) * grain)[..., None]
    board = np.array([38, 80, 55]) * (1 - chalk) + 230 * chalk
    assert _is_like(_bytes(Image.fromarray(board.astype(np.uint8)), "JPEG"), digit)


def test_blue_ink_is_read() -> None:
    ink = _page(_DIGITS[0])[..., None]
    picture = Image.fromarray(np.uint8(240 * (1 - ink) + np.array([40, 70, 170]) * ink))
    assert _is_like(_bytes(picture, "JPEG"), _DIGITS[0])


@pytest.mark.parametrize("is_dark_on_light", [True, False])
def test_digits_side_by_side_are_cut_apart_from_left_to_right(is_dark_on_light: bool) -> None:
    page = np.hstack([_page(digit)[:, 180:390] for digit in _DIGITS[:5]])
    brightness = 0.9 - 0.7 * page if is_dark_on_light else 0.1 + 0.7 * page
    parts = split_ink(read_picture(_bytes(_grey(brightness))))
    assert len(parts) == 5
    for part, digit in zip(parts, _DIGITS, strict=False):
        assert _shows(frame_ink(part, "centred").image, digit)


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
