"""Starting a training from the page, from its form or as a run once more, once for two clicks."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from model_lib import runs
from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.predictions import PredictionError
from model_lib.storage.lineage import Start, ancestors_of, stored_start
from model_lib.storage.run import Run, RunError
from model_lib.storage.run_folders import unused_seed
from ui.shared.run_list import forget_listed_runs
from ui.shared.scrolling import scroll_to
from ui.shared.selection import select_run
from ui.shared.visit import state_of
from ui.train.settings_form import in_words

# Key of the container of the page in which the run stands.
RUN_CONTAINER: Final = "run"


@dataclass
class _Started:
    """The visitor's last start.

    Args:
        last: its run.
        repeated: the run that it repeats with another seed, until the visitor sees that one again.
    """

    last: Run | None = None
    repeated: Run | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def start(
    spec: NetworkSpec, config: TrainingConfig, load_start: Callable[[], Start | None] | None = None
) -> str | None:
    """Starts a training, unless the visitor's last one is the very same and has not ended: then that one is shown.

    The same network, settings and seed give the same result, so nobody wants it twice: it was a double click.

    Args:
        spec: the network.
        config: the settings.
        load_start: loads the trained weights that it goes on from; None for random ones.

    Returns:
        Why it could not be started, as Markdown; None if it was.
    """
    started = state_of(_Started)

    def begin() -> Run:
        last, first = started.last, None if load_start is None else load_start()
        wanted = spec, config, () if first is None else first.ancestors
        is_under_way = last is not None and last.state in ("queued", "running")
        if last is not None and is_under_way and (last.spec, last.config, ancestors_of(last)) == wanted:
            return last
        return runs.start_run(spec, config, None, first)

    return _begin(started, begin)


def start_with_another_seed(run: Run) -> str | None:
    """Starts a run's training once more with the next random seed; once for the clicks that `see_again` does not part.

    Returns:
        Why it could not be started, as Markdown; None if it was.
    """
    started = state_of(_Started)

    def begin() -> Run:
        if started.repeated == run and started.last is not None:
            return started.last
        spec, config = run.spec, run.config
        config = dataclasses.replace(config, seed=unused_seed(spec, config))
        new = runs.start_run(spec, config, None, stored_start(run))
        started.repeated = run
        return new

    return _begin(started, begin)


def see_again(run: Run) -> None:
    """Notes that a run is shown without a click on its button: the next click is no second one of a double click."""
    started = state_of(_Started)
    if started.repeated == run:
        started.repeated = None


def _begin(started: _Started, begin: Callable[[], Run]) -> str | None:
    """Starts a training and brings it into view; returns why not, as Markdown."""
    try:
        # Streamlit begins the page run of a second click while that of the first may still be starting the training.
        with started.lock:
            last = started.last = begin()
        forget_listed_runs()
    except SettingsError as error:
        return in_words(error)
    except (RunError, NetworkError, PredictionError) as error:
        return str(error)
    select_run(last)
    scroll_to(RUN_CONTAINER)
    return None
