"""What tests of single pages share: a folder for runs, and a process as warm as the server's."""

from __future__ import annotations

import functools
import gc
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager

from model_lib import runs
from model_lib.compute.messages import Computation
from model_lib.datasets.loading import ProgressCallback
from model_lib.runs import create_run
from ui.shared import jobs
from ui.shared.streamlit_workarounds import ignore_pages_folder


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    """Brings the process into the state of a warm server, in which a run of a page takes half a second less."""
    import keras

    assert keras.backend.backend() == "tensorflow"
    # Where Keras is loaded, as it never is in the server, Streamlit clears its session after every run of a page.
    keras.backend.clear_session = lambda free_memory=True: None
    # Each `AppTest` looks for components in all packages that are installed, as a server does once when it starts.
    manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for the runs; the app's own is left alone."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setenv("RUNS_FOLDER", str(folder))
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path / "digits"))
    _ignore_the_pages_folder_as_a_server_does(monkeypatch)
    return folder


def _ignore_the_pages_folder_as_a_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets every run of an `AppTest` come through `app.py`: it looks for the folder `pages/` anew before each."""
    as_it_comes = PagesManager.__init__

    @functools.wraps(as_it_comes)
    def begin(self: PagesManager, *arguments: Any, **options: Any) -> None:
        as_it_comes(self, *arguments, **options)
        ignore_pages_folder()

    monkeypatch.setattr(PagesManager, "__init__", begin)


class _WorkerOfThisProcess:
    """Computes as the compute worker does, which has tests of its own, without loading TensorFlow once more."""

    obstacle = None

    def compute(self, computation: Computation[Any], report: ProgressCallback) -> object:
        return computation.compute(report)


@pytest.fixture(autouse=True)
def _no_compute_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "shared_worker", _WorkerOfThisProcess)


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A started run stays in the queue: what workers do with it is tested with the cluster and in the browser."""
    monkeypatch.setattr(runs, "start_run", create_run)
