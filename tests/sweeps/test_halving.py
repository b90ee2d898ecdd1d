"""Successive halving: after 1, 2, 4, ... epochs a run goes on if it is in the better half of those so far."""

from __future__ import annotations

from pathlib import Path

from model_lib.sweeps.halving import HalvingStudy

# In the order in which the runs come: accuracy after epoch 1, and whether it is in the better half by hand.
# .50 is alone; .40 of (.50 .40) is not; .60 of three is the best one; .55 of (.60 .55 .50 .40) is; .52 of five is not.
_FIRST = [("a", 0.50, True), ("b", 0.40, False), ("c", 0.60, True), ("d", 0.55, True), ("e", 0.52, False)]


def test_the_worse_half_is_stopped_after_the_first_epoch(tmp_path: Path) -> None:
    study = HalvingStudy(tmp_path, epochs=4)
    for run, accuracy, goes_on in _FIRST:
        assert study.stops_at(run, [(1, accuracy)]) == (None if goes_on else 1), run


def test_the_next_look_is_after_epoch_two_among_those_that_are_left_and_none_after_the_last(tmp_path: Path) -> None:
    study = HalvingStudy(tmp_path, epochs=4)
    for run, accuracy, _ in _FIRST:
        study.stops_at(run, [(1, accuracy)])
    assert study.stops_at("a", [(1, 0.50), (2, 0.70)]) is None, "alone"
    assert study.stops_at("c", [(1, 0.60), (2, 0.65)]) == 2, "of (.70 .65) not in the better half"
    assert study.stops_at("d", [(1, 0.55), (2, 0.80), (3, 0.10), (4, 0.10)]) is None, (
        "no look after 3, and none at the end"
    )
    assert study.stops_at("a", [(1, 0.50), (2, 0.70), (3, 0.75), (4, 0.0)]) is None


def test_what_was_decided_is_known_after_a_restart_and_said_again(tmp_path: Path) -> None:
    before = HalvingStudy(tmp_path, epochs=4)
    for run, accuracy, _ in _FIRST[:3]:
        before.stops_at(run, [(1, accuracy)])
    after = HalvingStudy(tmp_path, epochs=4)
    for run, accuracy, goes_on in _FIRST:
        assert after.stops_at(run, [(1, accuracy)]) == (None if goes_on else 1), run
    for _ in range(2):
        after.end("a", [(1, 0.5), (4, 0.9)], is_complete=True)
    assert HalvingStudy(tmp_path, epochs=4).stops_at("a", [(1, 0.5)]) is None, "a run that has ended is left alone"


def test_a_run_that_ends_between_two_looks_is_one_of_those_that_later_ones_are_compared_with(tmp_path: Path) -> None:
    study = HalvingStudy(tmp_path, epochs=4)
    for run in "abc":
        study.end(run, [(1, 0.9), (2, 0.95), (3, 0.95), (4, 0.95)], is_complete=True)
    study.end("failed", [], is_complete=False)
    assert study.stops_at("d", [(1, 0.1)]) == 1
    assert study.stops_at("e", [(1, 0.9), (2, 0.1)]) == 2


def test_a_lock_that_a_killed_process_left_behind_is_waited_out(tmp_path: Path) -> None:
    HalvingStudy(tmp_path, epochs=4).stops_at("a", [(1, 0.5)])
    (tmp_path / "study.log.lock").touch()
    assert HalvingStudy(tmp_path, epochs=4).stops_at("b", [(1, 0.1)]) == 1
