"""The images of an epoch: every one once, in an order of its own, and the visitor's own among them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import Split, load_dataset
from model_lib.training.input_pipeline import InputPipeline, mix_in


@pytest.fixture(scope="module")
def training() -> Split:
    """The first 900 training images."""
    train = load_dataset("mnist").train
    return Split(train.images[:900], train.labels[:900])


def _own(count: int) -> Split:
    return Split(np.full((count, 28, 28), 7, np.uint8), np.full(count, 3, np.uint8))


def test_every_image_is_seen_once_an_epoch_in_a_new_order(training: Split) -> None:
    with InputPipeline(training, TrainingConfig(epochs=2)) as epochs:
        orders = [epochs.epoch(number)[2] for number in (0, 1)]
    assert all(sorted(order) == list(range(900)) for order in orders)
    assert (orders[0] != orders[1]).any()


def test_a_resumed_epoch_sees_the_same_images_in_the_same_order(training: Split) -> None:
    config = TrainingConfig(epochs=3, augmentation="gentle", seed=5)
    with InputPipeline(training, config) as whole:
        whole.epoch(0)
        expected = whole.epoch(1)
    with InputPipeline(training, config) as resumed:
        received = resumed.epoch(1)
    for first, second in zip(expected, received, strict=True):
        assert np.array_equal(first, second)


def test_augmented_images_differ_in_every_epoch_and_the_labels_do_not(training: Split) -> None:
    with InputPipeline(training, TrainingConfig(epochs=2, augmentation="gentle")) as epochs:
        (first, labels, _), (second, same_labels, _) = epochs.epoch(0), epochs.epoch(1)
    assert (first != second).any(axis=(1, 2)).mean() > 0.9
    assert np.array_equal(labels, same_labels)


def test_an_epoch_is_augmented_as_the_settings_beside_the_recipe_say(training: Split) -> None:
    usual = TrainingConfig(epochs=1, augmentation="handwriting")
    images = []
    for config in (usual, dataclasses.replace(usual, broken_strokes=0.5)):
        with InputPipeline(training, config) as epochs:
            images.append(epochs.epoch(0)[0])
    assert (images[0] != images[1]).any(axis=(1, 2)).mean() == pytest.approx(0.5, abs=0.06)


def test_own_digits_make_up_a_tenth_of_the_training_set(training: Split) -> None:
    mixed = mix_in(training, _own(10))
    assert (mixed.images == 7).all(axis=(1, 2)).sum() == 100  # ten times each
    assert len(mixed.labels) == len(mixed.images) == 1000


def test_a_few_own_digits_are_repeated_a_hundred_times_at_most(training: Split) -> None:
    many = Split(np.tile(training.images, (10, 1, 1)), np.tile(training.labels, 10))
    assert len(mix_in(many, _own(2)).labels) == 9000 + 200


def test_no_own_digits_change_nothing(training: Split) -> None:
    assert mix_in(training, _own(0)) is training
