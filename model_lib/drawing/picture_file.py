"""Decodes an uploaded image file into the brightness of its pixels, or says why it cannot be used."""

from __future__ import annotations

import io
import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

FORMATS: Final = ("PNG", "JPEG", "WEBP")
LARGEST_BYTES: Final = 10 * 1024 * 1024
# Phone cameras have 12 to 50 million; 20,000 x 20,000 would decode to 400 MB.
LARGEST_PIXELS: Final = 60_000_000
SMALLEST_SIDE: Final = 8
# Beyond this aspect ratio the short side would be below eight pixels at the working size.
MAX_ASPECT_RATIO: Final = 40
# Downscaled to this: enough for a digit, and every step is fast.
_WORKING_SIDE: Final = 640


class PictureError(ValueError):
    """An unusable image file; the message says what was expected."""


def read_brightness(content: bytes) -> NDArray[np.float32]:
    """Decodes an image file, upright, and reduces it to the working size.

    Args:
        content: the bytes of a PNG, JPEG or WebP file, at most 10 MB. The first frame of an animation; the EXIF
            orientation is applied.

    Returns:
        The luminance (height, width) float32, 0 to 1, at most 640 pixels on the longer side.

    Raises:
        PictureError: for another format, or a file or image that is too large or too small.
    """
    return _brightness(_decode(content))


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
