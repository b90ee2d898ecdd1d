"""Extra strokes on ones and sevens."""

import numpy as np

from model_lib.datasets.augmentation import Recipe
from model_lib.datasets.loading import load_dataset
from model_lib.datasets.stroke_augmentation import add_strokes

_TRAIN = load_dataset("mnist").train


_IMAGES, _LABELS = _TRAIN.images[:450], _TRAIN.labels[:450]


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_only_ones_and_sevens_get_extra_strokes_and_they_only_gain_ink() -> None:
    changed = add_strokes(_IMAGES, _LABELS, _rng(), Recipe("", extra_strokes=1.0))
    is_changed = (changed != _IMAGES).any(axis=(1, 2))
    assert set(_LABELS[is_changed]) == {1, 7}
    assert is_changed[np.isin(_LABELS, [1, 7])].mean() > 0.9
    assert (changed >= _IMAGES).all()
    assert add_strokes(_IMAGES, _LABELS, _rng(), Recipe("")) is _IMAGES
