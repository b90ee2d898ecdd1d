"""Segments the ink of an uploaded photo from its background, ready for preprocessing."""

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
# Phone cameras have 12 to 50 million; 20,000 x 20,000 would decode to 400 MB.
LARGEST_PIXELS: Final = 60_000_000
SMALLEST_SIDE: Final = 8
# Beyond this aspect ratio the short side would be below eight pixels at the working size.
MAX_ASPECT_RATIO: Final = 40
# Downscaled to this: enough for a digit, and every step is fast.
_WORKING_SIDE: Final = 320
# Minimum contrast of the ink as a fraction of the range; below it lies paper grain.
_LEAST_CONTRAST: Final = 0.1
_NO_CONTRAST: Final = "Nothing stands out on this picture. Take one with a clear, dark digit on light paper."


class PictureError(ValueError):
    """An unusable image file; the message says what was expected."""


def read_picture(content: bytes) -> NDArray[np.float32]:
    """Segments the ink of an uploaded image: either polarity, also under uneven illumination.

    Args:
        content: the bytes of a PNG, JPEG or WebP file, at most 10 MB. The first frame of an animation; the EXIF
            orientation is applied.

    Returns:
        (height, width) float32, 0 (page) to 1 (ink), at most 320 pixels on the longer side.

    Raises:
        PictureError: for another format, a file or image that is too large or too small, or no contrast.
    """
    grey = _brightness(_decode(content))
    ink = _ink(grey)
    if ink is None:
        raise PictureError(_NO_CONTRAST)
    return ink


def frame_picture(content: bytes, framing: Framing = "redrawn") -> FramedDrawing:
    """Preprocesses an uploaded image by one of the four framings.

    Args:
        content: see `read_picture`.
        framing: "redrawn" erodes or dilates lines to MNIST's stroke width, since an image has no strokes.

    Returns:
        The preprocessed digit with its intermediate images.

    Raises:
        PictureError: as `read_picture`.
    """
    ink = read_picture(content)
    framed = frame_pixels(
        _normalise_stroke_width(ink) if framing == "redrawn" else ink, _FRAMING_OF_PIXELS.get(framing, framing)
    )
    if framed is None:
        raise PictureError(_NO_CONTRAST)
    first = FramingStep("The ink on the picture", _with_margins(ink))
    return FramedDrawing(framing, framed.image, (first, *framed.steps[1:]))


def _with_margins(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pads to an aspect ratio of at most 2, so that a strip is displayed no taller than that."""
    missing = [max(0, max(ink.shape) // 2 - side) for side in ink.shape]
    return np.pad(ink, [(space // 2, space - space // 2) for space in missing])


_FRAMING_OF_PIXELS: Final[dict[Framing, Framing]] = {"redrawn": "centred"}


def _decode(content: bytes) -> Image.Image:
    """Decodes the first frame, upright, at reduced resolution where the format allows it."""
    if len(content) > LARGEST_BYTES:
        raise PictureError(
            f"The picture must have at most {LARGEST_BYTES // 1024**2} MB. Received: {len(content) / 1024**2:.1f} MB."
        )
    try:
        with warnings.catch_warnings():
            # Pillow's own limit is higher than the one below.
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
        if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
            raise PictureError(
                f"The picture must be at most {MAX_ASPECT_RATIO} times as long as wide. "
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
    except Exception as error:  # Pillow's decoders raise nearly anything for a damaged file
        raise PictureError("This file is no PNG, JPEG or WebP picture that can be read.") from error


def _brightness(picture: Image.Image) -> NDArray[np.float32]:
    """Returns the luminance (height, width), 0 to 1; transparency is blended with a contrasting background."""
    if picture.mode.startswith(("I", "F")):
        # 16 bits a pixel: Pillow's conversion would clip at 255.
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
    """Downscales to the working size with a box filter."""
    factor = _WORKING_SIDE / max(picture.size)
    if factor < 1:
        width, height = (max(1, round(side * factor)) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BOX)
    return np.asarray(picture, dtype=np.float32)


def _ink(grey: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Returns the soft ink mask, 0 to 1, or None without contrast."""
    light = _background(grey)
    difference = grey - light
    # The polarity is the sign of the strongest deviations from the background at the border.
    strong = np.abs(difference) > max(_LEAST_CONTRAST, 0.4 * float(np.abs(difference).max()))
    if not strong.any():
        return None
    sign = 1.0 if float(difference[strong].sum()) > 0 else -1.0
    marks = np.clip(sign * _flatten(grey, sign, light), 0, None)
    level = _otsu(marks)
    full = float(np.median(marks[marks > level])) if (marks > level).any() else 0.0
    if full < _LEAST_CONTRAST:
        return None
    # A linear ramp around half the ink's level keeps edges anti-aliased.
    ink = np.clip((marks / full - 0.25) / 0.5, 0, 1).astype(np.float32)
    return _main_components(ink)


def _background(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fits the background luminance under uneven illumination: a quadratic surface, by iterated least squares.

    Initialised from the border, which is nearly always empty, then refitted to all inliers.
    """
    height, width = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    edge = np.maximum(np.abs(x), np.abs(y)).ravel() > 0.86
    values = grey.ravel().astype(np.float64)
    # The border alone determines a plane only; the median below is robust to a finger in the corner.
    plane, *_ = np.linalg.lstsq(terms[edge][:, :3], values[edge], rcond=None)
    surface = terms[:, :3] @ plane
    for _ in range(4):
        gap = np.abs(values - surface)
        near = gap <= max(0.06, 1.5 * float(np.median(gap)))
        fit, *_ = np.linalg.lstsq(terms[near], values[near], rcond=None)
        surface = terms @ fit
    return np.asarray(surface.reshape(grey.shape), dtype=np.float32)


def _flatten(grey: NDArray[np.float32], sign: float, light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Subtracts the background and its local shadows, estimated by masked Gaussian smoothing."""
    difference = grey - light
    ink_like = sign * difference > 0.5 * float(np.max(sign * difference))
    # Dilated, since the ink's edge is blurred.
    page = ~ndimage.binary_dilation(ink_like, iterations=2)
    reach = 0.06 * max(grey.shape)
    weight = ndimage.gaussian_filter(page.astype(np.float32), reach)
    shadow = ndimage.gaussian_filter(np.where(page, difference, 0), reach) / np.maximum(weight, 1e-3)
    return np.asarray(difference - np.where(weight > 0.05, shadow, 0), dtype=np.float32)


def _otsu(values: NDArray[Any]) -> float:
    """Returns the threshold of maximal between-class variance (N. Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1 + int(np.argmax(np.nan_to_num(spread[:-1])))])


def _main_components(ink: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Keeps the large connected components; drops dust, and components at the border such as a table's rim."""
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
    # Dilated to include the anti-aliased edges.
    near = ndimage.binary_dilation(np.isin(parts, kept), structure=np.ones((3, 3)), iterations=2)
    return np.where(near, ink, 0).astype(np.float32)


def _normalise_stroke_width(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Erodes or dilates lines to the width that becomes MNIST's stroke width after framing.

    A line's width is estimated as twice its area divided by its perimeter.
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
        # Signed distance to the outline, positive inside; the pixel's edge is half a pixel away.
        inside, outside = ndimage.distance_transform_edt(solid), ndimage.distance_transform_edt(~solid)
        distance = np.where(solid, inside - 0.5, 0.5 - outside)
        ink = np.clip(distance + change + 0.5, 0, 1).astype(np.float32)
    return ink
