"""Where the visitor goes on to from the page Browse the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.loading import TEST_SET_TITLES
from ui.data.selection import Shown
from ui.shared.next_steps import LOOK_INSIDE, NextStep, offer_next_steps
from ui.shared.selection import select_test_image

_DOUBTFUL: Final = NextStep("pages/review_mistakes.py", "Labels that networks predict otherwise", ":material/gavel:")
_TRAIN: Final = NextStep("pages/train.py", "Train a network on images", ":material/play_circle:")


def show_next_steps(shown: Shown, index: int, open_doubtful_labels: Callable[[str], None]) -> None:
    """Shows the way to a training and, for a test image, into a network, which is then shown that image.

    Args:
        shown: the images.
        index: of the chosen one.
        open_doubtful_labels: is given the name of the data set before the visitor goes to the labels on which all
            networks disagree.
    """
    name = shown.choice.name
    if is_image_set(name) or (shown.choice.part == "test" and name in TEST_SET_TITLES):
        offer_next_steps([_TRAIN, LOOK_INSIDE], lambda: select_test_image(index, name))
        offer_next_steps([_DOUBTFUL], lambda: open_doubtful_labels(name))
    else:
        offer_next_steps([_TRAIN])
