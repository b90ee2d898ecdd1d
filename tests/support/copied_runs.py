"""Runs that many tests need, copied where one test may change them."""

import shutil
from pathlib import Path

from model_lib.storage.run import Run


def copy_of(run: Run, root: Path) -> Run:
    """Copies a run to the runs of a server or a page, where several tests may ask for the same copy."""
    return Run(shutil.copytree(run.folder, root / run.id, dirs_exist_ok=True))
