"""Pen digits: what the file of strokes holds, drawn as on the canvas, split by writer."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_lib.config.training import TrainingConfig, learnt_images, with_dataset
from model_lib.datasets import loading
from model_lib.datasets.loading import TEST_WRITERS, DatasetError, Split, load_dataset
from model_lib.drawing import pen_digits as command
from model_lib.drawing.canvas_json import read_canvas
from model_lib.drawing.pen_digits import STROKES_FILE, rasterise

# As published: pendigits.names of the UCI repository, training part, digits 0 to 9.
_PUBLISHED = (780, 779, 780, 719, 780, 720, 720, 778, 719, 719)


@cache
def _raw() -> list[dict[str, Any]]:
    """Returns the strokes as they lie in the repository."""
    return json.loads(gzip.decompress(STROKES_FILE.read_bytes()))


def _by_writer(raw: list[dict[str, Any]], is_test: bool) -> list[dict[str, Any]]:
    """Returns the digits of the writers of one part, writer by writer, each in the order of the file."""
    chosen = [entry for entry in raw if (int(entry["writer"]) in TEST_WRITERS) == is_test]
    return sorted(chosen, key=lambda entry: int(entry["writer"]))


def test_the_strokes_are_the_published_ones() -> None:
    counts = Counter(entry["digit"] for entry in _raw())
    assert tuple(counts[digit] for digit in range(10)) == _PUBLISHED
    assert {int(entry["writer"]) for entry in _raw()} == set(range(1, 31))


@pytest.mark.parametrize("is_test", [False, True])
def test_labels_and_writers_are_those_of_the_strokes(is_test: bool) -> None:
    dataset = load_dataset("pen_digits")
    split, expected = dataset.test if is_test else dataset.train, _by_writer(_raw(), is_test)
    assert split.writers is not None
    assert split.images.shape == (len(expected), 28, 28)
    assert split.images.dtype == split.labels.dtype == np.uint8
    assert split.labels.tolist() == [entry["digit"] for entry in expected]
    assert split.writers.tolist() == [int(entry["writer"]) for entry in expected]


def test_nobody_wrote_for_both_training_and_test() -> None:
    dataset = load_dataset("pen_digits")
    assert dataset.train.writers is not None and dataset.test.writers is not None
    trained, tested = set(dataset.train.writers.tolist()), set(dataset.test.writers.tolist())
    assert not trained & tested
    # Networks that people have trained rest on this split: it must never become another one.
    assert tested == {3, 6, 9, 12, 15, 18, 21, 24, 27, 30}


@pytest.mark.parametrize("is_test", [False, True])
def test_an_image_is_what_the_same_strokes_give_on_the_canvas(is_test: bool) -> None:
    dataset = load_dataset("pen_digits")
    split, expected = dataset.test if is_test else dataset.train, _by_writer(_raw(), is_test)
    for place in range(0, len(expected), 50):
        paths = [[["M", *points[0]], *(["L", *point] for point in points[1:])] for points in expected[place]["strokes"]]
        drawing = read_canvas({"objects": [{"type": "Path", "path": path} for path in paths]})
        assert drawing.image is not None
        np.testing.assert_allclose(split.images[place] / 255, drawing.image, atol=0.5 / 255 + 1e-6)


def test_the_last_training_images_are_of_people_whom_the_rest_does_not_have() -> None:
    writers = load_dataset("pen_digits").train.writers
    assert writers is not None
    cut = learnt_images(with_dataset(TrainingConfig(validation_share=0.2), "pen_digits"))
    learnt, held_out = set(writers[:cut].tolist()), set(writers[cut:].tolist())
    assert len(held_out) == 4
    assert len(learnt & held_out) <= 1  # the share need not end where a writer does


def _places_of(part: Split, whole: Split) -> list[int]:
    """Returns where the images of a part lie in the whole, in the order of the whole."""
    wanted = {(image.tobytes(), int(label)) for image, label in zip(part.images, part.labels, strict=True)}
    pairs = zip(whole.images, whole.labels, strict=True)
    return [place for place, (image, label) in enumerate(pairs) if (image.tobytes(), int(label)) in wanted]


def test_mnist_and_pen_digits_are_mixed_evenly_each_in_its_order() -> None:
    both, mnist, pen = (load_dataset(name) for name in ("mnist_and_pen_digits", "mnist", "pen_digits"))
    places = _places_of(pen.train, both.train)
    np.testing.assert_array_equal(both.train.images[places], pen.train.images)
    np.testing.assert_array_equal(both.train.labels[places], pen.train.labels)
    rest = np.delete(np.arange(len(both.train.labels)), places)
    np.testing.assert_array_equal(both.train.images[rest], mnist.train.images)
    np.testing.assert_array_equal(both.train.labels[rest], mnist.train.labels)
    # 4,996 of 64,996: one in thirteen, among the first images as among those held out.
    assert set(np.diff(places).tolist()) <= {12, 13, 14}
    np.testing.assert_array_equal(both.test.images, mnist.test.images)


def test_the_command_draws_the_file_in_the_repository_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = rasterise(STROKES_FILE, 60)
    drawn = dict(np.load(loading.PEN_DIGITS_FILE))
    kept = {(image.tobytes(), int(label)) for image, label in zip(drawn["images"], drawn["labels"], strict=True)}
    assert all((few["images"][place].tobytes(), int(few["labels"][place])) in kept for place in range(60))
    assert (np.diff(few["writers"].astype(int)) >= 0).all()
    monkeypatch.setattr(command, "PEN_DIGITS_FILE", tmp_path / "pen_digits.npz")
    monkeypatch.setattr(command, "rasterise", lambda path: few)
    command.main()
    np.testing.assert_array_equal(np.load(tmp_path / "pen_digits.npz")["images"], few["images"])


@pytest.mark.parametrize("name", ["pen_digits", "mnist_and_pen_digits"])
def test_a_damaged_file_is_noticed_and_the_cure_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "pen_digits.npz"
    damaged.write_bytes(loading.PEN_DIGITS_FILE.read_bytes()[:-1])
    monkeypatch.setattr(loading, "PEN_DIGITS_FILE", damaged)
    with pytest.raises(DatasetError, match=r"is damaged: its sha256 should be.*git checkout -- data/pen_digits\.npz"):
        load_dataset(name)
