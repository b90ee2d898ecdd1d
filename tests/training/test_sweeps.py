"""A sweep on a real server that is killed in its middle."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from model_lib.config.presets import PRESET_TABLE
from model_lib.runs import list_runs
from model_lib.storage.sweep_link import read_link
from model_lib.sweeps.plan import base_config, make_plan
from model_lib.sweeps.sweep import create_sweep
from tests.support.app_server import AppServer

_LONG_SECONDS = 300


def _wait_until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _LONG_SECONDS
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.2)


def test_a_sweep_of_12_runs_survives_the_kill_of_its_server_and_ends_with_each_run_once(tmp_path: Path) -> None:
    preset, root = PRESET_TABLE["mlp"], tmp_path / "runs"
    values = {"batch_size": (16, 64), "dropout": (0.0, 0.5)}
    plan = make_plan(preset.spec, base_config(preset.config, epochs=1, training_images=500), values, seeds=3)
    assert plan.runs == 12
    sweep = create_sweep(plan, root)

    def states() -> Counter[str]:
        return Counter(run.state for run in list_runs(root))

    server = AppServer(root).start()
    try:
        _wait_until(lambda: states()["finished"] >= 4)
    finally:
        server.kill()
    before = list_runs(root)
    assert sweep.state == "running"
    assert 4 <= len(before) < 12, "it was killed in the middle"
    finished = {run.id for run in before if run.state == "finished"}
    server = AppServer(root).start()
    try:
        _wait_until(lambda: sweep.state == "finished")
    finally:
        server.stop()
    runs = list_runs(root)
    assert [run.state for run in runs] == ["finished"] * 12
    assert {run.id for run in runs} >= {run.id for run in before}, "none was lost, those under way were resumed"
    links = [read_link(run.folder) for run in runs]
    planned = {(sweep.id, point, seed) for point, seed in plan.order()}
    assert {(link.sweep, link.point, link.seed) for link in links if link is not None} == planned
    for run, link in zip(runs, links, strict=True):
        assert link is not None
        assert (run.spec, run.config) == plan.at(link.point, link.seed)
        if run.id in finished:
            assert sum(1 for line in (run.folder / "events.jsonl").open() if '"started"' in line) == 1
