"""Which of several server processes starts the runs of the sweeps: one, until it ends."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from model_lib.files import read_json
from model_lib.storage.liveness import is_owner_alive, this_process

# So long a file may be empty while its process writes into it.
_WRITING_SECONDS: Final = 5.0


class Lease:
    """A file that names the process which has it; its modification time is the heartbeat.

    Args:
        file: the file, whose folder exists.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def is_held(self) -> bool:
        """Returns whether this process has the lease, and tries to get it where nobody has it.

        A lease that was just got counts from the next call on: two processes may have found the former owner gone at
        the same time, and only one of them is named then.
        """
        try:
            record = read_json(self._file)
        except FileNotFoundError:
            self._get()
            return False
        except (OSError, ValueError):  # it is being written, or damaged
            if self._age_seconds() > _WRITING_SECONDS:
                self._get_anew()
            return False
        if record == this_process():
            with suppress(OSError):
                os.utime(self._file)
            return True
        if not is_owner_alive(record, self._file):
            self._get_anew()
        return False

    def release(self) -> None:
        """Lets another process have it."""
        with suppress(OSError, ValueError):
            if read_json(self._file) == this_process():
                self._file.unlink()

    def _get_anew(self) -> None:
        self._file.unlink(missing_ok=True)
        self._get()

    def _get(self) -> None:
        with suppress(OSError), self._file.open("x", encoding="utf-8") as stream:
            stream.write(json.dumps(this_process()))

    def _age_seconds(self) -> float:
        try:
            return time.time() - self._file.stat().st_mtime
        except OSError:
            return 0.0
