"""The sweep that is looked at: part of the address, so that a link to it can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from model_lib.sweeps.sweep import Sweep, find_sweep
from ui.shared.url_state import UrlState
from ui.shared.wording import as_written


def _named(parameters: Mapping[str, str]) -> str:
    return parameters.get("sweep", "")


_SWEEP: Final = UrlState(("sweep",), _named, lambda name: {"sweep": name} if name else {})


def selected_sweep() -> Sweep | None:
    """Returns the sweep that is looked at, and puts it into the address; None for the form of a new one.

    An address of a sweep that is not there is said in the page.
    """
    _SWEEP.write()
    sweep = find_sweep(_SWEEP.value)
    if sweep is None and _SWEEP.value:
        st.warning(
            f"There is no sweep {as_written(_SWEEP.value)} on this server. Start a new one, or open an earlier one "
            "below.",
            icon=":material/link_off:",
        )
    return sweep


def select_sweep(sweep: Sweep | None) -> None:
    """Makes a sweep the one that is looked at; None shows the form of a new one."""
    _SWEEP.set("" if sweep is None else sweep.id)
