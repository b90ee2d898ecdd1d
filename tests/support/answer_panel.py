"""What the panel of answers is given to show: its JavaScript runs in a browser only, and `AppTest` has none."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def panel_data(app: AppTest) -> dict[str, Any]:
    """Returns the data of the panel, which must be on the page."""
    (data,) = _panels(app)
    return data


def names_of(app: AppTest) -> list[str]:
    """Returns the digit, or the number, that each network answers; none if there is no panel."""
    return [answer["name"] for data in _panels(app) for answer in data["answers"]["answers"]]


def _panels(app: AppTest) -> list[dict[str, Any]]:
    return [
        json.loads(element.proto.json)
        for element in app.get("bidi_component")
        if element.proto.component_name == "answer_companion"
    ]


def panel_text(app: AppTest) -> str:
    """Returns what a visitor reads in the panel, besides the bars."""
    data = panel_data(app)
    answers = data["answers"]["answers"]
    texts = [answer[key] for answer in answers for key in ("sentence", "note", "problem")]
    return " ".join([*texts, data["note"], data["answers"]["doubt"], "" if answers else data["invitation"]])
