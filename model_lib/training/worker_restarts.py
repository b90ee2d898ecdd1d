"""Restarts workers of a local Dask cluster that Dask itself does not restart.

Written for distributed 2026.8. A nanny restarts its worker's process after a crash, but closes itself when the process
dies before its first registration, and the cluster then keeps the closed nanny in its list.
"""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import LocalCluster


def restart_lost_workers(cluster: LocalCluster, workers: int) -> None:
    """Replaces closed nannies.

    Args:
        cluster: the cluster.
        workers: its number of workers.
    """
    from distributed.core import Status

    def replace() -> None:  # in the cluster's event loop, where nothing changes its list concurrently
        for name, nanny in list(cluster.workers.items()):
            if nanny.status in (Status.closed, Status.failed):
                del cluster.workers[name]
        cluster.scale(workers)

    has_ended = any(nanny.status in (Status.closed, Status.failed) for nanny in list(cluster.workers.values()))
    if has_ended or len(cluster.workers) < workers:
        cluster.loop.add_callback(replace)


def end_processes(cluster: LocalCluster) -> None:
    """Kills the processes of a cluster, including those that are still starting.

    `LocalCluster.close` waits for a starting process, which waits for TensorFlow. A nanny is in the public list only
    once its process has registered, hence the private one.
    """
    from distributed.core import Status

    try:
        nannies = list(cluster._created)
    except RuntimeError:  # the event loop is adding one; the next call finds it
        return
    for nanny in nannies:
        if nanny.status not in (Status.closing, Status.closed, Status.failed):
            nanny.close_gracefully()  # keeps the nanny from restarting the process
        if nanny.pid:
            with contextlib.suppress(OSError):
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
