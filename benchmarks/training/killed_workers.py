"""How long the next training waits after a worker was killed, at each of four moments, five times in a row.

python -m benchmarks.training.killed_workers --busy 2

The time runs from the last kill to the first step of the training that waits. Beside it: what the page says meanwhile.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.pages.visitors import compute_for_ever
from benchmarks.report import print_heading, print_table
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.runs import create_run
from model_lib.storage.run import Run
from model_lib.training.cluster import TrainingCluster

_LONG: Final = TrainingConfig(epochs=50)
_SHORT: Final = TrainingConfig(training_images=1000, batch_size=50, epochs=1)
_KILLS: Final = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--busy", type=int, default=0, help="processes that compute all the time")
    options = parser.parse_args(arguments)
    for _ in range(options.busy):
        multiprocessing.Process(target=compute_for_ever, daemon=True, name="busy").start()
    cluster = TrainingCluster(workers=1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for moment, wait in _MOMENTS.items():
            said = set()
            for _ in range(_KILLS):
                cluster.wait_until_ready(300)
                wait(cluster, Path(folder))
                _kill_worker()
                _until(lambda: not cluster.is_ready)
                said.add((cluster.obstacle or "nothing").split(" (")[0])
            killed = time.monotonic()
            run = create_run(PRESETS["mlp"], _SHORT, folder)
            cluster.submit(run)
            _until(lambda run=run: _has_begun(run), 300)
            seconds = time.monotonic() - killed
            run.wait(300)
            rows.append([moment, f"{seconds:.1f}", run.state, " / ".join(sorted(said))])
    cluster.close()
    print_heading(f"Seconds from the fifth kill to the next training's first step, {options.busy} busy processes")
    print_table(["killed", "seconds", "it ended", "the page says"], rows)


def _at_rest(cluster: TrainingCluster, folder: Path) -> None:
    time.sleep(1)


def _in_epoch(number: int) -> Callable[[TrainingCluster, Path], None]:
    def wait(cluster: TrainingCluster, folder: Path) -> None:
        run = create_run(PRESETS["mlp"], _LONG, folder)
        cluster.submit(run)
        _until(lambda: _has_begun(run) and len(run.epochs_done) >= number, 300)

    return wait


def _before_its_first_step(cluster: TrainingCluster, folder: Path) -> None:
    run = create_run(PRESETS["mlp"], _LONG, folder)
    cluster.submit(run)
    _until(lambda: run.recorded_state == "running", 300)


_MOMENTS: Final = {
    "at rest": _at_rest,
    "before its first step": _before_its_first_step,
    "in the first epoch": _in_epoch(1),
    "in the third epoch": _in_epoch(3),
}


def _has_begun(run: Run) -> bool:
    try:
        return '"steps"' in (run.folder / "events.jsonl").read_text(encoding="utf-8")
    except OSError:
        return False


def _kill_worker() -> None:
    for child in multiprocessing.active_children():
        if child.name.startswith("Dask Worker"):
            child.kill()


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The worker did not come back.")
        time.sleep(0.02)


if __name__ == "__main__":
    main()
