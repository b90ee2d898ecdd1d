"""A training in the address of Train: it fills in the form, and a link to what the form shows is made on demand.

The address is not written at every change in the form, which would fight with its widgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import streamlit as st

from model_lib.config.address import NETWORK, SHARED_SETTINGS, SharedTraining, WrongParameter, read_address, to_address
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import FIRST_TRAINING, PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import TITLES
from ui.shared.hand_over.qr_code import page_address, show_qr_code
from ui.shared.hand_over.training_settings import hand_over_settings
from ui.shared.url_state import UrlState
from ui.shared.visit import state_of
from ui.shared.wording import as_written
from ui.train.network_form import choose_entry

FIRST: Final = "first"
_NETWORKS: Final = (FIRST, *PRESETS)
_NAMES: Final = (NETWORK, *SHARED_SETTINGS)
_ADDRESS: Final[UrlState[SharedTraining]] = UrlState(
    _NAMES, lambda parameters: read_address(parameters, _NETWORKS), lambda shared: {}
)


@dataclass
class _Taken:
    shared: SharedTraining | None = None
    wrong: tuple[WrongParameter, ...] = ()


def take_address() -> None:
    """Fills the form with what the address asks for, once, and says what in it cannot be used."""
    taken, shared = state_of(_Taken), _ADDRESS.value
    if taken.shared is not shared:
        taken.shared, taken.wrong = shared, (*shared.wrong, *_misspelt())
        if shared.network is not None:
            choose_entry(shared.network)
        if shared.settings:
            hand_over_settings(shared.settings)
    if taken.wrong:
        lines = [f"- {as_written(each.name)} = {as_written(each.value)}: {each.expected}" for each in taken.wrong]
        st.warning(
            "The address has something that cannot be used; the usual value stands in its place:\n\n"
            + "\n".join(lines),
            icon=":material/link_off:",
        )


def show_link(name: str, spec: NetworkSpec, usual: TrainingConfig, config: TrainingConfig) -> None:
    """Shows, on demand, the address of the training that the form describes.

    Args:
        name: id of the chosen entry of the list of networks.
        spec: its network.
        usual: the settings that the form starts from.
        config: those that it shows.
    """
    with st.popover(
        "Link to this training",
        icon=":material/share:",
        key="training_link",
        help="An address that opens this page with this network and these settings filled in.",
    ):
        preset = next((each for each in PRESETS if PRESETS[each].layers == spec.layers), None)
        network = name if name in _NETWORKS else preset
        parameters = to_address(network or "", _usual_of(network, usual), config)
        if network is None:
            parameters.pop(NETWORK)
        address = page_address(parameters)
        if address is None:
            st.info("The browser has not told the address of this page. Load it again.", icon=":material/info:")
            return
        st.markdown("Whoever opens this address finds the form filled in like yours:")
        st.code(address, language=None, wrap_lines=True)
        if network is None:
            st.caption("Layers that you have changed are not in it: it has the settings alone.")
        if config.own_digits or config.dataset not in TITLES:
            st.caption("Your own images are not in it.")
        show_qr_code(address)


def _usual_of(network: str | None, usual: TrainingConfig) -> TrainingConfig:
    return FIRST_TRAINING if network in (FIRST, None) else PRESET_CONFIGS.get(network or "", usual)


def _misspelt() -> list[WrongParameter]:
    """Returns the parameters that are nearly one of ours; all others belong to others."""
    found: Mapping[str, list[str]] = {
        name: get_close_matches(name, _NAMES, 1, 0.8) for name in st.query_params if name not in _NAMES
    }
    return [
        WrongParameter(name, st.query_params[name], f"did you mean `{near[0]}`?")
        for name, near in found.items()
        if near
    ]
