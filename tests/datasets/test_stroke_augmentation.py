"""Strokes added to real MNIST digits and broken, against SciPy's connected components."""

import numpy as np
import pytest
from scipy import ndimage

from model_lib.datasets.augmentation import Recipe
from model_lib.datasets.loading import load_dataset
from model_lib.datasets.stroke_augmentation import add_strokes, break_strokes, draw_allographs

_TRAIN = load_dataset("mnist").train


_IMAGES, _LABELS = _TRAIN.images[:450], _TRAIN.labels[:450]
_ROWS, _COLUMNS = np.indices((28, 28))
_ALL = Recipe("", slashed_zeros=1.0, hooked_nines=1.0)


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def _of(digit: int, count: int = 200) -> np.ndarray:
    return _TRAIN.images[_TRAIN.labels == digit][:count]


def _holes(image: np.ndarray) -> int:
    """Counts the parts of the background that ink encloses."""
    outside_and_holes: int = ndimage.label(np.pad(image < 100, 1, constant_values=True))[1]
    return outside_and_holes - 1


def _parts(image: np.ndarray) -> int:
    """Counts the parts of the ink, touching corners included."""
    parts: int = ndimage.label(image >= 100, np.ones((3, 3)))[1]
    return parts


def _ring() -> np.ndarray:
    """Draws a round zero of radius 8 with a pen of 3 pixels."""
    distance = np.hypot(_ROWS - 13.5, _COLUMNS - 13.5)
    return (np.abs(distance - 8) < 1.5).astype(np.uint8)[None] * 255


def test_only_ones_and_sevens_get_extra_strokes_and_they_only_gain_ink() -> None:
    changed = add_strokes(_IMAGES, _LABELS, _rng(), Recipe("", extra_strokes=1.0))
    is_changed = (changed != _IMAGES).any(axis=(1, 2))
    assert set(_LABELS[is_changed]) == {1, 7}
    assert is_changed[np.isin(_LABELS, [1, 7])].mean() > 0.9
    assert (changed >= _IMAGES).all()
    assert add_strokes(_IMAGES, _LABELS, _rng(), Recipe("")) is _IMAGES


def test_only_zeros_and_nines_get_slashes_and_hooks_and_they_only_gain_ink() -> None:
    changed = draw_allographs(_IMAGES, _LABELS, _rng(), _ALL)
    is_changed = (changed != _IMAGES).any(axis=(1, 2))
    assert set(_LABELS[is_changed]) == {0, 9}
    assert is_changed[np.isin(_LABELS, [0, 9])].mean() > 0.95
    assert (changed >= _IMAGES).all()
    assert draw_allographs(_IMAGES, _LABELS, _rng(), Recipe("")) is _IMAGES


def test_a_larger_share_changes_the_same_digits_in_the_same_way_and_others_too() -> None:
    zeros, labels = _of(0, 400), np.zeros(400)
    some = draw_allographs(zeros, labels, _rng(), Recipe("", slashed_zeros=0.3))
    more = draw_allographs(zeros, labels, _rng(), Recipe("", slashed_zeros=0.6))
    in_some, in_more = ((changed != zeros).any(axis=(1, 2)) for changed in (some, more))
    assert in_some.mean() == pytest.approx(0.3, abs=0.07)
    assert in_more.mean() == pytest.approx(0.6, abs=0.07)
    np.testing.assert_array_equal(more[in_some], some[in_some])


def test_a_slash_divides_the_hole_of_a_zero_and_a_dot_stands_free_in_it() -> None:
    slashed = [draw_allographs(_ring(), np.zeros(1), _rng(seed), _ALL)[0] for seed in range(100)]
    assert (_holes(_ring()[0]), _parts(_ring()[0])) == (1, 1)
    counts = [(_holes(image), _parts(image)) for image in slashed]
    assert set(counts) == {(2, 1), (1, 2)}
    assert 20 < counts.count((1, 2)) < 60


def test_the_holes_of_most_real_zeros_are_divided_or_hold_a_dot() -> None:
    zeros = np.array([zero for zero in _of(0, 400) if _holes(zero) == 1 and _parts(zero) == 1])
    changed = draw_allographs(zeros, np.zeros(len(zeros)), _rng(), _ALL)
    is_other = [_holes(image) >= 2 or _parts(image) == 2 for image in changed]
    assert np.mean(is_other) > 0.8


def test_a_slash_leads_from_the_lower_left_to_the_upper_right() -> None:
    for seed in range(100):
        slashed = draw_allographs(_ring(), np.zeros(1), _rng(seed), _ALL)[0]
        added = np.where(_ring()[0] == 0, slashed, 0)
        if _parts(slashed) == 1:
            rows, columns = np.nonzero(added > 100)
            assert np.corrcoef(-rows, columns)[0, 1] > 0.7


def test_a_hook_moves_the_lower_end_of_a_nine_to_the_left_and_leaves_its_loop() -> None:
    nines = _of(9)
    hooked = draw_allographs(nines, np.full(len(nines), 9), _rng(), _ALL)
    added = hooked.astype(float) - nines
    bottom = np.array([np.flatnonzero((nine > 100).any(axis=1))[-1] for nine in nines])
    end = np.array([nine[row] @ np.arange(28) / nine[row].sum() for nine, row in zip(nines, bottom, strict=True)])
    x = np.array([ndimage.center_of_mass(image)[1] for image in added])
    leftmost = np.array([np.flatnonzero((image > 100).any(axis=0))[0] for image in hooked])
    assert (x < end).all()
    assert ((end - leftmost) >= 2.0).all()
    for image, row in zip(added, bottom, strict=True):
        assert not image[: row - 7].any()  # 1 up to the middle of the line, 3.5 of rise, 2 of the pen


def test_a_gap_cuts_a_straight_line_in_two_wherever_it_is_not_at_its_ends() -> None:
    for angle in (0, 30, 90, 135):
        direction = np.deg2rad(angle)
        along = (_ROWS - 13.5) * np.sin(direction) + (_COLUMNS - 13.5) * np.cos(direction)
        across = (_ROWS - 13.5) * np.cos(direction) - (_COLUMNS - 13.5) * np.sin(direction)
        line = ((np.abs(along) < 10) & (np.abs(across) < 1.6)).astype(np.uint8) * 255
        broken = break_strokes(np.repeat(line[None], 200, axis=0), _rng(), 1.0)
        lost = [ndimage.center_of_mass(line.astype(float) - image) for image in broken]
        inner = [abs((y - 13.5) * np.sin(direction) + (x - 13.5) * np.cos(direction)) < 6 for y, x in lost]
        assert 80 < sum(inner) < 160
        assert {_parts(image) for image, is_inner in zip(broken, inner, strict=True) if is_inner} == {2}
        # 2 to 3.5 of the 20 pixels.
        share = [1 - image.sum() / line.sum() for image, is_inner in zip(broken, inner, strict=True) if is_inner]
        assert 0.07 < min(share) < max(share) < 0.2


def test_a_gap_opens_most_zeros() -> None:
    zeros = np.array([zero for zero in _of(0) if _holes(zero) == 1])
    broken = break_strokes(zeros, _rng(), 1.0)
    assert (broken <= zeros).all()
    assert np.mean([_holes(image) == 0 for image in broken]) > 0.7


def test_as_many_images_are_broken_as_the_share_says() -> None:
    broken = break_strokes(_IMAGES, _rng(), 0.3)
    assert (broken != _IMAGES).any(axis=(1, 2)).mean() == pytest.approx(0.3, abs=0.06)
    assert break_strokes(_IMAGES, _rng(), 0.0) is _IMAGES
