"""Fine-tuning on other people's digits: who is learnt from, and who is not."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.config.presets import PRESETS
from model_lib.datasets.loading import WRITERS
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.stroke_variants import Stroke, StrokeVariation
from model_lib.drawing.strokes import Strokes
from model_lib.networks import build_network
from model_lib.pretrained import fine_tune as module
from model_lib.pretrained.cross_validation import unseen_by_fold
from model_lib.pretrained.fine_tune import FOLDS, FineTuning, fine_tune, writers_of_fold

_SHORT = FineTuning(epochs=1, mnist_images=256, pen_images=128)


def test_every_writer_is_unseen_in_exactly_one_fold() -> None:
    folds = [writers_of_fold(fold) for fold in range(FOLDS)]
    assert sorted(writer for fold in folds for writer in fold) == list(range(1, 31)) == list(WRITERS)
    assert {len(fold) for fold in folds} == {6}
    unseen = unseen_by_fold(np.array([1, 2, 6, 30]))
    assert np.array(unseen).astype(int).tolist() == [
        [1, 0, 1, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
    ]


def test_a_fine_tuning_changes_a_copy_and_its_loss_is_that_of_images() -> None:
    start = build_network(PRESETS["bundled"], seed=1)
    before = [each.copy() for each in start.get_weights()]
    lines: list[str] = []
    network = fine_tune(start, (1, 2), _SHORT, seed=3, log=lines.append)
    for weight, kept in zip(start.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)
    assert any(not np.array_equal(new, old) for new, old in zip(network.get_weights(), before, strict=True))
    (line,) = lines
    loss = float(line.split("loss ")[1].split(",")[0])
    assert np.log(10) / 2 < loss < 2 * np.log(10)  # a network that has hardly learnt yet


def test_only_digits_of_the_writers_asked_for_are_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[tuple[int, bytes]] = []
    usual = module.vary_strokes

    def watched(strokes: Strokes, digit: int, rng: np.random.Generator, variation: StrokeVariation) -> list[Stroke]:
        learnt.append((digit, np.concatenate(strokes).tobytes()))
        return usual(strokes, digit, rng, variation)

    monkeypatch.setattr(module, "vary_strokes", watched)
    fine_tune(build_network(PRESETS["bundled"], seed=1), (4, 9), _SHORT, seed=3, log=lambda line: None)
    drawings, labels, writers = read_drawings(STROKES_FILE)
    theirs = {
        (int(label), np.concatenate(drawing.strokes).tobytes())
        for drawing, label, writer in zip(drawings, labels, writers, strict=True)
        if writer in ("4", "9")
    }
    assert len(learnt) == _SHORT.pen_images
    assert set(learnt) <= theirs
