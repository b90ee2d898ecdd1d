"""Trains what is missing for three pairs of seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import streamlit as st

from model_lib import runs
from model_lib.comparison.record import RunRecord
from model_lib.comparison.seed_groups import SeedGroup
from model_lib.config.network import NetworkError
from model_lib.config.training import SettingsError
from model_lib.storage.lineage import ancestors_of, stored_start
from model_lib.storage.run import RunError
from ui.compare.records import forget_recorded_runs, recorded_runs
from ui.shared.visit import Once, state_of
from ui.shared.wording import in_markdown


class _Problem(Once[str]):
    """Why a training could not be started."""


def offer_missing_seeds(missing: Sequence[tuple[SeedGroup, int]]) -> None:
    """Shows a button that starts the missing trainings, and how many of them are under way.

    Args:
        missing: the groups, and the seeds that they have not been trained with.
    """
    if problem := state_of(_Problem).take():
        st.error(problem, icon=":material/error:")
    waiting = [(group, seed) for group, seed in missing if _is_under_way(group, seed)]
    wanted = [each for each in missing if each not in waiting]
    if waiting:
        st.info(f"Under way with other seeds: {len(waiting)}.", icon=":material/hourglass_top:")
        st.button("Look again", key="chance-again", icon=":material/refresh:", help="Reads the runs anew.")
    if wanted:
        st.button(
            f"Train the missing {'one' if len(wanted) == 1 else len(wanted)}, for 3 pairs of seeds",
            key="chance-train",
            icon=":material/play_circle:",
            type="primary",
            on_click=_train,
            args=(wanted,),
            help="; ".join(f"{in_markdown(group.network)}, as in {group.id}, seed {seed}" for group, seed in wanted),
        )


def _train(wanted: Sequence[tuple[SeedGroup, int]]) -> None:
    for group, seed in wanted:
        if _is_under_way(group, seed):
            continue  # the second click of two
        record = group.records[0]
        try:
            config = dataclasses.replace(record.config, seed=seed)
            runs.start_run(record.spec, config, None, stored_start(record.run))
        except (SettingsError, NetworkError, RunError) as error:
            state_of(_Problem).put(str(error))
            break
        forget_recorded_runs()


def _is_under_way(group: SeedGroup, seed: int) -> bool:
    return any(_is_same(record, group.records[0], seed) for record in recorded_runs())


def _is_same(record: RunRecord, known: RunRecord, seed: int) -> bool:
    wanted = dataclasses.replace(known.config, seed=seed)
    if record.state not in ("queued", "running", "paused") or (record.spec, record.config) != (known.spec, wanted):
        return False
    try:
        return ancestors_of(record.run) == ancestors_of(known.run)
    except RunError:  # deleted meanwhile
        return False
