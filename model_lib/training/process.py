"""What a training does for its process: the heartbeat of its run, and the run's log file."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from model_lib.storage.run import HEARTBEAT_SECONDS, LOG_FILE, Run


@contextmanager
def heartbeat(run: Run) -> Iterator[None]:
    """Writes a run's heartbeat every second, from a thread of its own."""
    has_ended = threading.Event()

    def beat() -> None:
        while not has_ended.wait(HEARTBEAT_SECONDS):
            try:
                run.touch()
            except OSError:
                # One that fails is made up for by the next. A deleted folder needs none.
                if not run.exists:
                    return

    thread = threading.Thread(target=beat, daemon=True, name=f"heartbeat-{run.id}")
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()


@contextmanager
def log_file(run: Run) -> Iterator[None]:
    """Copies this process's log records, from level INFO, to the run's log file."""
    handler = logging.FileHandler(run.folder / LOG_FILE, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(min(level, logging.INFO) or logging.INFO)
    logging.getLogger(__name__).info("training in process %d", os.getpid())
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
