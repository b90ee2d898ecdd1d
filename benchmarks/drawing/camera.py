"""A camera model: strokes written on a surface become the bytes of a JPEG photograph.

The project has no real photographs, so this stands in for them. In the order of physics:

1. Surface: a reflectance with texture, printed lines, traces of chalk; strokes are drawn with the pen's width. Ink on
   paper multiplies the reflectance (it is transparent), chalk and board markers cover it.
2. Perspective: a pinhole camera looks at the plane from a tilted position, from 1 to 2 picture heights away.
3. Light: a gradient, a shadow with a soft edge, on whiteboards the reflection of a lamp.
4. Camera: vignetting, Gaussian blur, white balance, shot and read noise, sRGB's transfer function, JPEG.

Everything up to the noise is computed in linear light. Left out: lens distortion, the demosaicing and sharpening of
real cameras, crumpled or printed-through paper, hands, and what else stands on a real page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

WIDTH, HEIGHT = 800, 600
# Ink is rasterised that many times finer than the picture.
_SUPERSAMPLING: Final = 2

Range = tuple[float, float]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Surface:
    """What is written on, and with what.

    Args:
        title: for the table.
        backgrounds: sRGB colours, 0 to 255, one of which is chosen.
        inks: likewise.
        pen_width: in digit heights.
        covers: whether the pen covers the surface, as chalk does, instead of multiplying its reflectance.
        grain: standard deviation of the pen's coverage, 0 to 1.
        ruling: printed lines: horizontal, or horizontal and vertical.
        line_colours: of the printed lines.
        spacing: of the printed lines, in digit heights.
        line_width: of the printed lines, in digit heights.
        margin_colour: of a vertical line beside the writing; None for none.
        smears: amplitude of wiped traces, as a share of white.
        lamp: brightness of a lamp's reflection, as a share of white.
    """

    title: str
    backgrounds: tuple[Colour, ...]
    inks: tuple[Colour, ...]
    pen_width: Range
    covers: bool = False
    grain: float = 0.05
    ruling: Literal["none", "ruled", "squared"] = "none"
    line_colours: tuple[Colour, ...] = ()
    spacing: Range = (1.0, 1.0)
    line_width: Range = (0.02, 0.02)
    margin_colour: Colour | None = None
    smears: Range = (0.0, 0.0)
    lamp: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Conditions:
    """The ranges from which one photograph's parameters are drawn uniformly.

    Args:
        surfaces: one is named for each photograph.
        tilt_degrees: of the page against the camera, about both axes.
        rotation_degrees: in the picture's plane.
        distance: of the camera, in picture heights.
        digit_height: of a single digit, in picture heights.
        number_width: of a number, in picture widths.
        off_centre: of the writing, in picture heights, in both directions.
        texture: amplitude of the surface's texture, as a share of its reflectance.
        texture_size_px: standard deviations of the texture's Gaussian filter, across and down; unequal ones are fibres.
        gradient: fall of the light across the picture.
        shadow: share of the light that the shadow takes; a third of the photographs has none.
        penumbra: width of the shadow's edge, in picture heights.
        vignetting: loss in the corners.
        blur_px: standard deviation.
        noise: standard deviation of a white pixel in linear light; shot noise but for a tenth.
        white_balance: gain of red and blue.
        exposure: linear light of white paper.
        jpeg_quality: of Pillow's encoder.
        gap: between neighbouring digits' ink in a number, in digit heights.
        size_jitter: standard deviation of the digits' heights in a number.
        baseline_jitter: standard deviation of their places, in digit heights.
    """

    surfaces: tuple[Surface, ...]
    tilt_degrees: Range
    rotation_degrees: Range
    distance: Range
    digit_height: Range
    number_width: Range
    off_centre: Range
    texture: Range
    texture_size_px: tuple[float, float]
    gradient: Range
    shadow: Range
    penumbra: Range
    vignetting: Range
    blur_px: Range
    noise: Range
    white_balance: Range
    exposure: Range
    jpeg_quality: tuple[int, int]
    gap: Range
    size_jitter: float
    baseline_jitter: float


def photograph(
    strokes: Sequence[NDArray[np.float64]],
    pen_width: float,
    surface: Surface,
    conditions: Conditions,
    rng: np.random.Generator,
) -> bytes:
    """Photographs strokes.

    Args:
        strokes: (k, 2) arrays of x, y in digit heights, y down.
        pen_width: in digit heights.
        surface: one of the conditions'.
        conditions: the ranges.
        rng: draws the parameters and the noise.

    Returns:
        A JPEG of 800 x 600 pixels.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0) - pen_width / 2, points.max(axis=0) + pen_width / 2
    widest = rng.uniform(*conditions.number_width) * WIDTH
    scale = min(rng.uniform(*conditions.digit_height) * HEIGHT, widest / (high - low)[0])
    to_picture = _homography(scale, conditions, rng)
    centred = [stroke - (low + high) / 2 for stroke in strokes]
    ink = _rasterise(centred, to_picture, pen_width * scale)
    page = _page(to_picture, surface, conditions, rng)
    ink *= np.clip(1 - 0.08 - surface.grain * np.abs(_noise(rng, (1.2, 1.2))), 0, 1)
    colour = _linear(surface.inks[rng.integers(len(surface.inks))])
    covered = colour if surface.covers else page * colour
    page += ink[..., None] * (covered - page)
    return _expose(page, surface, conditions, rng)


