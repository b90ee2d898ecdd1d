"""What it costs the web process to ask a worker: through the compute worker's pipe, and as a task of Dask.

python -m benchmarks.kernels.worker_calls --calls 300
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence

import psutil
from distributed import Client, LocalCluster
from distributed.security import Security

from benchmarks.report import print_heading, print_table
from model_lib.compute.worker import ComputeWorker
from tests.support.sample_computations import ProcessId, prepare_nothing


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=300, help="how often each is asked")
    calls = parser.parse_args(arguments).calls
    print_heading(f"A worker is asked for its process id, {calls} times, in ms")
    worker = ComputeWorker(prepare_nothing)
    worker.wait_until_ready()
    rows = [_row("the compute worker", lambda: worker.compute(ProcessId(), lambda progress: None), calls)]
    worker.close()
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, memory_limit=0, dashboard_address=":0", security=Security.temporary()
        ) as cluster,
        Client(cluster) as client,
    ):
        rows.append(_row("a Dask worker", lambda: client.submit(os.getpid, pure=False).result(), calls))
    print_table(("asked", "median", "95th percentile", "processor time of the web process"), rows)


def _row(name: str, ask: Callable[[], object], calls: int) -> tuple[str, str, str, str]:
    for _ in range(20):
        ask()
    before, times_ms = _processor_seconds(), []
    for _ in range(calls):
        start = time.perf_counter()
        ask()
        times_ms.append(1000 * (time.perf_counter() - start))
    used_ms = 1000 * (_processor_seconds() - before) / calls
    times_ms.sort()
    return name, f"{times_ms[calls // 2]:.2f}", f"{times_ms[calls * 95 // 100]:.2f}", f"{used_ms:.2f}"


def _processor_seconds() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
