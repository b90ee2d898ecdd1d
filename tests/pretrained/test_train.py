"""Training of the bundled network: which images it learns from, and which not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from model_lib.datasets.loading import WRITERS, Split
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.pretrained import train as module
from model_lib.pretrained import training_images
from model_lib.pretrained.cross_validation import FOLDS, unseen_by_fold, writers_besides, writers_of_fold
from model_lib.pretrained.outliers import OUTLIER_KINDS, draw_outlier
from model_lib.pretrained.train import TrainingSettings, train_bundled
from model_lib.pretrained.training_images import TrainingImages, draw_training_images, split_training_images

_SHORT = TrainingSettings(epochs=2, plain=4, varied=12, pens=8, outliers=8)


def _images() -> TrainingImages:
    """Images whose first pixel is 10 if plain, 20 if varied, 100 + writer for pen digits, 200 + writer for outliers."""
    writers = np.array([3, 4, 9, 9])
    shape = (2, 4, 28, 28)
    pens, outliers = (np.zeros(shape, np.uint8) for _ in range(2))
    pens[:, :, 0, 0], outliers[:, :, 0, 0] = writers + 100, writers + 200
    plain = Split(np.full((4, 28, 28), 10, np.uint8), np.arange(4, dtype=np.uint8))
    return TrainingImages(np.full(shape, 20, np.uint8), pens, outliers, plain, np.arange(4, dtype=np.uint8), writers)


def test_every_writer_is_unseen_in_exactly_one_fold() -> None:
    folds = [writers_of_fold(fold) for fold in range(FOLDS)]
    assert sorted(writer for fold in folds for writer in fold) == list(range(1, 31)) == list(WRITERS)
    assert {len(fold) for fold in folds} == {6}
    assert all({*writers_of_fold(fold), *writers_besides(fold)} == set(WRITERS) for fold in range(FOLDS))
    unseen = unseen_by_fold(np.array([1, 2, 6, 30]))
    assert np.array(unseen).astype(int).tolist() == [
        [1, 0, 1, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
    ]


def test_a_batch_holds_the_shares_asked_for_of_the_writers_asked_for_alone() -> None:
    batches = module._Batches(_images(), (4, 9), _SHORT, 1, 0)
    firsts = np.concatenate([np.rint(batches[step][0][:, 0, 0, 0] * 255).astype(int) for step in range(20)])
    assert (firsts == 10).sum() == 20 * 4
    assert (firsts == 20).sum() == 20 * 12
    assert set(firsts[(firsts > 100) & (firsts < 200)]) == {104, 109}
    assert set(firsts[firsts > 200]) == {204, 209}
    assert len(firsts) == 20 * 32


def test_the_target_of_outliers_is_uniform_and_that_of_digits_their_class() -> None:
    pixels, targets = module._Batches(_images(), (3, 4, 9), _SHORT, 1, 0)[0]
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    are_outliers = pixels[:, 0, 0, 0] * 255 > 200
    np.testing.assert_allclose(targets[are_outliers], 0.1)
    assert (targets[~are_outliers].max(axis=1) == pytest.approx(0.91)) and targets[~are_outliers].argmax(1).max() <= 3


def test_a_short_training_learns_and_keeps_no_optimizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STEPS_PER_EPOCH", 12)
    lines: list[str] = []
    network = train_bundled(_images(), (4, 9), 3, _SHORT, lines.append)
    first, last = (float(line.split("loss ")[1].split(",")[0]) for line in lines)
    assert last < first < 2 * np.log(10)
    network.save(tmp_path / "network.keras")
    assert (tmp_path / "network.keras").stat().st_size < 2_000_000


def test_the_images_are_of_training_images_and_of_each_writers_own_strokes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings, labels, names = read_drawings(STROKES_FILE, 12)
    plain, _ = split_training_images()
    monkeypatch.setattr(training_images, "ROUNDS", {"mnist": 1, "pens": 2, "outliers": 1})
    monkeypatch.setattr(training_images, "read_drawings", lambda file: (drawings, labels, names))
    few = Split(plain.images[:30], plain.labels[:30])
    monkeypatch.setattr(training_images, "split_training_images", lambda: (few, few))
    monkeypatch.setattr(training_images, "ProcessPoolExecutor", ThreadPoolExecutor)
    images = draw_training_images(tmp_path)
    assert images.mnist.shape == (1, 30, 28, 28)
    assert images.pens.shape == (2, 12, 28, 28)
    # The variants of a digit are more like it than like the other digits, on average.
    own = np.stack([np.asarray(drawing.image) for drawing in drawings])
    blurred = [
        ndimage.gaussian_filter(each.astype(float), (0, 1.5, 1.5)).reshape(12, -1) for each in (own, images.pens[0])
    ]
    likeness = np.corrcoef(*blurred)[:12, 12:]
    assert np.diag(likeness).mean() > likeness.mean() + 0.2
    before = images.pens.copy()
    np.testing.assert_array_equal(draw_training_images(tmp_path).pens, before)


@pytest.mark.parametrize("kind", list(OUTLIER_KINDS))
def test_an_outlier_is_ink_and_each_is_another(kind: str) -> None:
    drawings, labels, _ = read_drawings(STROKES_FILE, 8)
    rng = np.random.default_rng(1)
    images = [
        draw_outlier(kind, drawing.strokes, int(label), rng) for drawing, label in zip(drawings, labels, strict=True)
    ]
    assert len({image.tobytes() for image in images}) == 8
    for image in images:
        assert image.shape == (28, 28)
        assert image.max() > 200
        assert np.abs(np.array(ndimage.center_of_mass(image)) - 14).max() < 2.5