def _homography(scale: float, conditions: Conditions, rng: np.random.Generator) -> NDArray[np.float64]:
    """Returns the (3, 3) map from the page, in digit heights, to picture pixels; writing at the page's origin."""
    tilt_x, tilt_y = np.radians(rng.uniform(*conditions.tilt_degrees, 2) * rng.choice([-1, 1], 2))
    roll = np.radians(rng.uniform(*conditions.rotation_degrees) * rng.choice([-1, 1]))
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt_x), -np.sin(tilt_x)], [0, np.sin(tilt_x), np.cos(tilt_x)]])
    about_y = np.array([[np.cos(tilt_y), 0, np.sin(tilt_y)], [0, 1, 0], [-np.sin(tilt_y), 0, np.cos(tilt_y)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    plane = (about_z @ about_y @ about_x)[:, :2] * scale
    distance = rng.uniform(*conditions.distance) * HEIGHT
    shift = rng.uniform(*conditions.off_centre, 2) * rng.choice([-1, 1], 2) * HEIGHT
    centre = np.array([WIDTH, HEIGHT]) / 2 + shift
    # Pinhole: x = distance * X / (distance + Z) + centre, so that the scale is as given where Z is 0.
    lens = np.array([[distance, 0, centre[0]], [0, distance, centre[1]], [0, 0, 1]])
    return lens @ np.column_stack([plane, [0, 0, distance]])


def _project(points: NDArray[np.float64], homography: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maps (..., 2) points."""
    mapped = points @ homography[:, :2].T + homography[:, 2]
    return np.asarray(mapped[..., :2] / mapped[..., 2:])


def _rasterise(
    strokes: Sequence[NDArray[np.float64]], to_picture: NDArray[np.float64], width_px: float
) -> NDArray[np.float32]:
    """Returns the pen's coverage (height, width), 0 to 1."""
    canvas = Image.new("L", (WIDTH * _SUPERSAMPLING, HEIGHT * _SUPERSAMPLING))
    pen = ImageDraw.Draw(canvas)
    width = max(1, round(width_px * _SUPERSAMPLING))
    for stroke in strokes:
        points = _project(stroke, to_picture) * _SUPERSAMPLING
        if len(points) > 1:
            pen.line(points.ravel().tolist(), fill=255, width=width)
        for x, y in points.tolist():
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return np.asarray(canvas.reduce(_SUPERSAMPLING), dtype=np.float32) / 255


def _page(
    to_picture: NDArray[np.float64], surface: Surface, conditions: Conditions, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Returns the reflectance of the empty surface, (height, width, 3)."""
    background = _linear(surface.backgrounds[rng.integers(len(surface.backgrounds))])
    page = np.broadcast_to(background, (HEIGHT, WIDTH, 3)).copy()
    if surface.ruling != "none":
        pixels = np.stack(np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5), axis=-1)
        position = _project(pixels, np.linalg.inv(to_picture))
        colour = _linear(surface.line_colours[rng.integers(len(surface.line_colours))])
        spacing, line_width = rng.uniform(*surface.spacing), rng.uniform(*surface.line_width)
        for axis in (1, 0) if surface.ruling == "squared" else (1,):
            phase = rng.uniform(0, spacing)
            distance = np.abs((position[..., axis] + phase + spacing / 2) % spacing - spacing / 2)
            page *= 1 - _line(distance, position[..., axis], line_width) * (1 - colour)
        if surface.margin_colour is not None and rng.random() < 0.5:
            place = rng.uniform(0.8, 1.4) * position[HEIGHT // 2, 0, 0]
            line = _line(np.abs(position[..., 0] - 0.75 * place), position[..., 0], line_width)
            page *= 1 - line * (1 - _linear(surface.margin_colour))
    page *= 1 + rng.uniform(*conditions.texture) * _noise(rng, conditions.texture_size_px)[..., None]
    smears = rng.uniform(*surface.smears)
    if smears:
        page += smears * np.maximum(_noise(rng, (80.0, 30.0), 10), 0)[..., None]
    return page


def _line(distance: NDArray[np.float64], position: NDArray[np.float64], width: float) -> NDArray[np.float32]:
    """Returns the coverage (height, width, 1) of a line, anti-aliased: all in digit heights."""
    pixel = np.hypot(*np.gradient(position))
    coverage = np.clip((width / 2 - distance) / pixel + 0.5, 0, np.minimum(1, width / pixel))
    # At a spacing's middle the gradient is taken across the fold; nothing lies there.
    return np.asarray(coverage[..., None], dtype=np.float32)


def _expose(page: NDArray[np.float32], surface: Surface, conditions: Conditions, rng: np.random.Generator) -> bytes:
    """Returns the JPEG of a reflectance under light."""
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -WIDTH / HEIGHT : WIDTH / HEIGHT : WIDTH * 1j]
    direction = rng.uniform(0, 2 * np.pi)
    along = np.cos(direction) * x + np.sin(direction) * y
    light = 1 - rng.uniform(*conditions.gradient) * (along + 1) / 2
    if rng.random() > 1 / 3:
        edge = rng.uniform(0, 2 * np.pi)
        across = np.cos(edge) * x + np.sin(edge) * y - rng.uniform(-0.7, 0.7)
        softness = rng.uniform(*conditions.penumbra)
        light *= 1 - rng.uniform(*conditions.shadow) / (1 + np.exp(-np.clip(4 * across / softness, -50, 50)))
    light *= 1 - rng.uniform(*conditions.vignetting) * (x**2 + y**2) / 2.8
    picture = page * light[..., None].astype(np.float32)
    if surface.lamp[1] > 0:
        lamp_x, lamp_y = rng.uniform(-1.2, 1.2), rng.uniform(-0.9, 0.9)
        spot = np.exp(-((x - lamp_x) ** 2 + (y - lamp_y) ** 2) / (2 * rng.uniform(0.1, 0.3) ** 2))
        picture += (rng.uniform(*surface.lamp) * spot)[..., None]
    gain = [rng.uniform(*conditions.white_balance), 1, rng.uniform(*conditions.white_balance)]
    picture *= np.float32(rng.uniform(*conditions.exposure)) * np.array(gain, np.float32)
    blur = rng.uniform(*conditions.blur_px)
    picture = np.clip(ndimage.gaussian_filter(picture, (blur, blur, 0)), 0, 1)
    variance = np.float32(rng.uniform(*conditions.noise) ** 2) * (0.1 + 0.9 * picture)
    picture += np.sqrt(variance) * rng.standard_normal(picture.shape, dtype=np.float32)
    picture = np.clip(picture, 0, 1)
    stream = io.BytesIO()
    pixels = np.rint(255 * _encoded(picture)).astype(np.uint8)
    low, high = conditions.jpeg_quality
    Image.fromarray(pixels).save(stream, "JPEG", quality=int(rng.integers(low, high + 1)))
    return stream.getvalue()


def _noise(rng: np.random.Generator, size_px: tuple[float, float], coarseness: int = 1) -> NDArray[np.float32]:
    """Returns Gaussian noise of variance 1.

    Args:
        rng: draws it.
        size_px: standard deviations of its Gaussian filter, across and down.
        coarseness: it is filtered in a picture that many times smaller.

    Returns:
        (height, width) float32.
    """
    shape = (HEIGHT // coarseness, WIDTH // coarseness)
    across, down = (size / coarseness for size in size_px)
    white = rng.standard_normal(shape, dtype=np.float32)
    filtered = ndimage.gaussian_filter(white, (down, across), mode="wrap", truncate=3)
    filtered /= filtered.std()
    if coarseness == 1:
        return np.asarray(filtered)
    return np.asarray(Image.fromarray(filtered).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR))


def _linear(colour: Colour) -> NDArray[np.float32]:
    """Returns an sRGB colour, 0 to 255, in linear light, 0 to 1. Source: IEC 61966-2-1."""
    encoded = np.asarray(colour, dtype=np.float64) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _encoded(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns linear light with sRGB's transfer function applied. Source: IEC 61966-2-1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
