"""Texts of the screens, read from the TOML files of this folder, so that a translation needs no code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    """One answer to a screen's question.

    Args:
        text: what the visitor chooses, Markdown.
        comment: what is said when it has been chosen: why it is right, or what it overlooks.
        is_right: whether it is the right one.
    """

    text: str
    comment: str
    is_right: bool = False


@dataclass(frozen=True)
class Link:
    """The way to where the same is done on a real network.

    Args:
        text: of the button.
        page: its file, such as "pages/look_inside.py".
        query: parameters of its address.
    """

    text: str
    page: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class ScreenText:
    """What is read on one screen.

    Args:
        title: the idea, with its term.
        text: two or three sentences, Markdown.
        question: one question.
        answers: to it; one is right.
        link: the way on.
        words: labels, captions and sentences of the picture, by names that its code uses; `{places}` are filled there.
    """

    title: str
    text: str
    question: str
    answers: tuple[Answer, ...]
    link: Link
    words: Mapping[str, str]


@cache
def screen_text(name: str) -> ScreenText:
    """Returns the texts of a screen.

    Args:
        name: one of `ui.how_it_works.screens.SCREENS`.
    """
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        plain: dict[str, Any] = tomllib.load(file)
    link = plain["link"]
    return ScreenText(
        plain["title"],
        plain["text"],
        plain["question"],
        tuple(Answer(**answer) for answer in plain["answers"]),
        Link(link["text"], link["page"], link.get("query", {})),
        plain.get("words", {}),
    )


@cache
def frame_words() -> Mapping[str, str]:
    """Returns the labels and sentences that all screens share, by their names."""
    with (_FOLDER / "frame.toml").open("rb") as file:
        words: dict[str, str] = tomllib.load(file)
    return words
