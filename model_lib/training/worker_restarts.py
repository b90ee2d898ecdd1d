"""Workers of a local Dask cluster that Dask itself does not start again.

Written for distributed 2026.8. A nanny restarts its worker's process after a crash, but it ends itself when the
process dies before it has ever registered, and the cluster then keeps the ended nanny in its list for good.
"""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import LocalCluster


def restart_lost_workers(cluster: LocalCluster, workers: int) -> None:
    """Replaces the nannies that have ended.

    Args:
        cluster: the cluster; nothing is done if all its nannies live.
        workers: how many there are to be.
    """
    from distributed.core import Status

    def replace() -> None:  # in the cluster's own loop: nothing else changes its list meanwhile
        for name, nanny in list(cluster.workers.items()):
            if nanny.status in (Status.closed, Status.failed):
                del cluster.workers[name]
        cluster.scale(workers)

    has_ended = any(nanny.status in (Status.closed, Status.failed) for nanny in list(cluster.workers.values()))
    if has_ended or len(cluster.workers) < workers:
        cluster.loop.add_callback(replace)


def end_processes(cluster: LocalCluster) -> None:
    """Ends a cluster's processes at once, whatever they are doing, also those that still start.

    Dask's own way waits for a process that starts, and that one for TensorFlow. A nanny stands in the public list
    only after its process has registered.
    """
    from distributed.core import Status

    try:
        nannies = list(cluster._created)
    except RuntimeError:  # the cluster's loop has just added one; it is found the next time
        return
    for nanny in nannies:
        if nanny.status not in (Status.closing, Status.closed, Status.failed):
            nanny.close_gracefully()  # in Dask's words: do not start the process again when it goes away
        if nanny.pid:
            with contextlib.suppress(OSError):
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
