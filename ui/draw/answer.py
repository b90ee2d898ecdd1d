"""The answers of some networks to a drawing or an image, as plain data: the same for the page and for `answer_api`."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any, Final, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_lib.drawing.pixels import upscale
from model_lib.drawing.segmentation import split_digits
from model_lib.drawing.strokes import Drawing
from model_lib.number_format import probability_text
from model_lib.predictions import PredictionError
from model_lib.pretrained.digit_detector import looks_like_digit
from model_lib.storage.run import Run
from ui.draw.predict import Answer, AnswerError, answers_of, knows_digits, title_of

_PART_PX = 84
_CLOTHES = (
    "This network was trained on clothes (Fashion-MNIST). It has no class for a digit, so it must call everything a "
    "piece of clothing."
)
_DOUBT = (
    "This does not look like a digit (it is out of distribution). A network trained on digits alone must still predict "
    "one of the ten."
)
# From this probability on a second class is named too: `python -m benchmarks.drawing.strangers` prints how often such
# answers are right, and how often one of the two is.
CLOSE = 0.1
_SEVERAL = " Several digits? Then switch on 'Several digits: read them as a number'."


NUMBER_HELP: Final = "Each digit is cut out and predicted alone; off, the whole drawing is one image."


class Part(TypedDict):
    """One of several digits: a picture of it as a data URL, its `alt`, and its prediction."""

    picture: str
    alt: str
    caption: str


class NetworkAnswer(TypedDict):
    """What one network answers.

    `name` is the class or the number, `sentence` says how sure it is, `bars` has each class with its probability, 0
    to 1, and that in percent, and `parts` the digits of a number. `problem` says why it cannot answer, instead.
    """

    title: str
    name: str
    sentence: str
    bars: list[tuple[str, float, str]]
    parts: list[Part]
    note: str
    problem: str


class Answers(TypedDict):
    """The answers of up to four networks, in their order, and `doubt`, set where the image is no digit."""

    answers: list[NetworkAnswer]
    doubt: str


def answers_to_drawing(networks: Sequence[Run | None], drawing: Drawing, reads_number: bool) -> Answers:
    """Returns the answers to a drawing; none for a blank one.

    Args:
        networks: the first is the chosen one; None is the ready-made one.
        drawing: the strokes.
        reads_number: whether digits side by side are read as a number; else the drawing is one image.

    Raises:
        DrawingError: for strokes that cannot be drawn.
    """
    image = drawing.image
    if image is None:
        return {"answers": [], "doubt": ""}
    parts = split_digits(drawing)
    if reads_number and len(parts) > 1:
        images = [image for part in parts if (image := part.image) is not None]
        return answers_to_number(networks, images)
    return answers_to_image(networks, image, len(parts))


def answers_to_number(networks: Sequence[Run | None], images: Sequence[NDArray[Any]]) -> Answers:
    """Returns the answers to digits side by side.

    Args:
        networks: as in `answers_to_drawing`.
        images: (28, 28) float32 each, 0 (black) to 1 (white), from left to right.
    """
    return {"answers": [_number_of(run, images) for run in networks], "doubt": ""}


def answers_to_image(networks: Sequence[Run | None], image: NDArray[Any], digits: int = 1) -> Answers:
    """Returns the answers to one image.

    Args:
        networks: as in `answers_to_drawing`.
        image: (28, 28) float32, 0 (black) to 1 (white).
        digits: how many seem to stand in it beside each other.
    """
    answers = [_answer_of(run, image) for run in networks]
    return {"answers": answers, "doubt": _doubt(image, digits) if any(map(knows_digits, networks)) else ""}


def _answer_of(run: Run | None, image: NDArray[Any]) -> NetworkAnswer:
    try:
        answer = answers_of(run, [image])[0]
    except AnswerError as error:
        return _answer(run, problem=str(error))
    bars = [
        (name, round(float(probability), 5), probability_text(float(probability)))
        for name, probability in zip(answer.names, answer.probabilities, strict=True)
    ]
    return _answer(run, answer.name, _sentence(answer), bars, note="" if knows_digits(run) else _CLOTHES)


def _sentence(answer: Answer) -> str:
    """Says how sure the answer is, and which other class is close."""
    second = int(np.argsort(answer.probabilities)[-2])
    probability = float(answer.probabilities[second])
    close = f", or {answer.names[second]} ({probability_text(probability)})" if probability >= CLOSE else ""
    return f"{answer.name}, {probability_text(answer.confidence)} sure{close}"


def _number_of(run: Run | None, images: Sequence[NDArray[Any]]) -> NetworkAnswer:
    try:
        answers = answers_of(run, images)
    except AnswerError as error:
        return _answer(run, problem=str(error))
    number = "".join(answer.name if len(answer.name) == 1 else "?" for answer in answers)
    parts = [_part(image, answer) for image, answer in zip(images, answers, strict=True)]
    return _answer(run, number, f"{number}, predicted digit by digit", parts=parts)


def _answer(
    run: Run | None,
    name: str = "",
    sentence: str = "",
    bars: Sequence[tuple[str, float, str]] = (),
    parts: Sequence[Part] = (),
    note: str = "",
    problem: str = "",
) -> NetworkAnswer:
    return {
        "title": title_of(run),
        "name": name,
        "sentence": sentence,
        "bars": list(bars),
        "parts": list(parts),
        "note": note,
        "problem": problem,
    }


def _part(image: NDArray[Any], answer: Answer) -> Part:
    file = io.BytesIO()
    Image.fromarray(upscale(image, _PART_PX)).save(file, "PNG", compress_level=1)
    return {
        "picture": f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}",
        "alt": f"A part of the drawing, predicted as {answer.name}",
        "caption": f"{answer.name}, {probability_text(answer.confidence)}",
    }


def _doubt(image: NDArray[Any], digits: int) -> str:
    """Says so if an image does not look like one digit: probabilities cannot, since they always add up to 1."""
    try:
        is_digit = looks_like_digit(image)
    except PredictionError:
        return ""  # the bundled network is damaged; that is said where it answers
    return "" if is_digit else _DOUBT + (_SEVERAL if digits > 1 else "")
