"""Starting a training from the page, once for two clicks, and what the page shows of it afterwards."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import streamlit as st

from model_lib import runs
from model_lib.config.network import NetworkSpec
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.storage.run import Run, RunError
from ui.shared.run_list import forget_listed_runs
from ui.shared.selection import select_run
from ui.shared.visit import Once, state_of
from ui.train.settings_form import in_words


@dataclass
class _Started:
    """The visitor's last start: its run, why it failed, and that the page has not shown it yet."""

    last: Run | None = None
    error: Once[str] = field(default_factory=Once)
    is_new: Once[bool] = field(default_factory=Once)
    lock: threading.Lock = field(default_factory=threading.Lock)


def start(spec: NetworkSpec, config: TrainingConfig) -> None:
    """Starts a training, unless the visitor's last one is the very same and has not ended: then that one is shown.

    The same network, settings and seed give the same result, so nobody wants it twice: it was a double click.
    """
    started = state_of(_Started)
    try:
        # Streamlit begins the page run of a second click while that of the first may still be starting the training.
        with started.lock:
            last = started.last
            if last is None or last.state not in ("queued", "running") or (last.spec, last.config) != (spec, config):
                last = started.last = runs.start_run(spec, config)
        forget_listed_runs()
    except SettingsError as error:
        started.error.put(in_words(error))
    except RunError as error:
        started.error.put(str(error))
    else:
        select_run(last)
        started.is_new.put(True)


def show_start_error() -> None:
    """Shows, once, why the last start failed."""
    if message := state_of(_Started).error.take():
        st.error(message, icon=":material/error:")


def has_just_started() -> bool:
    """Returns whether a training has been started since this was asked last."""
    return state_of(_Started).is_new.take() is not None
