"""Photographs: an uploaded picture of a digit becomes ink on an empty page, ready to be framed like MNIST."""

from __future__ import annotations

import io
import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from scipy import ndimage

from model_lib.drawing.preprocessing import BOX_SIDE, FramedDrawing, Framing, FramingStep, frame_pixels, ink_box
from model_lib.drawing.strokes import PEN_WIDTH

FORMATS: Final = ("PNG", "JPEG", "WEBP")
LARGEST_BYTES: Final = 10 * 1024 * 1024
# A phone's picture has 12 to 50 million; 20,000 x 20,000 would fill 400 MB before anything could be seen.
LARGEST_PIXELS: Final = 60_000_000
SMALLEST_SIDE: Final = 8
# Brought to the working size, a longer strip would be thinner than eight pixels, and no digit could be seen on it.
MOST_TIMES_AS_LONG: Final = 40
# Nothing that makes a digit readable is lost at this size, and every step is quick.
_WORKING_SIDE: Final = 320
# Ink that differs from its page by less than this share of the way from black to white is taken for paper grain.
_LEAST_CONTRAST: Final = 0.1


class PictureError(ValueError):
    """A picture that cannot be used; the message says what was expected."""


def read_picture(content: bytes) -> NDArray[np.float32]:
    """Finds the ink on an uploaded picture: dark on light or light on dark, also under uneven light.

    Args:
        content: the bytes of a PNG, JPEG or WebP file, at most 10 MB. Of an animation the first frame counts, and a
            photograph is turned upright as its camera noted it.

    Returns:
        (height, width) float32, 0 (page) to 1 (ink), at most 320 pixels long.

    Raises:
        PictureError: if it is no such file, too large, too small, or nothing stands out on it.
    """
    grey = _brightness(_decode(content))
    ink = _ink(grey)
    if ink is None:
        raise PictureError("Nothing stands out on this picture. Take one with a clear, dark digit on light paper.")
    return ink


def frame_picture(content: bytes, framing: Framing = "redrawn") -> FramedDrawing:
    """Frames an uploaded picture in one of the four ways.

    Args:
        content: see `read_picture`.
        framing: "redrawn" makes thin or thick lines as wide as MNIST's pen first; a picture has no strokes.

    Returns:
        The framed digit, with the pictures in between.

    Raises:
        PictureError: as `read_picture`.
    """
    ink = read_picture(content)
    framed = frame_pixels(
        _with_pen_width(ink) if framing == "redrawn" else ink, _FRAMING_OF_PIXELS.get(framing, framing)
    )
    if framed is None:
        raise PictureError("Nothing stands out on this picture. Take one with a clear, dark digit on light paper.")
    first = FramingStep("The ink on the picture", _with_margins(ink))
    return FramedDrawing(framing, framed.image, (first, *framed.steps[1:]))


def _with_margins(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Adds page beside a strip until it is half as wide as long: shown as wide as the others it would be a tower."""
    missing = [max(0, max(ink.shape) // 2 - side) for side in ink.shape]
    return np.pad(ink, [(space // 2, space - space // 2) for space in missing])


_FRAMING_OF_PIXELS: Final[dict[Framing, Framing]] = {"redrawn": "centred"}


def _decode(content: bytes) -> Image.Image:
    """Returns the picture's first frame, upright, not much larger than needed."""
    if len(content) > LARGEST_BYTES:
        raise PictureError(
            f"The picture must have at most {LARGEST_BYTES // 1024**2} MB. Received: {len(content) / 1024**2:.1f} MB."
        )
    try:
        with warnings.catch_warnings():
            # Pillow's own warning about huge pictures; the limit below is lower.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        width, height = picture.size
        if width * height > LARGEST_PIXELS:
            raise PictureError(
                f"The picture must have at most {LARGEST_PIXELS // 1_000_000} million pixels. "
                f"Received: {width:,} x {height:,}. Make it smaller first."
            )
        if min(width, height) < SMALLEST_SIDE:
            raise PictureError(
                f"The picture must be at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels. Received: {width} x {height}."
            )
        if max(width, height) > MOST_TIMES_AS_LONG * min(width, height):
            raise PictureError(
                f"The picture must be at most {MOST_TIMES_AS_LONG} times as long as wide. "
                f"Received: {width:,} x {height:,}. Cut out the part with the digit first."
            )
        picture.draft("RGB", (2 * _WORKING_SIDE, 2 * _WORKING_SIDE))
        picture.load()
        return ImageOps.exif_transpose(picture)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"The picture must have at most {LARGEST_PIXELS // 1_000_000} million pixels. Make it smaller first."
        ) from error
    except Exception as error:  # a damaged file makes Pillow's readers raise nearly anything
        raise PictureError("This file is no PNG, JPEG or WebP picture that can be read.") from error


def _brightness(picture: Image.Image) -> NDArray[np.float32]:
    """Returns (height, width), 0 to 1; what is transparent becomes a page that the opaque part stands out from."""
    if picture.mode.startswith(("I", "F")):
        # 16 bits a pixel: Pillow would cut everything above 255 off.
        deep = np.asarray(picture, dtype=np.float32)
        full = 65_535.0 if float(deep.max()) > 255 else 255.0
        return _shrink(Image.fromarray(np.clip(deep / full, 0, 1)))
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return _shrink(picture.convert("RGB").convert("F")) / np.float32(255)
    layers = picture.convert("RGBA")
    opaque = _shrink(layers.getchannel("A").convert("F")) / 255
    grey = _shrink(layers.convert("RGB").convert("F")) / 255
    weight = float(opaque.sum())
    page = 1.0 if weight == 0 or float((grey * opaque).sum()) / weight < 0.5 else 0.0
    return (grey * opaque + page * (1 - opaque)).astype(np.float32)


