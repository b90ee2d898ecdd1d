"""The results of sweeps and the speed of networks, read once for all visitors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from model_lib.runs import runs_root
from model_lib.sweeps.cost import Speed, measured_speed
from model_lib.sweeps.results import ResultReader, SweepResults
from model_lib.sweeps.sweep import Sweep

_SPEED_SECONDS = 30


@st.cache_resource(show_spinner=False)
def _reader(root: str) -> ResultReader:
    return ResultReader(Path(root))


def results_of(sweep: Sweep) -> SweepResults:
    """Returns what a sweep has reached.

    Raises:
        SweepError: if its plan cannot be read.
    """
    return _reader(str(runs_root())).results_of(sweep)


@st.cache_data(ttl=_SPEED_SECONDS, show_spinner=False)
def _speed(network: str, root: str) -> Speed | None:
    return measured_speed(network, root)


def speed_of(network: str) -> Speed | None:
    """Returns how fast earlier runs of a network were trained; None if there is none."""
    return _speed(network, str(runs_root()))
