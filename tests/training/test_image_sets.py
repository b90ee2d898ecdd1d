"""A training on a visitor's image set: what it learns from, what it is tested on, and when it cannot begin."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from model_lib.config.presets import PRESETS
from model_lib.config.training import SettingsError, TrainingConfig, check_config, learnt_images, with_dataset
from model_lib.datasets.image_set_names import split_name
from model_lib.datasets.image_sets import FEWEST_TO_TRAIN, ImageSet, ImageSetCollection, sweep_image_sets
from model_lib.datasets.loading import Split, cached_dataset, load_dataset
from model_lib.evaluation.evaluation import load_evaluation
from model_lib.runs import create_run
from model_lib.storage.events import Started, read_events
from model_lib.storage.run_folders import datasets_in_use
from model_lib.training.loop import train

OWNER = "0123456789ab"
TEST = load_dataset("mnist").test


@pytest.fixture(autouse=True)
def digits_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "digits"
    monkeypatch.setenv("DIGITS_FOLDER", str(folder))
    return folder


def keep(count: int) -> ImageSet:
    return ImageSetCollection(OWNER).add(Split(TEST.images[:count], TEST.labels[:count]), "mine", [""] * count)


def test_it_learns_from_four_fifths_is_tested_on_the_rest_and_on_mnist_and_keeps_its_images(
    tmp_path: Path, digits_folder: Path
) -> None:
    mine = keep(1000)
    name = split_name(mine.name)
    config = dataclasses.replace(with_dataset(TrainingConfig(epochs=2, batch_size=20), name))
    assert config.training_images == 800
    run = create_run(PRESETS["mlp"], config, tmp_path / "runs")
    train(run)
    assert run.state == "finished" and run.outcome is not None
    started = next(event for event in read_events(run.folder)[0] if isinstance(event, Started))
    assert started.images == learnt_images(config) == 640

    test, network = load_dataset(name).test, keras.models.load_model(run.folder / "network.keras")
    evaluation = load_evaluation(run.folder)
    assert evaluation.dataset == name and len(evaluation.labels) == 200
    np.testing.assert_array_equal(evaluation.labels, test.labels)
    for accuracy, split in (
        (run.outcome.test_accuracy, test),
        (run.outcome.other_test_accuracy, TEST),
    ):
        answers = network.predict(split.images[..., np.newaxis] / np.float32(255), verbose=0).argmax(axis=1)
        assert accuracy == pytest.approx(accuracy_score(split.labels, answers), abs=6e-3)
    assert load_evaluation(run.folder, "mnist").accuracy == pytest.approx(run.outcome.other_test_accuracy)

    ImageSetCollection(OWNER).delete(mine.name)
    for file in digits_folder.rglob("*"):
        os.utime(file, (time.time() - 2 * 86_400,) * 2)
    assert datasets_in_use(tmp_path / "runs") == {name}
    sweep_image_sets(datasets_in_use(tmp_path / "runs"))
    assert len(load_dataset(name).train.labels) == 800
    sweep_image_sets(set())
    cached_dataset.cache_clear()
    again = create_run(PRESETS["mlp"], config, tmp_path / "runs")
    train(again)
    assert again.state == "failed"
    assert "not on this server, or have been deleted" in str(again.error)


def test_the_same_settings_with_the_same_set_give_the_same_network(tmp_path: Path) -> None:
    config = with_dataset(TrainingConfig(epochs=1, batch_size=20, seed=3), split_name(keep(300).name))
    first, second = (create_run(PRESETS["mlp"], config, tmp_path / str(place)) for place in range(2))
    for run in (first, second):
        train(run)
    np.testing.assert_array_equal(
        load_evaluation(first.folder).probabilities, load_evaluation(second.folder).probabilities
    )


def test_the_smallest_set_can_be_trained_on_and_a_smaller_one_or_a_whole_one_cannot() -> None:
    config = TrainingConfig(batch_size=10)
    smallest = with_dataset(config, split_name(keep(FEWEST_TO_TRAIN).name))
    assert smallest.training_images == 100
    check_config(smallest)
    with pytest.raises(SettingsError, match="training_images"):
        check_config(with_dataset(config, split_name(keep(FEWEST_TO_TRAIN - 5).name)))
    with pytest.raises(SettingsError, match="dataset"):
        check_config(dataclasses.replace(config, dataset=keep(200).name))
