"""The query parameters of the gallery's filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from model_lib.datasets.loading import CLASSES, TEST_WRITERS
from model_lib.evaluation.image_filter import CAPTIONS, PAGE_SIZES, SORTS, ImageFilter

_PARAMETERS: Final = {"prediction": "read_as", "mistakes_only": "images"}
_ALLOWED: Final[Mapping[str, Sequence[Any]]] = {
    "label": range(CLASSES),
    "prediction": range(CLASSES),
    "least": range(101),
    "most": range(101),
    "mistakes_only": (True, False),
    "sort": SORTS,
    "per_page": PAGE_SIZES,
    "page": range(1, 100_000),
    "captions": CAPTIONS,
    "writer": TEST_WRITERS,
}
PARAMETERS: Final = tuple(_PARAMETERS.get(name, name) for name in _ALLOWED)


def format_filter(image_filter: ImageFilter) -> dict[str, str]:
    """Returns the fields that differ from the default, as query parameters."""
    default = ImageFilter()
    return {
        _PARAMETERS.get(name, name): _format(getattr(image_filter, name))
        for name in _ALLOWED
        if getattr(image_filter, name) != getattr(default, name)
    }


def parse_filter(parameters: Mapping[str, str]) -> tuple[ImageFilter, list[str]]:
    """Parses query parameters.

    Args:
        parameters: by the names of `PARAMETERS`; others are ignored.

    Returns:
        The filter, and for each invalid value a sentence for the visitor.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field, allowed in _ALLOWED.items():
        name = _PARAMETERS.get(field, field)
        if name not in parameters:
            continue
        value = next((each for each in allowed if _format(each) == parameters[name]), None)
        if value is None:
            problems.append(
                f"The address asks for {name}={parameters[name]:.40}, which does not exist. It is left out."
            )
        else:
            values[field] = value
    if values.get("least", 0) > values.get("most", 100):
        problems.append("The address asks for a confidence that begins above its end: any confidence is shown.")
        del values["least"], values["most"]
    return ImageFilter(**values), problems


def _format(value: object) -> str:
    if isinstance(value, bool):
        return "mistakes" if value else "all"
    return "" if value is None else str(value)
