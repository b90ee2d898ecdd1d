"""A vote and the places of a leaderboard, against figures worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model_lib.comparison.ranking import board_of, places_of
from model_lib.comparison.record import read_record
from model_lib.comparison.vote import best_by_validation, vote_of
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.files import write_json
from model_lib.runs import create_run
from model_lib.storage.events import EpochEnd, Measured, append_event
from model_lib.storage.run import ORIGIN_FILE


def _row(**classes: float) -> np.ndarray:
    row = np.zeros((1, 10))
    for name, probability in classes.items():
        row[0, int(name[1:])] = probability
    return row


def test_a_sure_network_wins_the_mean_and_not_the_majority() -> None:
    members = [_row(c4=0.9, c9=0.1), _row(c4=0.4, c9=0.6), _row(c4=0.45, c9=0.55)]
    assert vote_of(members, "mean").predictions[0] == 4
    assert vote_of(members, "majority").predictions[0] == 9


def test_a_tied_majority_is_broken_by_the_mean() -> None:
    assert vote_of([_row(c4=0.9, c9=0.1), _row(c4=0.4, c9=0.6)], "majority").predictions[0] == 4


def test_runs_that_are_not_told_apart_from_the_first_share_its_place() -> None:
    assert places_of([(980, 1000), (978, 1000), (900, 1000), (899, 1000), (500, 1000)]) == (1, 1, 3, 3, 5)
    assert places_of([(980, 1000)]) == (1,)
    assert places_of([]) == ()


def test_a_run_that_was_brought_as_a_file_is_not_ranked_whatever_its_log_says(tmp_path: Path) -> None:
    runs = [create_run(PRESETS["mlp"], TrainingConfig(validation="last"), tmp_path) for _ in range(2)]
    for run in runs:
        append_event(run.folder, EpochEnd(epoch=1, loss=0.1, accuracy=1.0, validation_accuracy=1.0, seconds=1.0))
    write_json(runs[1].folder / ORIGIN_FILE, {"packed": True})
    board = board_of([read_record(run) for run in runs])
    assert [entry.record.id for entry in board.entries] == [runs[0].id]
    assert "brought as a file" in board.unranked[runs[1].id]


def test_a_run_that_was_brought_as_a_file_has_no_validation_accuracy_to_choose_by(tmp_path: Path) -> None:
    seen_here, brought = (create_run(PRESETS["mlp"], TrainingConfig(validation="last"), tmp_path) for _ in range(2))
    for run, accuracy in ((seen_here, 0.9), (brought, 1.0)):
        end = EpochEnd(epoch=1, loss=0.1, accuracy=1.0, validation_accuracy=accuracy, seconds=1.0)
        append_event(run.folder, end)
        append_event(run.folder, Measured(stage="after", on="own_digits", images=9, accuracy=accuracy, loss=0.1))
    write_json(brought.folder / ORIGIN_FILE, {"packed": True})
    chosen, record = read_record(seen_here), read_record(brought)
    assert (chosen.best_validation, chosen.last_validation) == (0.9, 0.9)
    assert (record.best_validation, record.last_validation) == (None, None)
    assert best_by_validation([record, chosen], 3) == (chosen,)
    assert dict(chosen.test_accuracies) == {"own_digits": 0.9} and not record.test_accuracies
