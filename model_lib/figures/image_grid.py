"""A grid of captioned images rendered as one clickable image; a hundred image elements would stall the browser."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model_lib.datasets.loading import IMAGE_SIDE
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.image_filter import Captions
from model_lib.figures.draft import FigureDraft
from model_lib.figures.style import CARD, ON_CARD_LABEL, ON_CARD_MISTAKE, ON_CARD_TEXT, TRANSPARENT
from model_lib.figures.tile_grid import CLICKABLE, add_click_targets
from model_lib.number_format import probability_text

_GAP_PX: Final = 6
_FONT_PX: Final = 16
# Where every word fits: a browser shows a sheet of large images smaller than it is.
_LARGE_FONT_PX: Final = 20
_SMALL_PX: Final = 100
_LINE: Final = 1.25  # of the letters' size
_PADDING_PX: Final = 4
# Class names are truncated to this; five letters keep Fashion-MNIST's distinct.
_SHORT: Final = 5


@dataclass(frozen=True)
class Caption:
    """Caption and hover text of one image.

    Args:
        text: left-aligned.
        is_wrong: whether the text is red and underlined.
        index: in the test set, in blue; "" for none.
        detail: hover text.
    """

    text: str
    is_wrong: bool
    index: str
    detail: str


@dataclass(frozen=True)
class ImageGrid:
    """A rendered grid.

    Args:
        png: encoded image.
        width_px, height_px: its size.
        centres: (n, 2), x and y (down) of each tile's centre, in pixels.
        side_px: of each tile.
    """

    png: bytes
    width_px: int
    height_px: int
    centres: NDArray[np.float64]
    side_px: int


def captions_of(
    evaluation: Evaluation, indices: NDArray[np.int64], names: Sequence[str], style: Captions
) -> list[Caption]:
    """Formats the captions in the style of one of the published programs.

    Args:
        evaluation: predictions.
        indices: (n,), in the test set.
        names: class names.
        style: as in `ImageFilter`.
    """
    predictions, confidences = evaluation.predictions, evaluation.confidences
    captions = []
    for index in indices.tolist():
        label, prediction = names[evaluation.labels[index]], names[predictions[index]]
        is_wrong = label != prediction
        detail = f"test image {index}: label {label}, predicted {prediction} ({probability_text(confidences[index])})"
        if style == "mistakes":
            # Truncated so as not to overlap the next caption; the hover text has the full name.
            text = f"{prediction[:_SHORT]} ({confidences[index]:.1f})"
            captions.append(Caption(text, is_wrong, str(index), detail))
        elif style == "predictions":
            captions.append(Caption(prediction[:_SHORT], is_wrong, "", detail))
        else:
            captions.append(Caption(f"label={label}, predict={prediction}", is_wrong, "", detail))
    return captions


def render_image_grid(images: NDArray[np.uint8], captions: Sequence[Caption]) -> ImageGrid:
    """Renders images in five columns, or in ten if there are more than 25: each a dark card, on any page.

    Args:
        images: (n, 28, 28), 0 (black) to 255 (white).
        captions: one an image.
    """
    # Close to the display size, so that text stays sharp.
    columns, scale = (5, 4) if len(images) <= 25 else (10, 2)
    rows = -(-len(images) // columns)
    side = IMAGE_SIDE * scale
    font_px = _fitting_font_px(captions, side)
    font, line_px = _font(font_px), round(_LINE * font_px)
    texts = [_wrap(caption.text, font, side) for caption in captions]
    index_below = any(
        font.getlength(text) + font.getlength(caption.index) + 6 > side if "\n" not in text else True
        for text, caption in zip(texts, captions, strict=True)
        if caption.index
    )
    lines = max((text.count("\n") + 1 for text in texts), default=1) + index_below
    card_width, card_height = side + 2 * _PADDING_PX, side + lines * line_px + 2 * _PADDING_PX
    size = (columns * (card_width + _GAP_PX) - _GAP_PX, max(1, rows) * (card_height + _GAP_PX) - _GAP_PX)
    picture = Image.new("RGBA", size)
    draw = ImageDraw.Draw(picture)
    centres = np.zeros((len(images), 2))
    for place, (image, caption, text) in enumerate(zip(images, captions, texts, strict=True)):
        left, top = place % columns * (card_width + _GAP_PX), place // columns * (card_height + _GAP_PX)
        draw.rounded_rectangle((left, top, left + card_width - 1, top + card_height - 1), _PADDING_PX, CARD)
        left, top = left + _PADDING_PX, top + _PADDING_PX
        draw.multiline_text((left, top), text, ON_CARD_MISTAKE if caption.is_wrong else ON_CARD_TEXT, font, spacing=2)
        if caption.is_wrong:
            below = top + (text.count("\n") + 1) * line_px - 2
            draw.line((left, below, left + font.getlength(text.rsplit("\n", 1)[-1]), below), ON_CARD_MISTAKE, 2)
        if caption.index:
            x = left if index_below else left + side - font.getlength(caption.index)
            draw.text((x, top + index_below * (lines - 1) * line_px), caption.index, ON_CARD_LABEL, font)
        top += lines * line_px
        large = Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
        picture.paste(large, (left, top))
        centres[place] = left + side / 2, top + side / 2
    return ImageGrid(_as_png(picture), picture.width, picture.height, centres, side)


def _fitting_font_px(captions: Sequence[Caption], side_px: int) -> int:
    """Returns the size of the letters: small on small images, where a caption would take too many lines."""
    words = {word for caption in captions for word in caption.text.split(" ")}
    is_fitting = side_px > _SMALL_PX and all(_font(_LARGE_FONT_PX).getlength(word) <= side_px for word in words)
    return _LARGE_FONT_PX if is_fitting else _FONT_PX


def _wrap(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> str:
    """Wraps a caption to the width of its image."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and font.getlength(f"{lines[-1]} {word}") <= width_px:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def _as_png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "png", compress_level=1)
    return stream.getvalue()


@lru_cache(maxsize=2)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)


_WIDTH_PX = 470


def image_grid_figure(grid: ImageGrid, ids: Sequence[int], hovers: Sequence[str]) -> go.Figure:
    """Makes a rendered grid clickable.

    Args:
        grid: from `render_image_grid`.
        ids: (n,), `customdata` of each image, e.g. its index in the test set.
        hovers: (n,), hover text of each image.
    """
    figure = FigureDraft()
    figure.add_layout_image(
        source="data:image/png;base64," + base64.b64encode(grid.png).decode(),
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=grid.width_px,
        sizey=grid.height_px,
        sizing="stretch",
        layer="below",
    )
    add_click_targets(figure, grid.centres[:, 0].tolist(), grid.centres[:, 1].tolist(), list(ids), list(hovers))
    figure.update_layout(
        height=round(_WIDTH_PX * grid.height_px / grid.width_px),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        plot_bgcolor=TRANSPARENT,
        **CLICKABLE,
    )
    figure.update_xaxes(
        visible=False, range=[0, grid.width_px], fixedrange=True, constrain="domain", constraintoward="left"
    )
    figure.update_yaxes(
        visible=False,
        range=[grid.height_px, 0],
        fixedrange=True,
        constrain="domain",
        constraintoward="top",
        scaleanchor="x",
    )
    return figure.build()
