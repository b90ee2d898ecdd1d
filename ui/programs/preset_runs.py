"""The runs of a program, its network with its settings: the newest result, the progress, the button that starts one."""

from __future__ import annotations

import dataclasses
import functools
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import streamlit as st

from model_lib import runs
from model_lib.config.network import NetworkError
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import SettingsError
from model_lib.number_format import accuracy_text
from model_lib.storage.lineage import ancestors_of
from model_lib.storage.run import Run, RunError
from model_lib.storage.run_folders import unused_seed, without_seed
from model_lib.storage.run_snapshot import RunEntry
from ui.shared.histories import history_of
from ui.shared.refresh import refresh_seconds
from ui.shared.run_list import entry_of, forget_listed_runs, listed_runs
from ui.shared.selection import select_run
from ui.shared.url_state import open_address

_REDRAW_SECONDS: Final = 1.0
_HELP: Final = "Trains this network with the settings of the program. You can go on reading meanwhile."
# One at a time: the second click of a double click, and that of another visitor, then find the first one's run.
_START: Final = threading.Lock()


def newest_result(program: str) -> Run | None:
    """Returns the newest run of the program that has ended as planned; None if there is none."""
    return next((entry.run for entry in _entries(program) if entry.state == "finished"), None)


def run_under_way(program: str) -> RunEntry | None:
    """Returns the newest run of the program that is queued or running; None if there is none."""
    return next((entry for entry in _entries(program) if entry.is_under_way), None)


def offer_training(program: str, key: str, is_primary: bool = False) -> None:
    """Shows the button that trains a program's network, by one click; it waits while a training is under way.

    Args:
        program: its name.
        key: of the button.
        is_primary: whether it is the first thing to do on the page.
    """
    is_again, is_waiting = newest_result(program) is not None, run_under_way(program) is not None
    is_clicked = st.button(
        "Train it with another seed" if is_again else "Train it",
        # Nothing could be read on a primary button that waits.
        type="primary" if is_primary and not is_waiting else "secondary",
        icon=":material/play_arrow:",
        key=key,
        help=_HELP,
        disabled=is_waiting,
    )
    if not is_clicked:
        return
    failure = _start(program)
    if failure is None:
        st.rerun()  # the sidebar, drawn before, shows another network
    st.error(failure, icon=":material/error:")


def _start(program: str) -> str | None:
    """Starts a training with the program's settings; returns why it could not be started."""
    spec, config = PRESETS[program], PRESET_CONFIGS[program]
    try:
        with _START:
            forget_listed_runs()
            entry = run_under_way(program)
            if entry is None:
                if newest_result(program) is not None:  # the same seed would give the same result
                    config = dataclasses.replace(config, seed=unused_seed(spec, config))
                run = runs.start_run(spec, config)
                forget_listed_runs()
            else:
                run = entry.run
    except (RunError, NetworkError, SettingsError) as error:
        return str(error)
    select_run(run)
    return None


def show_progress(program: str) -> None:
    """Shows how a training of the program's network is going, if one is under way."""
    entry = run_under_way(program)
    if entry is not None:
        st.fragment(_progress, run_every=refresh_seconds(_REDRAW_SECONDS))(entry.run)


def _progress(run: Run) -> None:
    entry = entry_of(run)
    if not entry.is_under_way:
        st.rerun()  # the whole page: there are results now
    history = history_of(run)
    if entry.state == "queued" or not history.steps_done:
        words = f"waiting, place {entry.place}" if (entry.place or 1) > 1 else "starting"
    else:
        epoch = (history.steps_done - 1) // history.steps_per_epoch + 1
        epochs = history.started.epochs if history.started else epoch
        words = f"epoch {epoch} of {epochs}, training accuracy {accuracy_text(history.curve('accuracy')[1][-1])}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, history.steps_done / history.total_steps), f"In training: {words}")
        if st.button("Watch the curves", icon=":material/show_chart:", key="watch_program"):
            open_address("pages/train.py", {"run": run.id})


def _entries(program: str) -> list[RunEntry]:
    return [entry for entry in listed_runs() if _preset_of(entry.run) == program]


def _preset_of(run: Run) -> str | None:
    with suppress(RunError):
        return _named_preset(str(run.folder))
    return None


# Network and settings of a run never change. Streamlit's own caches take a hundred times as long, and there may be 200
# runs.
@functools.lru_cache(maxsize=1000)
def _named_preset(folder: str) -> str | None:
    """Returns whose run it is; one on other images, with other settings or of a network trained before is nobody's."""
    run = Run(Path(folder))
    spec = run.spec
    if PRESETS.get(spec.name) != spec or ancestors_of(run):
        return None
    return spec.name if without_seed(run.config) == without_seed(PRESET_CONFIGS[spec.name]) else None
