"""The visitor's own digits: which set is theirs."""

from __future__ import annotations

import streamlit as st

from model_lib.datasets.user_digits import UserDigitSet, digits_root, is_user_digit_set_id
from ui.shared.visitor import visitor

_ID_KEY = "own_digits"
_ADDRESS_NAME = "digits"
_NAME_LENGTH = 12


def own_collection() -> UserDigitSet:
    """Returns the visitor's own set, which may be empty.

    The same browser finds it again by its cookie. Its name stands in the address of the page My digits alone: whoever
    has that address has the set, also on another device, and a link to another page does not give it away.
    """
    if _ID_KEY not in st.session_state:
        named = st.query_params.get(_ADDRESS_NAME, "")
        st.session_state[_ID_KEY] = named if is_user_digit_set_id(named) else visitor()[:_NAME_LENGTH]
    return UserDigitSet(digits_root() / st.session_state[_ID_KEY])


def put_into_address() -> None:
    """Puts the name of the set into the address, to be kept as a bookmark."""
    own_collection()
    if st.query_params.get(_ADDRESS_NAME) != st.session_state[_ID_KEY]:
        st.query_params[_ADDRESS_NAME] = st.session_state[_ID_KEY]
