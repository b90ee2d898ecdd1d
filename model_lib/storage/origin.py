"""Where a network that was not trained here came from: what of `origin.json` may travel with a run's zip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from model_lib.files import read_json
from model_lib.storage.run import ORIGIN_FILE

# What a visitor may bring a network as, beside the zip of a run.
FORMATS: Final = (".keras",)
# What white is in the images that a network was trained on.
WHITES: Final = (1.0, 255.0)
LONGEST_TITLE: Final = 40
_MOST_NOTES: Final = 80
_LONGEST_NOTE: Final = 300


def read_origin(folder: Path) -> dict[str, Any]:
    """Returns all of a run's `origin.json`; nothing if it has none or it cannot be read."""
    try:
        return read_json(folder / ORIGIN_FILE)
    except (OSError, ValueError):
        return {}


def plain_origin(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the format, the title, the white and the notes, as far as they are what they should be; never the owner.

    Args:
        entry: of an `origin.json`, which may be a stranger's.
    """
    found: dict[str, Any] = {}
    if entry.get("format") in FORMATS:
        found["format"] = entry["format"]
    if isinstance(entry.get("title"), str):
        found["title"] = _printable(entry["title"], LONGEST_TITLE)
    white = entry.get("largest_pixel")
    if type(white) in (int, float) and white in WHITES:
        found["largest_pixel"] = float(white)
    if isinstance(entry.get("notes"), list):
        notes = [each for each in entry["notes"][:_MOST_NOTES] if isinstance(each, str)]
        found["notes"] = [_printable(each, _LONGEST_NOTE) for each in notes]
    return found


def _printable(text: str, longest: int) -> str:
    return "".join(each for each in text[:longest] if each.isprintable())
