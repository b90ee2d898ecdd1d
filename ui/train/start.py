"""Starting a training from the page, once for two clicks."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from model_lib import runs
from model_lib.config.network import NetworkSpec
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.storage.run import Run, RunError
from ui.shared.run_list import forget_listed_runs
from ui.shared.scrolling import scroll_to
from ui.shared.selection import select_run
from ui.shared.visit import state_of
from ui.train.settings_form import in_words

# Key of the container of the page in which the run stands.
RUN_CONTAINER: Final = "run"


@dataclass
class _Started:
    """The visitor's last start: its run."""

    last: Run | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def start(spec: NetworkSpec, config: TrainingConfig) -> str | None:
    """Starts a training, unless the visitor's last one is the very same and has not ended: then that one is shown.

    The same network, settings and seed give the same result, so nobody wants it twice: it was a double click.

    Returns:
        Why it could not be started, as Markdown; None if it was.
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
        return in_words(error)
    except RunError as error:
        return str(error)
    select_run(last)
    scroll_to(RUN_CONTAINER)
    return None
