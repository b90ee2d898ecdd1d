"""Computations beside the pages: shared by visitors, kept within a memory, begun again after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from ui.shared import jobs as background
from ui.shared.jobs import JobStore, Report, size_in_bytes


@dataclass(frozen=True)
class _Result:
    maps: dict[str, np.ndarray]


def _counting(count: list[int], result: object = None) -> Callable[[Report], object]:
    def work(report: Report) -> object:
        count.append(1)
        return result

    return work


def test_a_result_that_was_left_for_another_is_not_computed_again() -> None:
    store, count = JobStore(), []
    first = store.start("filter 2", _counting(count), "visitor")
    assert first.wait(5)
    store.leave(first, "visitor")
    store.start("filter 3", _counting([]), "visitor").wait(5)
    assert store.start("filter 2", _counting(count), "visitor").wait(5)
    assert len(count) == 1


def test_a_computation_ends_when_its_last_visitor_leaves_and_goes_on_for_the_other() -> None:
    store, goes_on, entered = JobStore(), threading.Event(), threading.Event()

    def long(report: Report) -> str:
        entered.set()
        goes_on.wait(5)
        report(0.5)
        return "done"

    job = store.start("long", long, "one")
    assert store.start("long", long, "two") is job
    assert entered.wait(5)
    store.leave(job, "one")
    goes_on.set()
    assert job.wait(5) and not job.has_failed
    goes_on.clear()
    entered.clear()
    alone = store.start("long alone", long, "one")
    assert entered.wait(5)
    store.leave(alone, "one")
    goes_on.set()
    assert alone.wait(5) and alone.has_failed
    assert store.start("long alone", long, "one").wait(5), "begun again for who comes back"


class _SlowToCount(set[str]):
    """A set that, while its length is asked for, gives another thread the time to add to it."""

    def __init__(self, added: threading.Event) -> None:
        super().__init__()
        self._added = added

    def add(self, element: str) -> None:
        super().add(element)
        self._added.set()

    def __len__(self) -> int:
        length = super().__len__()
        self._added.wait(0.5)
        return length


def test_who_joins_while_the_last_visitor_leaves_gets_a_result() -> None:
    store, goes_on, joined = JobStore(), threading.Event(), threading.Event()

    def long(report: Report) -> str:
        goes_on.wait(5)
        report(0.5)
        return "done"

    job = store.start("long", long, "one")
    job._waiting = _SlowToCount(joined)
    leaving = threading.Thread(target=store.leave, args=(job, "one"))
    leaving.start()
    job_of_two = store.start("long", long, "two")
    leaving.join()
    goes_on.set()
    assert job_of_two.wait(5) and job_of_two.future.result() == "done"


def test_visitors_are_served_in_turn() -> None:
    store, goes_on, entered, order = JobStore(), threading.Event(), threading.Event(), list[str]()

    def hold(report: Report) -> None:
        entered.set()
        goes_on.wait(5)

    def named(name: str) -> Callable[[Report], None]:
        return lambda report: order.append(name)

    store.start("first", hold, "one", "interactive")
    assert entered.wait(5)
    jobs = [store.start(name, named(name), name.split()[0], "interactive") for name in ("a 1", "a 2", "a 3", "b 1")]
    assert jobs[0].is_queued
    goes_on.set()
    assert all(job.wait(5) for job in jobs)
    assert order == ["a 1", "b 1", "a 2", "a 3"]


def test_a_job_that_found_no_thread_runs_with_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    store = JobStore()

    def no_thread(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        stranded = store.start("stranded", lambda report: "done", queue="interactive")
    assert store.start("next", lambda report: "done", queue="interactive").wait(5)
    assert stranded.wait(5) and stranded.future.result() == "done"


def test_a_job_of_the_worker_does_not_wait_for_those_of_this_process_or_of_the_other_kind() -> None:
    store, goes_on = JobStore(), threading.Event()
    for key, queue in (("one", "here"), ("two", "here"), ("three", "batch")):
        store.start(key, lambda report: goes_on.wait(5), queue=queue)
    assert store.start("quick", lambda report: "done", queue="interactive").wait(5)
    goes_on.set()


def test_a_failed_computation_is_begun_again_by_the_button_and_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    store, attempts = JobStore(), []

    def fails_once(report: Report) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise OSError("the disk was full")
        return "done"

    assert store.start("key", fails_once).wait(5)
    assert store.start("key", fails_once).has_failed, "not in every run of the page"
    assert len(attempts) == 1
    store.forget("key")
    assert store.start("key", fails_once).wait(5)
    assert len(attempts) == 2
    monkeypatch.setattr(background, "_FAILED_SECONDS", 0.0)
    job = store.start("key", fails_once)
    assert job.wait(5) and job.future.result() == "done"


def test_results_are_kept_by_their_size_and_the_oldest_let_go() -> None:
    store = JobStore(kept_bytes=10_000_000)
    counts: dict[int, list[int]] = {number: [] for number in range(4)}
    for number in range(4):
        result = _Result({"layer": np.full((1_000_000,), number, np.float32)})  # 4 MB each
        assert store.start(number, _counting(counts[number], result)).wait(5)
    for number in (3, 2, 0):
        assert store.start(number, _counting(counts[number])).wait(5)
    assert [len(counts[number]) for number in (3, 2, 0)] == [1, 1, 2]


def test_the_size_of_a_result_is_that_of_its_arrays() -> None:
    array = np.zeros((300, 1000))
    assert size_in_bytes(_Result({"a": array, "b": array.astype(np.uint8)})) == pytest.approx(2_700_000, rel=0.01)
    assert size_in_bytes(threading.Lock()) == 0
