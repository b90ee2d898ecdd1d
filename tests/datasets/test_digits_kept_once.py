"""A drawing is kept once: whatever arrives twice, from two sessions or two processes, changes nothing."""

import errno
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np
import pytest

from model_lib.datasets.loading import load_dataset
from model_lib.datasets.user_digits import AlreadyKeptError, UserDigitSet, new_digit_id

_TRAIN = load_dataset("mnist").train


@pytest.mark.parametrize("label", [3, 7])
def test_a_second_arrival_of_a_drawing_changes_nothing(tmp_path: Path, label: int) -> None:
    collection, drawing = UserDigitSet(tmp_path), new_digit_id()
    collection.add(_TRAIN.images[0], 3, digit_id=drawing)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(AlreadyKeptError) as refused:
        collection.add(_TRAIN.images[1], label, digit_id=drawing)  # another stroke makes another image of it
    assert (refused.value.digit_id, refused.value.label) == (drawing, 3)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("label", [3, 7])
def test_the_very_same_image_is_not_kept_again(tmp_path: Path, label: int) -> None:
    collection = UserDigitSet(tmp_path)
    first = collection.add(_TRAIN.images[0], 3)
    with pytest.raises(AlreadyKeptError, match="kept already, as a 3") as refused:
        collection.add(_TRAIN.images[0].astype(np.float32) / 255, label)
    assert refused.value.digit_id == first.id
    assert [digit.label for digit in collection.digits()] == [3]


def _together(count: int, work: Callable[[int], object]) -> None:
    """Lets threads do a work each, beginning at the same moment."""
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait(30)
        work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_ten_sessions_that_keep_the_same_drawing_at_once_one_does(tmp_path: Path) -> None:
    drawing, kept, refused = new_digit_id(), [], []

    def keep(label: int) -> None:
        try:
            kept.append(UserDigitSet(tmp_path).add(_TRAIN.images[label], label, digit_id=drawing))
        except AlreadyKeptError as error:
            refused.append(error.label)

    _together(10, keep)
    (digit,) = UserDigitSet(tmp_path).digits()
    assert [digit.label] == [one.label for one in kept]
    assert refused == 9 * [digit.label]


def test_of_ten_sessions_that_keep_the_same_image_at_once_one_does(tmp_path: Path) -> None:
    refused = []

    def keep(label: int) -> None:
        try:
            UserDigitSet(tmp_path).add(_TRAIN.images[0], label)
        except AlreadyKeptError as error:
            refused.append(error.label)

    _together(10, keep)
    (digit,) = UserDigitSet(tmp_path).digits()
    assert refused == 9 * [digit.label]


def _keep_in_a_process(folder: Path, drawing: str, label: int, answers: "Queue[bool]") -> None:
    while not (folder / "go").exists():
        time.sleep(0.001)
    try:
        UserDigitSet(folder).add(_TRAIN.images[label], label, digit_id=drawing)
        answers.put(True)
    except AlreadyKeptError:
        answers.put(False)


def test_of_four_processes_that_keep_the_same_drawing_at_once_one_does(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers, drawing = context.Queue(), new_digit_id()
    processes = [
        context.Process(target=_keep_in_a_process, args=(tmp_path, drawing, label, answers)) for label in range(4)
    ]
    for process in processes:
        process.start()
    (tmp_path / "go").touch()
    kept = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    assert sorted(kept) == [False, False, False, True]
    assert len(UserDigitSet(tmp_path)) == 1


def test_a_disk_without_links_keeps_a_drawing_once_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    collection, drawing = UserDigitSet(tmp_path), new_digit_id()
    collection.add(_TRAIN.images[0], 5, digit_id=drawing)
    with pytest.raises(AlreadyKeptError):
        collection.add(_TRAIN.images[1], 6, digit_id=drawing)
    assert [digit.label for digit in collection.digits()] == [5]


def test_a_file_that_two_tabs_add_at_once_is_added_once(tmp_path: Path) -> None:
    mine = UserDigitSet(tmp_path / "mine")
    for image, label in zip(_TRAIN.images[:20], _TRAIN.labels[:20], strict=True):
        mine.add(image, int(label))
    content = mine.export()
    _together(4, lambda _: UserDigitSet(tmp_path / "other").import_(content))
    np.testing.assert_array_equal(UserDigitSet(tmp_path / "other").as_split().images, _TRAIN.images[:20])
