"""Augmentation against SciPy, hand-made images and real MNIST digits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from model_lib.config.training import SettingsError, TrainingConfig, check_config
from model_lib.datasets.augmentation import RECIPES, Recipe, augment, augment_with, image_variants
from model_lib.datasets.loading import load_dataset

_TRAIN = load_dataset("mnist").train
_IMAGES, _LABELS = _TRAIN.images[:450], _TRAIN.labels[:450]
_DIGIT = _IMAGES[:1]


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


class _Fixed(np.random.Generator):
    """A generator that always returns the upper bound, so that the change is known."""

    def __init__(self, bits: np.random.BitGenerator | None = None) -> None:
        super().__init__(bits or np.random.PCG64(1))

    def uniform(self, low: float, high: float, size: object = None) -> np.ndarray:
        return np.full(size, high)


def test_the_variants_of_one_image_are_moved_by_different_distances_each_and_come_back_with_their_seed() -> None:
    variants = image_variants(_DIGIT[0], 5, Recipe("", shift_px=2.0), seed=3, count=20)
    assert variants.shape == (20, 28, 28)
    before = ndimage.center_of_mass(_DIGIT[0])
    moved = np.array([ndimage.center_of_mass(variant) for variant in variants]) - before
    assert np.abs(moved).max() <= 2.02
    assert len(np.unique(moved.round(3), axis=0)) == 20
    np.testing.assert_array_equal(image_variants(_DIGIT[0], 5, Recipe("", shift_px=2.0), 3, 20), variants)
    assert (image_variants(_DIGIT[0], 5, Recipe("", shift_px=2.0), 4, 20) != variants).any()


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_keeps_shape_type_and_the_images_given(recipe: str) -> None:
    before = _IMAGES.copy()
    changed = augment(_IMAGES, _rng(), recipe, _LABELS)
    assert changed.shape == _IMAGES.shape
    assert changed.dtype == np.uint8
    np.testing.assert_array_equal(_IMAGES, before)
    assert RECIPES[recipe].explanation.endswith(".")


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_seed_gives_the_same_images(recipe: str) -> None:
    first, again, other = (augment(_IMAGES, _rng(seed), recipe, _LABELS) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (recipe == "none") == np.array_equal(first, other)


def test_a_recipe_that_changes_nothing_gives_the_images_back() -> None:
    np.testing.assert_array_equal(augment_with(_IMAGES, _rng(), Recipe("")), _IMAGES)


def test_a_shift_is_scipys_shift() -> None:
    moved = augment_with(_DIGIT, _Fixed(), Recipe("", shift_px=1.5))[0]
    expected = ndimage.shift(_DIGIT[0].astype(float), 1.5, order=1)
    assert np.abs(moved - expected).max() <= 1.0


def test_a_rotation_is_scipys_rotation() -> None:
    turned = augment_with(_DIGIT, _Fixed(), Recipe("", rotation_degrees=20))[0]
    differences = [
        np.abs(turned - ndimage.rotate(_DIGIT[0].astype(float), angle, order=1, reshape=False)).max()
        for angle in (20, -20)
    ]
    assert min(differences) <= 2.0


def test_a_larger_scale_is_scipys_zoom() -> None:
    zoomed = augment_with(_DIGIT, _Fixed(), Recipe("", scale=0.25))[0]
    matrix = np.eye(2) / 1.25
    expected = ndimage.affine_transform(_DIGIT[0].astype(float), matrix, 13.5 - matrix @ [13.5, 13.5], order=1)
    assert np.abs(zoomed - expected).max() <= 2.0


def test_reframed_digits_lie_as_mnists_do() -> None:
    changed = augment_with(_IMAGES, _rng(), replace(RECIPES["handwriting"], shift_px=0.0))
    middles = np.array([ndimage.center_of_mass(image) for image in changed])
    assert np.abs(middles - 14).max() < 1.5
    extents = [max(np.ptp(places) + 1 for places in np.nonzero(image > 60)) for image in changed]
    assert 17 < np.mean(extents) < 22
    assert np.mean(changed.max(axis=(1, 2))) > 250


def test_bends_leave_most_of_a_digit_where_it_was() -> None:
    bent = augment_with(_IMAGES, _rng(), Recipe("", elastic_px=1.0))
    likeness = [np.corrcoef(old.ravel(), new.ravel())[0, 1] for old, new in zip(_IMAGES, bent, strict=True)]
    assert 0.5 < np.mean(likeness) < 0.99


def test_pens_get_thicker_and_thinner() -> None:
    thicker = augment_with(_IMAGES, _Fixed(), Recipe("", thicker=1.0))
    footprint = ndimage.generate_binary_structure(2, 1)
    np.testing.assert_array_equal(thicker[0], ndimage.grey_dilation(_IMAGES[0], footprint=footprint))
    changed = augment_with(_IMAGES, _rng(), Recipe("", thinner=0.8, thicker=0.8)).sum(axis=(1, 2), dtype=float)
    before = _IMAGES.sum(axis=(1, 2), dtype=float)
    assert (changed > before).mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name != "none"])
def test_a_recipe_gives_the_images_that_it_gave_in_november_2026(recipe: str) -> None:
    first_two = np.concatenate([np.flatnonzero(_TRAIN.labels == digit)[:2] for digit in range(10)])
    received = augment(_TRAIN.images[first_two], _rng(), recipe, _TRAIN.labels[first_two])
    with np.load(Path(__file__).parents[1] / "data" / "augmented_2026_11.npz") as expected:
        # Processors round differently in the last bit, which turns a pixel by one shade.
        np.testing.assert_allclose(received, expected[recipe], rtol=0, atol=1)


@pytest.mark.parametrize("change", [{"slashed_zeros": 1.0}, {"hooked_nines": 1.0}])
def test_a_kind_more_leaves_all_other_images_of_the_same_seed_as_they_are(change: dict[str, float]) -> None:
    before = augment(_IMAGES, _rng(), "handwriting", _LABELS)
    after = augment_with(_IMAGES, _rng(), replace(RECIPES["handwriting"], **change), _LABELS)
    is_changed = (before != after).any(axis=(1, 2))
    assert set(_LABELS[is_changed]) == {0 if "slashed_zeros" in change else 9}


def test_a_scaled_recipe_moves_in_proportion_and_keeps_the_pen() -> None:
    moved = augment_with(_DIGIT, _Fixed(), Recipe("", shift_px=1.0).scaled(2.5))[0]
    assert np.abs(moved - ndimage.shift(_DIGIT[0].astype(float), 2.5, order=1)).max() <= 1.0
    still = augment_with(_IMAGES, _rng(), RECIPES["gentle"].scaled(0))
    np.testing.assert_array_equal(still, _IMAGES)
    pens = ("thinner", "thicker", "extra_strokes", "is_reframed")
    double = RECIPES["handwriting"].scaled(2)
    assert [getattr(double, pen) for pen in pens] == [getattr(RECIPES["handwriting"], pen) for pen in pens]


def test_a_shaky_hand_moves_the_middle_of_a_line_to_and_fro_within_few_pixels() -> None:
    line = np.zeros((300, 28, 28), np.uint8)
    line[:, 4:24, 13:15] = 255
    rows, columns = np.arange(6, 22), np.arange(28)

    def middles(recipe: Recipe) -> np.ndarray:
        ink = augment_with(line, _rng(), recipe)[:, rows].astype(float)
        return (ink @ columns) / ink.sum(axis=2)

    np.testing.assert_allclose(middles(Recipe("")), 13.5)
    shaky, bent = middles(Recipe("", tremor_px=1.0)), middles(Recipe("", elastic_px=1.0))
    assert 0.3 < shaky.std() < 1.0  # B-splines average the control points, each of which has a deviation of 1
    # A bend leads the whole line one way, a tremor leads neighbouring parts of it different ways.
    assert np.corrcoef(shaky[:, 0], shaky[:, 6])[0, 1] < 0.2 < 0.5 < np.corrcoef(bent[:, 0], bent[:, 6])[0, 1]


def test_empty_images_stay_empty() -> None:
    black = np.zeros((4, 28, 28), np.uint8)
    all_kinds = {"slashed_zeros": 1.0, "hooked_nines": 1.0, "broken_strokes": 1.0, "tremor_px": 1.0}
    for recipe in [*RECIPES.values(), replace(RECIPES["handwriting"], **all_kinds)]:
        np.testing.assert_array_equal(augment_with(black, _rng(), recipe, np.array([1, 7, 0, 9])), black)
    assert augment(black[:0], _rng(), "handwriting", np.array([])).shape == (0, 28, 28)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="recipe"):
        augment(_IMAGES, _rng(), "wild")
    with pytest.raises(ValueError, match="images"):
        augment(_IMAGES.astype(np.float32), _rng(), "gentle")
    with pytest.raises(ValueError, match="images"):
        augment(_IMAGES[0], _rng(), "gentle")


def test_settings_take_the_recipes_and_nothing_else() -> None:
    for recipe in RECIPES:
        check_config(TrainingConfig(augmentation=recipe))
    with pytest.raises(SettingsError, match="augmentation"):
        check_config(TrainingConfig(augmentation="wild"))
