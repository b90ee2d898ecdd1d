"""Format number of the files in a run folder, so that a reader recognises files of a newer version.

It rises with every change that an older reader would misread; docs/run-format.md has the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

FORMAT: Final = 1
_KEY: Final = "format"


class FormatError(ValueError):
    """A file of a newer format, or with a damaged format number; the message says what to do."""


def with_format(content: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the content of a JSON file with this version's format number in front."""
    return {_KEY: FORMAT, **content}


def without_format(content: Mapping[str, Any]) -> dict[str, Any]:
    """Checks the format number of a JSON file and returns the rest of its content.

    A file without one was written before version 0.9.0 and has the fields of format 1.

    Raises:
        FormatError: if the format is newer than this version reads, or no whole number.
    """
    number = content.get(_KEY, FORMAT)
    if type(number) is not int or number < 0:
        raise FormatError(f"`{_KEY}` must be a whole number. Received: {_KEY}={number!r:.40}.")
    if number > FORMAT:
        raise FormatError(
            f"it was written in format {number} by a newer version of this app, and this version reads formats up to "
            f"{FORMAT}. Update the app to open it."
        )
    return {name: value for name, value in content.items() if name != _KEY}
