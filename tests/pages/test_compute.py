"""Computations of the compute worker as a page shows them: shared by visitors, waited for in words, asked again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.compute.messages import Computation
from model_lib.compute.worker import ComputeWorker
from tests.support.sample_computations import Counting, Deadly, prepare_nothing, prepare_when_told
from ui.shared import jobs


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[ComputeWorker]:
    """One that loads nothing."""
    worker = ComputeWorker(prepare_nothing)
    monkeypatch.setattr(jobs, "shared_worker", lambda: worker)
    yield worker
    worker.close()


def _open(computation: Computation[object]) -> AppTest:
    def page(computation: object) -> None:  # read by itself: without the names of this module
        import streamlit as st

        from ui.shared.jobs import compute

        result = compute(computation, "Counting to a hundred")
        if result is not None:
            st.success("Done")

    return AppTest.from_function(page, args=(computation,), default_timeout=60).run()


def _until(app: AppTest, condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
        app.run()
        assert not app.exception


def _bar(app: AppTest) -> str:
    return " ".join(bar.proto.text for bar in app.get("progress"))


def test_a_page_says_that_the_worker_is_being_started_then_what_it_computes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = ComputeWorker(partial(prepare_when_told, tmp_path / "go"))
    monkeypatch.setattr(jobs, "shared_worker", lambda: worker)
    app = _open(Counting(tmp_path / "file", 1.0))
    assert "The process that computes this is being started (" in _bar(app)
    (tmp_path / "go").touch()
    _until(app, lambda: _bar(app) == "Counting to a hundred")
    _until(app, lambda: app.success)
    assert not app.get("progress")
    worker.close()


def test_one_question_of_two_visitors_is_computed_once(worker: ComputeWorker, tmp_path: Path) -> None:
    computation = Counting(tmp_path / "file", 1.0)
    first, second = _open(computation), _open(computation)
    _until(first, lambda: first.success)
    assert second.run().success
    assert computation.file.read_text() == "begun "


def test_a_worker_killed_in_the_middle_is_explained_and_then_the_result_stands(
    worker: ComputeWorker, tmp_path: Path
) -> None:
    computation = Counting(tmp_path / "file", 1.0)
    app = _open(computation)
    _until(app, computation.file.exists)
    os.kill(worker.pid or 0, signal.SIGKILL)
    _until(app, lambda: "ended unexpectedly and is being started again" in _bar(app))
    _until(app, lambda: app.success)
    assert computation.file.read_text() == "begun begun "


def test_what_kills_the_worker_again_and_again_can_be_tried_again(worker: ComputeWorker) -> None:
    app = _open(Deadly())
    for _ in range(2):
        _until(app, lambda: app.error)
        assert "ended unexpectedly, twice" in app.error[0].value
        (again,) = app.button
        assert again.label == "Try again"
        again.click().run()
        assert not app.error
