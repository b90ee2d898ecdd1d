"""The addresses of all pages, in the order of the navigation."""

from __future__ import annotations

from typing import Final

ADDRESSES: Final = (
    "",
    "draw",
    "upload_picture",
    "my_digits",
    "look_inside",
    "see_filters",
    "find_favourites",
    "switch_off_filters",
    "explain_answer",
    "map_images",
    "try_filters",
    "review_mistakes",
)
