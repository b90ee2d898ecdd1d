"""What all tests share: marks by folder, cores shared out among the test processes, and one training for many tests."""

from __future__ import annotations

import fcntl
import functools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets import loading
from model_lib.runs import create_run, list_runs
from model_lib.storage.run import Run

_TESTS: Final = Path(__file__).parent
# Everything in these places gets the mark; "training" is also the mark of every test that asks for `trained_run`.
_MARKS: Final = {
    "browser": ("browser",),
    "training": ("training", "engine", "test_train_cli.py"),
}
# Two processes take a file each, in this order: the long ones first, so that at the end none waits for the other.
_LONG_FIRST: Final = ("browser", "test_train_cli.py", "training", "engine", "pages", "interpretability")
_LONG_BROWSER_FILES_FIRST: Final = (
    *("test_every_page.py", "test_train.py", "test_look_inside.py", "test_results_in_view.py", "test_keyboard.py"),
    *("test_answers_while_drawing.py", "test_my_digits.py", "test_server.py", "test_layout.py", "test_forms.py"),
)

# Before TensorFlow is loaded, and for the servers too: two processes whose operations each take all cores spend their
# time waiting for each other.
if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
    _cores = str(max(1, (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])))
    for _variable in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(_variable, _cores)

_read_once: Final = functools.cache(loading._read_arrays)


def _copies(file: Path, checksum: str, title: str) -> dict[str, np.ndarray]:
    """Unpacks an archive of the repository once a process: fifty modules of tests and each page read it again."""
    return {name: array.copy() for name, array in _read_once(file, checksum, title).items()}


# Before the modules of tests are imported, of which many read the images at their top.
loading._read_arrays = _copies


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that need a browser or train a network, which `make quick` leaves out, and puts them in order."""
    for item in items:
        for mark, rooms in _MARKS.items():
            if _room(item) in rooms:
                item.add_marker(mark)
        if "trained_run" in getattr(item, "fixturenames", ()):
            item.add_marker("training")
    items.sort(key=lambda item: (_place(_room(item), _LONG_FIRST), _place(item.path.name, _LONG_BROWSER_FILES_FIRST)))


def _place(name: str, names: tuple[str, ...]) -> int:
    """Returns where a name stands among some; behind them all where it is none of them."""
    return names.index(name) if name in names else len(names)


def _room(item: pytest.Item) -> str:
    """Returns the folder, or the file beside the folders, that a test stands in."""
    return item.path.relative_to(_TESTS).parts[0]


@pytest.fixture(scope="session", autouse=True)
def _own_temporary_folder() -> Iterator[None]:
    """Gives each test process its own, so that what one looks for there is not what the other left."""
    before = tempfile.tempdir
    with (
        tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("TMPDIR", folder)
        tempfile.tempdir = None
        yield
    tempfile.tempdir = before


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of `mlp` on 6,000 images for one epoch: good, with some hundred mistakes. To copy, not to change.

    It is trained once, by the test process that needs it first.
    """
    from model_lib.training.loop import train

    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "trained"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        runs = list_runs(shared)
        if runs:
            return runs[0]
        run = create_run(PRESETS["mlp"], TrainingConfig(epochs=1, training_images=6_000, validation="none"), shared)
        assert train(run) == "finished"
        return run
