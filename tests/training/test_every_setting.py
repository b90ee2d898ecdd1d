"""Every setting does something: a short training with another value of it goes or ends differently.

A new setting is tried by itself, with the middle of its range or its other words, beside an optimizer that uses it.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.setting import Setting
from model_lib.config.training import OPTIMIZERS, SETTINGS, TrainingConfig
from model_lib.datasets.loading import Dataset, Split, load_dataset
from model_lib.datasets.own_split import FEWEST_DIGITS
from model_lib.datasets.user_digits import UserDigitSet, digits_root
from model_lib.runs import create_run
from model_lib.storage.run import Run
from model_lib.training import images, loop
from model_lib.training.loop import train

_SPEC = NetworkSpec("tiny", (LayerSpec("Conv2D", filters=2, strides=4), LayerSpec("Dropout"), LayerSpec("Flatten")))
_BASE = TrainingConfig(training_images=200, batch_size=50, epochs=2, precision="float32")
_DIGITS = "0123456789ab"
# What happened in a training: names and numbers of its log.
Course = dict[str, list[Any]]
# What makes a setting count, and the value to try, where the middle of its range does not do.
_CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "training_images": ({}, 100),
    "batch_size": ({}, 25),
    "epochs": ({}, 1),
    "target_accuracy": ({"epochs": 4, "learning_rate": 0.01}, 0.1),
    "target_measure": ({"epochs": 4, "learning_rate": 0.01, "target_accuracy": 0.1}, "validation"),
    "patience": ({"epochs": 8, "learning_rate": 1.0}, 1),  # with such steps the loss rises now and then
    "time_limit_seconds": ({}, 5.0),
    "own_digits": ({}, _DIGITS),
    "replay": ({"own_digits": _DIGITS}, "equal"),
    "augmentation_strength": ({"augmentation": "gentle"}, 0.5),
    "allographs": ({"augmentation": "handwriting"}, 1.0),
    "broken_strokes": ({"augmentation": "handwriting"}, 1.0),
    "tremor_px": ({"augmentation": "handwriting"}, 1.0),
    "learning_rate": ({}, 0.1),
}


class _Clock:
    """Python's `time`, but for a clock that goes one second further whenever it is read."""

    def __init__(self) -> None:
        self._seconds = 0

    def monotonic(self) -> int:
        self._seconds += 1
        return self._seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


@pytest.fixture(scope="module")
def datasets() -> dict[str, Dataset]:
    """Small data sets, by the names of the large ones."""
    mnist = load_dataset("mnist")
    few = Split(mnist.test.images[:100], mnist.test.labels[:100])
    datasets = {"mnist": dataclasses.replace(mnist, test=few)}
    negative = Split(255 - mnist.train.images[:200], mnist.train.labels[:200])  # stands in for the articles of clothing
    datasets["fashion_mnist"] = Dataset("fashion_mnist", "Fashion-MNIST", mnist.class_names, negative, few)
    for name in ("pen_digits", "mnist_and_pen_digits"):
        datasets[name] = dataclasses.replace(load_dataset(name), test=few)
    return datasets


@pytest.fixture(autouse=True)
def _small_world(datasets: dict[str, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the training a clock that is not the machine's, small data sets, and a visitor's digits."""
    for module in (loop, images):
        monkeypatch.setattr(module, "cached_dataset", datasets.__getitem__)
    monkeypatch.setattr(loop, "time", _Clock())
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path / "digits"))
    few = datasets["mnist"].test
    for index in range(FEWEST_DIGITS):
        UserDigitSet(digits_root() / _DIGITS).add(few.images[index], int(few.labels[index]))


def _course(config: TrainingConfig, folder: Path) -> Course:
    """Trains and returns what the run's log holds, times left out: all losses, what epochs reached, why it ended."""
    run = create_run(_SPEC, config, folder)
    assert train(run) == "finished", run.error
    course: Course = {"loss": [], "epochs": [], "end": []}
    for line in (run.folder / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["kind"] == "steps":
            course["loss"] += event["loss"]
        elif event["kind"] == "epoch":
            course["epochs"].append([event.get(name) for name in ("accuracy", "validation_loss")])
        elif event["kind"] == "evaluated":
            course["end"] = [event["epochs"], event["why"]]
    assert course["loss"]
    return course


@pytest.fixture(scope="module")
def usual_courses() -> dict[TrainingConfig, Course]:
    """What has been found of settings beside which others are tried: many are tried beside the same."""
    return {}


def _usual_course(base: TrainingConfig, folder: Path, known: dict[TrainingConfig, Course]) -> Course:
    if base not in known:
        known[base] = _course(base, folder)
        assert _course(base, folder) == known[base], "the training itself is not repeatable"
    return known[base]


def _others(setting: Setting, usual: Any) -> Iterator[Any]:
    """Yields the values to try instead of the usual one."""
    if setting.name in _CASES:
        yield _CASES[setting.name][1]
    elif setting.range is not None:
        middle = sum(setting.range) / 2
        yield int(middle) if setting.is_whole else middle
    else:
        yield from (word for word in setting.choices if word != usual)


def _base(setting: Setting) -> TrainingConfig:
    """Returns short settings beside which a setting has an effect."""
    config = dataclasses.replace(_BASE, **_CASES.get(setting.name, ({}, None))[0])
    optimizers = [config.optimizer, *OPTIMIZERS]
    configs = [dataclasses.replace(config, optimizer=optimizer) for optimizer in optimizers]
    return next(config for config in configs if setting.used_if(config))


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_training_with_another_value_of_a_setting_goes_or_ends_differently(
    setting: Setting, tmp_path: Path, usual_courses: dict[TrainingConfig, Course]
) -> None:
    base = _base(setting)
    usual = _usual_course(base, tmp_path, usual_courses)
    changed = [
        _course(dataclasses.replace(base, **{setting.name: other}), tmp_path)
        for other in _others(setting, getattr(base, setting.name))
    ]
    assert any(course != usual for course in changed), f"`{setting.name}` changes nothing"


def test_a_setting_that_another_optimizer_uses_changes_nothing(tmp_path: Path) -> None:
    """The comparison above can fail: here is a value that rightly changes nothing."""
    usual = _course(dataclasses.replace(_BASE, momentum=0.1), tmp_path)
    assert _course(dataclasses.replace(_BASE, momentum=0.5), tmp_path) == usual  # Adam has none
    assert np.isfinite(usual["loss"]).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"training_images": 70_000}, "`training_images` must be at most 60,000 for MNIST"),
        ({"epochs": 0}, "`epochs` must be a whole number from 1 to 50"),
    ],
)
def test_a_queued_run_with_settings_that_cannot_be_fails_and_says_why(
    settings: dict[str, Any], words: str, tmp_path: Path
) -> None:
    run = create_run(_SPEC, _BASE, tmp_path)
    (run.folder / "config.json").write_text(json.dumps(_BASE.as_dict() | settings), encoding="utf-8")
    assert train(Run(run.folder)) == "failed"
    assert words in (run.error or "")