def _shrink(picture: Image.Image) -> NDArray[np.float32]:
    """Returns the pixels, the longer side at most the working one, averaged."""
    share = _WORKING_SIDE / max(picture.size)
    if share < 1:
        width, height = (max(1, round(side * share)) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BOX)
    return np.asarray(picture, dtype=np.float32)


def _ink(grey: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Returns how much ink each pixel bears, 0 to 1, or None if nothing stands out."""
    light = _even_light(grey)
    difference = grey - light
    # The page is what lies at the border; the ink is what differs from it most strongly, whichever way.
    strong = np.abs(difference) > max(_LEAST_CONTRAST, 0.4 * float(np.abs(difference).max()))
    if not strong.any():
        return None
    sign = 1.0 if float(difference[strong].sum()) > 0 else -1.0
    marks = np.clip(sign * _flatten(grey, sign, light), 0, None)
    level = _otsu(marks)
    full = float(np.median(marks[marks > level])) if (marks > level).any() else 0.0
    if full < _LEAST_CONTRAST:
        return None
    # Half way from page to ink is the edge of a stroke; the slope keeps it soft.
    ink = np.clip((marks / full - 0.25) / 0.5, 0, 1).astype(np.float32)
    return _without_specks(ink)


def _even_light(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the brightness of the empty page under light that falls off to one side: a curved surface.

    It is fitted to the border, where a page is nearly always empty, then to all pixels near that surface.
    """
    height, width = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    edge = np.maximum(np.abs(x), np.abs(y)).ravel() > 0.86
    values = grey.ravel().astype(np.float64)
    # From the border alone a plane is all that can be told; its median is safe against a finger in the corner.
    plane, *_ = np.linalg.lstsq(terms[edge][:, :3], values[edge], rcond=None)
    surface = terms[:, :3] @ plane
    for _ in range(4):
        gap = np.abs(values - surface)
        near = gap <= max(0.06, 1.5 * float(np.median(gap)))
        fit, *_ = np.linalg.lstsq(terms[near], values[near], rcond=None)
        surface = terms @ fit
    return np.asarray(surface.reshape(grey.shape), dtype=np.float32)


def _flatten(grey: NDArray[np.float32], sign: float, light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the difference to the page, whose local shadows are followed where no ink lies."""
    difference = grey - light
    ink_like = sign * difference > 0.5 * float(np.max(sign * difference))
    # Around the ink too, where its edge is blurred.
    page = ~ndimage.binary_dilation(ink_like, iterations=2)
    reach = 0.06 * max(grey.shape)
    weight = ndimage.gaussian_filter(page.astype(np.float32), reach)
    shadow = ndimage.gaussian_filter(np.where(page, difference, 0), reach) / np.maximum(weight, 1e-3)
    return np.asarray(difference - np.where(weight > 0.05, shadow, 0), dtype=np.float32)


def _otsu(values: NDArray[Any]) -> float:
    """Returns the threshold that splits the values best in two (N. Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1 + int(np.argmax(np.nan_to_num(spread[:-1])))])


def _without_specks(ink: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Removes dust, and what comes in over the picture's edge, such as the rim of the table."""
    parts, count = ndimage.label(ink > 0.5, structure=np.ones((3, 3)))
    if count == 0:
        return None
    numbers = np.arange(1, count + 1)
    areas = ndimage.sum_labels(np.ones_like(parts), parts, numbers)
    rim = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    inside = ~np.isin(numbers, rim)
    if inside.any() and areas[inside].max() >= 0.1 * areas.max():
        areas = np.where(inside, areas, 0)
    kept = numbers[areas >= 0.04 * areas.max()]
    # The soft edge belongs to the stroke beside it.
    near = ndimage.binary_dilation(np.isin(parts, kept), structure=np.ones((3, 3)), iterations=2)
    return np.where(near, ink, 0).astype(np.float32)


def _with_pen_width(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Makes lines thinner or thicker until they are as wide as MNIST's pen will be after the framing.

    Twice the area of a line divided by the length of its outline is its width.
    """
    for _ in range(2):
        box = ink_box(ink)
        if box is None:
            return ink
        solid = np.pad(ink, 1) > 0.5
        outline = float(np.hypot(*np.gradient(ndimage.gaussian_filter(np.pad(ink, 1), 0.7))).sum())
        width = 2 * float(ink.sum()) / max(outline, 1e-6)
        wanted = PEN_WIDTH * box[2] / BOX_SIDE
        change = float(np.clip((wanted - width) / 2, -0.3 * width, 0.5 * wanted))
        if abs(change) < 0.25:
            return ink
        reach = max(2, round(change) + 2)
        solid = np.pad(ink, reach) > 0.5
        # Distance to the outline: positive inside, negative outside; the pixel's own edge is half a pixel away.
        inside, outside = ndimage.distance_transform_edt(solid), ndimage.distance_transform_edt(~solid)
        distance = np.where(solid, inside - 0.5, 0.5 - outside)
        ink = np.clip(distance + change + 0.5, 0, 1).astype(np.float32)
    return ink
