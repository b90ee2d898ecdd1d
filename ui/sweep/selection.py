"""The sweep that is looked at: part of the address, so that a link to it can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from model_lib.sweeps.sweep import Sweep, find_sweep
from ui.shared.url_state import UrlState


def _named(parameters: Mapping[str, str]) -> str:
    name = parameters.get("sweep", "")
    return name if find_sweep(name) is not None else ""


_SWEEP: Final = UrlState(("sweep",), _named, lambda name: {"sweep": name} if name else {})


def selected_sweep() -> Sweep | None:
    """Returns the sweep that is looked at, and puts it into the address; None for the form of a new one."""
    _SWEEP.write()
    return find_sweep(_SWEEP.value)


def select_sweep(sweep: Sweep | None) -> None:
    """Makes a sweep the one that is looked at; None shows the form of a new one."""
    _SWEEP.set("" if sweep is None else sweep.id)
