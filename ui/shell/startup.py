"""What is made ready when the server starts, so that no visitor waits for it, and what keeps the pages quick."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import numpy as np

from model_lib.comparison.records import shared_records
from model_lib.compute.worker import shared_worker
from model_lib.datasets.image_sets import sweep_image_sets
from model_lib.datasets.user_digits import sweep_deleted_digits
from model_lib.predictions import PredictionError, load_pretrained, predict
from model_lib.runs import runs_root
from model_lib.storage.bin import sweep_bin
from model_lib.storage.run_folders import datasets_in_use
from model_lib.sweeps.driver import shared_driver
from model_lib.training.cluster import shared_cluster
from ui.shared.streamlit_workarounds import runs_a_page

_logger = logging.getLogger(__name__)
_HEAD_START_SECONDS: Final = 2.0
_LONGEST_WAIT_SECONDS: Final = 30.0
_GLANCE_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 1.0
_COLLECT_SECONDS: Final = 10.0


def start(is_ending: threading.Event) -> None:
    """Prepares the first answer and starts the worker processes, in the background; returns at once.

    Args:
        is_ending: is set when the server ends.
    """
    shared_driver().wake()  # sweeps that were under way when the server ended
    threading.Thread(target=_warm_up, args=(is_ending,), daemon=True, name="warm-up").start()


def _warm_up(is_ending: threading.Event) -> None:
    try:
        _prepare(is_ending)
    except Exception:
        # Each of them is tried again when a visitor asks for it, and then said in the page.
        _logger.exception("not everything could be made ready")
    collect_garbage_between_runs(is_ending)


def _prepare(is_ending: threading.Event) -> None:
    sweep_deleted_digits()
    sweep_bin(runs_root())
    sweep_image_sets(datasets_in_use())
    with suppress(PredictionError):
        predict(load_pretrained(), np.zeros((1, 28, 28), np.float32))
    shared_records(runs_root()).now()  # whoever opens All runs first does not wait for a thousand folders to be read
    # One after the other, and after the page that the first visitor opens at once: loading TensorFlow keeps a core busy
    # for seconds. Whoever needs a process before starts it by asking for it.
    if _waits_for(lambda: not runs_a_page(), is_ending, at_least_seconds=_HEAD_START_SECONDS):
        cluster = shared_cluster()
        if _waits_for(lambda: cluster.is_ready, is_ending):
            shared_worker()


def _waits_for(condition: Callable[[], bool], is_ending: threading.Event, at_least_seconds: float = 0.0) -> bool:
    """Waits until a condition holds, for half a minute at most. Returns whether the server goes on."""
    give_up = time.monotonic() + _LONGEST_WAIT_SECONDS
    if is_ending.wait(at_least_seconds):
        return False
    while not condition() and time.monotonic() < give_up:
        if is_ending.wait(_GLANCE_SECONDS):
            return False
    return True


def collect_garbage_between_runs(is_ending: threading.Event) -> None:
    """Collects garbage now and then while no page runs, until the server ends.

    Streamlit would collect all generations after every run of a page, with the interpreter locked, while the next
    visitor waits; `.streamlit/config.toml` turns that off. Python's own collector stays on for the youngest objects.
    """
    has_settled = False
    collected = 0.0
    while not is_ending.wait(_LOOK_SECONDS):
        if time.monotonic() - collected < _COLLECT_SECONDS or runs_a_page():
            continue
        gc.collect()
        if not has_settled:
            # Modules stay for good: frozen, they are out of the collector's sight.
            gc.freeze()
            has_settled = True
        collected = time.monotonic()
