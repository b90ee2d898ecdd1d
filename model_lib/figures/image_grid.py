"""Many images with their captions as one clickable picture: a hundred pictures on a page would stall the browser."""

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

from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.image_filter import Captions
from model_lib.figures.style import BLUE, RED
from model_lib.figures.tile_grid import add_click_targets

_SIDE: Final = 28
_GAP_PX: Final = 10
_FONT_PX: Final = 16
_LINE_PX: Final = 20
_PLAIN: Final = "#1B1F24"
_PAPER: Final = "#FFFFFF"
# Class names longer than this are cut in a sheet of ten columns; five letters still tell Fashion-MNIST's apart.
_SHORT: Final = 5


@dataclass(frozen=True)
class Caption:
    """What stands above one image, and what is told about it on pointing.

    Args:
        answer: the words at the left.
        is_wrong: whether they are red.
        index: the place in the test set, in blue, or "" for none.
        detail: the whole story in a line.
    """

    answer: str
    is_wrong: bool
    index: str
    detail: str


@dataclass(frozen=True)
class Sheet:
    """A picture of many images.

    Args:
        png: the picture, as a file.
        width_px, height_px: its size.
        centres: (n, 2) the middle of each image in it: x to the right, y down, in its pixels.
        side_px: width and height of each image in it.
    """

    png: bytes
    width_px: int
    height_px: int
    centres: NDArray[np.float64]
    side_px: int


def captions_of(
    evaluation: Evaluation, indices: NDArray[np.int64], names: Sequence[str], style: Captions
) -> list[Caption]:
    """Writes what stands above each image, in the style of the published programs.

    Args:
        evaluation: the answers.
        indices: (n,) the images.
        names: what the classes are called.
        style: as in `ImageFilter`.
    """
    predictions, confidences = evaluation.predictions, evaluation.confidences
    captions = []
    for index in indices.tolist():
        label, answer = names[evaluation.labels[index]], names[predictions[index]]
        is_wrong = label != answer
        detail = f"test image {index}: {label}, read as {answer} ({confidences[index]:.1%})"
        if style == "mistakes":
            # Long names would run into the neighbours'; pointing at the image tells them whole.
            words = f"{answer[:_SHORT]} ({confidences[index]:.1f})"
            captions.append(Caption(words, is_wrong, str(index), detail))
        elif style == "predictions":
            captions.append(Caption(answer[:_SHORT], is_wrong, "", detail))
        else:
            captions.append(Caption(f"label={label}, predict={answer}", is_wrong, "", detail))
    return captions


def draw_sheet(images: NDArray[np.uint8], captions: Sequence[Caption]) -> Sheet:
    """Draws images in rows of five, or of ten if they are more than 25.

    Args:
        images: (n, 28, 28), 0 (black) to 255 (white).
        captions: one for each.
    """
    # About as large as it is shown, so that the letters stay sharp.
    columns, scale = (5, 4) if len(images) <= 25 else (10, 2)
    rows = -(-len(images) // columns)
    side = _SIDE * scale
    font = _font()
    answers = [_wrap(caption.answer, font, side) for caption in captions]
    index_below = any(
        font.getlength(answer) + font.getlength(caption.index) + 6 > side if "\n" not in answer else True
        for answer, caption in zip(answers, captions, strict=True)
        if caption.index
    )
    lines = max((answer.count("\n") + 1 for answer in answers), default=1) + index_below
    cell_width, cell_height = side + _GAP_PX, side + lines * _LINE_PX + _GAP_PX
    picture = Image.new("RGB", (columns * cell_width + _GAP_PX, max(1, rows) * cell_height), _PAPER)
    draw = ImageDraw.Draw(picture)
    centres = np.zeros((len(images), 2))
    for place, (image, caption, answer) in enumerate(zip(images, captions, answers, strict=True)):
        left, top = _GAP_PX + place % columns * cell_width, place // columns * cell_height
        draw.multiline_text((left, top), answer, RED if caption.is_wrong else _PLAIN, font, spacing=2)
        if caption.index:
            x = left if index_below else left + side - font.getlength(caption.index)
            draw.text((x, top + index_below * (lines - 1) * _LINE_PX), caption.index, BLUE, font)
        top += lines * _LINE_PX
        large = Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
        picture.paste(large, (left, top))
        centres[place] = left + side / 2, top + side / 2
    return Sheet(_as_png(picture), picture.width, picture.height, centres, side)


def _wrap(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> str:
    """Breaks a caption at its spaces where it is wider than its image."""
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


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_FONT_PX)


_WIDTH_PX = 470


def gallery(sheet: Sheet, places: Sequence[int], words: Sequence[str]) -> go.Figure:
    """Shows a sheet so that its images can be clicked.

    Args:
        sheet: the picture.
        places: (n,) what a click on each image gives back as `customdata`, e.g. its index in the test set.
        words: (n,) what pointing at each image says.
    """
    figure = go.Figure()
    figure.add_layout_image(
        source="data:image/png;base64," + base64.b64encode(sheet.png).decode(),
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=sheet.width_px,
        sizey=sheet.height_px,
        sizing="stretch",
        layer="below",
    )
    add_click_targets(figure, sheet.centres[:, 0].tolist(), sheet.centres[:, 1].tolist(), list(places), list(words))
    figure.update_layout(
        height=round(_WIDTH_PX * sheet.height_px / sheet.width_px),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        plot_bgcolor="white",
    )
    figure.update_xaxes(
        visible=False, range=[0, sheet.width_px], fixedrange=True, constrain="domain", constraintoward="left"
    )
    figure.update_yaxes(
        visible=False,
        range=[sheet.height_px, 0],
        fixedrange=True,
        constrain="domain",
        constraintoward="top",
        scaleanchor="x",
    )
    return figure
