"""Starting a training from the page, once for two clicks, and what the page shows of it afterwards."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from model_lib import runs
from model_lib.config.network import NetworkSpec
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.storage.run import Run, RunError
from ui.shared.run_list import forget_listed_runs
from ui.shared.selection import select_run
from ui.shared.visit import Once, state_of
from ui.train.settings_form import in_words

# So soon after a start nobody has changed a setting and starts again: it is a click of the same double click.
_DOUBLE_CLICK_SECONDS: Final = 1.0


@dataclass
class _Started:
    """The visitor's last start: its run, when it was, why it failed, and that the page has not shown it yet."""

    last: Run | None = None
    seconds: float = 0.0
    error: Once[str] = field(default_factory=Once)
    is_new: Once[bool] = field(default_factory=Once)


def start(spec: NetworkSpec, config: TrainingConfig) -> None:
    """Starts a training, unless the visitor's last one is the very same and has not ended: then that one is shown.

    The same network, settings and seed give the same result, so nobody wants it twice: it was a double click.
    """
    started = state_of(_Started)
    last = started.last
    try:
        if last is None or not _is_same_start(started.seconds, last, spec, config):
            last = started.last = runs.start_run(spec, config)
            started.seconds = time.monotonic()
            forget_listed_runs()
    except SettingsError as error:
        started.error.put(in_words(error))
    except RunError as error:
        started.error.put(str(error))
    else:
        select_run(last)
        started.is_new.put(True)


def _is_same_start(seconds: float, last: Run, spec: NetworkSpec, config: TrainingConfig) -> bool:
    """Returns whether a start would give what the last one, at `seconds` of the monotonic clock, gives already."""
    if last.spec != spec:
        return False
    if time.monotonic() - seconds < _DOUBLE_CLICK_SECONDS:
        return True
    return last.state in ("queued", "running") and last.config == config


def show_start_error() -> None:
    """Shows, once, why the last start failed."""
    if message := state_of(_Started).error.take():
        st.error(message, icon=":material/error:")


def has_just_started() -> bool:
    """Returns whether a training has been started since this was asked last."""
    return state_of(_Started).is_new.take() is not None
