"""The visitor's own digits and image sets: which are theirs."""

from __future__ import annotations

from collections.abc import Mapping

from model_lib.datasets.image_set_names import is_image_set
from model_lib.datasets.image_sets import ImageSetCollection
from model_lib.datasets.loading import title_of_test_set
from model_lib.datasets.user_digits import UserDigitSet, digits_root, is_user_digit_set_id
from ui.shared.url_state import UrlState
from ui.shared.visitor import visitor
from ui.shared.wording import in_markdown

_NAME_LENGTH = 12


def _named_collection(parameters: Mapping[str, str]) -> str:
    """Returns the name of the set that an address asks for, or else that of this browser."""
    name = parameters.get("digits", "")
    return name if is_user_digit_set_id(name) else visitor()[:_NAME_LENGTH]


_NAME = UrlState(("digits",), _named_collection, lambda name: {"digits": name})


def own_collection() -> UserDigitSet:
    """Returns the visitor's own set, which may be empty.

    The same browser finds it again by its cookie. Its name stands in the address of the page My digits alone: whoever
    has that address has the set, also on another device, and a link to another page does not give it away.
    """
    return UserDigitSet(digits_root() / _NAME.value)


def own_image_sets() -> ImageSetCollection:
    """Returns the image sets that the visitor has brought: found, and given away, with the set of their own digits."""
    return ImageSetCollection(_NAME.value)


def title_in_markdown(name: str) -> str:
    """Returns what a test set is called, a visitor's own by the title that they gave it, as Markdown."""
    titles = {each.name: each.title for each in own_image_sets().sets()} if is_image_set(name) else {}
    return in_markdown(titles[name]) if name in titles else title_of_test_set(name)


def put_into_address() -> None:
    """Puts the name of the set into the address, to be kept as a bookmark."""
    _NAME.write()
