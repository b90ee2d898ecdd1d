"""The path through the Look inside pages: what comes after each of them."""

from __future__ import annotations

from typing import Final

from ui.shared.next_steps import NextStep, offer_next_steps

# In the order of the navigation.
_PATH: Final = (
    NextStep("pages/look_inside.py", "Back to the network", ":material/search:"),
    NextStep("pages/see_filters.py", "Next: its filters", ":material/grid_view:"),
    NextStep("pages/visualize_features.py", "Next: what activates a filter", ":material/bolt:"),
    NextStep("pages/explain_answer.py", "Next: explain an answer", ":material/help:"),
    NextStep("pages/switch_off_filters.py", "Next: switch filters off", ":material/toggle_off:"),
    NextStep("pages/embed_images.py", "Next: a map of all images", ":material/scatter_plot:"),
    NextStep("pages/try_convolutions.py", "Next: random filters", ":material/casino:"),
    NextStep("pages/review_mistakes.py", "Next: review mistakes", ":material/grid_on:"),
)


def show_next_steps(page: str) -> None:
    """Shows, at the end of a page of Look inside, the way on and the way back to its first page.

    Args:
        page: its file, as in the navigation.
    """
    place = [step.page for step in _PATH].index(page)
    offer_next_steps([_PATH[place + 1], *(_PATH[:1] if place else ())])
