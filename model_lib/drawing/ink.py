"""Segments ink from its background: either polarity, under shadows and uneven light, on lined paper."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model_lib.drawing.printed_lines import remove_printed_lines

# Minimum contrast of the ink as a fraction of the range; below it lies paper grain.
_LEAST_CONTRAST: Final = 0.1
# Strokes are thinner than this fraction of the picture's longer side, shadows are wider.
_WIDEST_STROKE: Final = 0.22
# Added to the brightness that contrasts are divided by: black pixels are mostly noise.
_DARKEST: Final = 0.15
_COARSE_SIDE: Final = 160
# Standard deviations of Gaussian filters, as fractions of the longer side: what detail differs from, and what is local.
_DETAIL: Final = 0.1
_LEVEL_REACH: Final = 0.06
# Standard deviation of the filter against sensor noise, as a fraction of the longer side.
_SMOOTHING: Final = 1 / 640


def segment_ink(brightness: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Segments the ink of a picture.

    Args:
        brightness: (height, width), 0 to 1.

    Returns:
        The soft ink mask (height, width) float32, 0 to 1, without dust and without what comes in over the border;
        None without contrast.
    """
    smoothed = ndimage.gaussian_filter(brightness, _SMOOTHING * max(brightness.shape))
    sign = _polarity(smoothed)
    marks = remove_printed_lines(_densities(smoothed, sign))
    if sign < 0:
        marks = 1 - np.exp(-marks)
    marks = np.clip(marks - _local_level(marks), 0, None)
    level = _otsu(marks)
    full = float(np.median(marks[marks > level])) if (marks > level).any() else 0.0
    if full < _LEAST_CONTRAST:
        return None
    # A linear ramp around half the ink's level keeps edges anti-aliased.
    ink = np.clip((marks / full - 0.25) / 0.5, 0, 1).astype(np.float32)
    return _main_components(ink)


def _polarity(brightness: NDArray[np.float32]) -> float:
    """Returns -1 for ink darker than its background, 1 for lighter ink: the sign of the skewness of fine detail.

    Ink covers the smaller part of its surroundings, so it deviates from their mean more than the page does.
    """
    coarse = _reduced(brightness, _COARSE_SIDE)
    detail = coarse - ndimage.gaussian_filter(coarse, _DETAIL * max(coarse.shape))
    return 1.0 if float((detail**3).sum()) > 0 else -1.0


def _densities(brightness: NDArray[np.float32], sign: float) -> NDArray[np.float32]:
    """Returns how much each pixel differs from its background: 0 on the page, positive in the ink.

    The background is a grey-value closing of dark ink, an opening of light ink: it follows shadows, which are wider
    than any stroke. Dark ink takes a share of the light, so that logarithms add; light ink adds to the background.
    """
    size = max(3, round(_WIDEST_STROKE * max(brightness.shape)))
    # Continued linearly, so that a gradient goes on beyond the border.
    margins = [(min(size, side - 1),) * 2 for side in brightness.shape]
    inside = tuple(slice(margin, -margin or None) for margin, _ in margins)
    framed = np.pad(brightness, margins, mode="reflect", reflect_type="odd")
    if sign < 0:
        background = ndimage.grey_closing(framed, size=(size, size), mode="nearest")[inside]
        return np.asarray(np.log((np.maximum(background, 0) + 0.02) / (brightness + 0.02)), dtype=np.float32)
    background = ndimage.grey_opening(framed, size=(size, size), mode="nearest")[inside]
    return np.asarray((brightness - background) / (np.maximum(background, 0) + _DARKEST), dtype=np.float32)


def _reduced(picture: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Averages a picture down to `side` pixels on the longer side."""
    factor = min(1.0, side / max(picture.shape))
    height, width = (max(1, round(length * factor)) for length in picture.shape)
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BOX))


def _local_level(marks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the page's own marks, such as grain and the rest of a shadow, by masked Gaussian smoothing."""
    ink_like = marks > 0.4 * float(marks.max())
    # Dilated, since the ink's edge is blurred.
    page = (~ndimage.binary_dilation(ink_like, iterations=2)).astype(np.float32)
    weight, level = _reduced(page, _COARSE_SIDE), _reduced(page * marks, _COARSE_SIDE)
    reach = _LEVEL_REACH * max(weight.shape)
    weight, level = ndimage.gaussian_filter(weight, reach), ndimage.gaussian_filter(level, reach)
    level = np.where(weight > 0.05, level / np.maximum(weight, 1e-3), 0).astype(np.float32)
    size = (marks.shape[1], marks.shape[0])
    return np.asarray(Image.fromarray(level).resize(size, Image.Resampling.BILINEAR))


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
