"""A run goes on from trained weights: the loss of its first step is theirs, and it needs no parent any more."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.datasets.own_split import FEWEST_DIGITS, split_own_digits
from model_lib.datasets.user_digits import UserDigitSet, digits_root
from model_lib.runs import create_run, start_from
from model_lib.storage.checkpoints import load_network
from model_lib.storage.events import Event, Measured, Started, Steps, read_events
from model_lib.storage.history import History
from model_lib.storage.lineage import Ancestor, ancestors_of, best_epoch, load_earlier, stored_start
from model_lib.storage.run import Run, RunError
from model_lib.training import loop as training
from model_lib.training.loop import train
from tests.support.copied_runs import copy_of
from tests.support.sample_networks import DENSE

_CONFIG = TrainingConfig(training_images=1000, batch_size=50, epochs=2, learning_rate=0.01, precision="float32")
_ON = dataclasses.replace(_CONFIG, optimizer="sgd", learning_rate=0.01, epochs=1, seed=7)
_OWNER = "0123456789ab"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of two epochs that nobody changes."""
    run = create_run(DENSE, _CONFIG, tmp_path_factory.mktemp("runs"))
    assert train(run) == "finished"
    return run


@pytest.fixture
def parent(finished: Run, tmp_path: Path) -> Run:
    """A copy of it."""
    return copy_of(finished, tmp_path)


@pytest.fixture
def own_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UserDigitSet:
    """A visitor's empty set of digits."""
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path / "digits"))
    return UserDigitSet(digits_root() / _OWNER)


def _keep(collection: UserDigitSet, count: int) -> None:
    test = load_dataset("mnist").test
    for image, label in zip(test.images[:count], test.labels[:count], strict=True):
        collection.add(255 - image[::-1], int(label))  # upside down and inverted: new to every network


def _trained_on(parent: Run, config: TrainingConfig = _ON, epoch: int | None = None) -> Run:
    run = create_run(parent.spec, config, parent.folder.parent, start_from(parent, epoch))
    assert train(run) == "finished", run.error
    return run


def _events(run: Run, kind: type[Any]) -> list[Any]:
    return [event for event in read_events(run.folder)[0] if isinstance(event, kind)]


def _measures(run: Run) -> dict[tuple[str, str], Measured]:
    return {(event.on, event.stage): event for event in _events(run, Measured)}


def _arrays(file: Path) -> list[np.ndarray]:
    with np.load(file, allow_pickle=False) as arrays:
        return [arrays[f"weight_{place}"] for place in range(len(arrays.files))]


def _scores(network: keras.Model, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Returns loss and accuracy of Keras's answers, by scikit-learn; probabilities are clipped as in evaluations."""
    answers = network.predict(images[..., np.newaxis].astype(np.float32) / 255, verbose=0).astype(np.float64)
    clipped = np.clip(answers, np.finfo(np.float32).eps, 1)
    loss = log_loss(labels, clipped / clipped.sum(axis=1, keepdims=True), labels=range(10))
    return loss, accuracy_score(labels, answers.argmax(axis=1))


def test_the_loss_of_the_first_step_is_that_of_the_parent_on_the_same_batch(parent: Run) -> None:
    child = _trained_on(parent)
    order = np.random.default_rng((7, 0, 0)).permutation(800)[:50]  # seed, epoch 0; a fifth of the images is held out
    train_set = load_dataset("mnist").train
    network = keras.models.load_model(parent.folder / "network.keras")
    loss, accuracy = _scores(network, train_set.images[order], train_set.labels[order])
    first = _events(child, Steps)[0]
    assert first.loss[0] == pytest.approx(loss, abs=2e-5)
    assert first.accuracy[0] == pytest.approx(accuracy, abs=1e-4)
    assert loss < 1.0 < np.log(10)  # not that of random weights


@pytest.mark.parametrize("epoch", [1, 2, None])
def test_the_weights_before_the_first_step_are_the_parents(parent: Run, epoch: int | None) -> None:
    child = create_run(parent.spec, _ON, parent.folder.parent, start_from(parent, epoch))
    wanted = _arrays(parent.folder / "checkpoints" / f"epoch-00{epoch or 2}.npz")
    assert train(child) == "finished"
    for name in ("start.npz", "checkpoints/epoch-000.npz"):
        for weight, before in zip(_arrays(child.folder / name), wanted, strict=True):
            np.testing.assert_array_equal(weight, before)
    assert not np.allclose(load_network(child).get_weights()[0], wanted[0], atol=1e-6)


def test_the_settings_name_the_parent_and_a_reader_without_that_name_passes_over_it(parent: Run) -> None:
    child = _trained_on(parent)
    content = json.loads((child.folder / "config.json").read_text())
    assert content["parents"] == [
        {
            "id": parent.id,
            "title": parent.title,
            "epochs": 2,
            "trained_on": ["mnist"],
            "has_seen_own_digits": False,
        }
    ]
    assert content["format"] == 1
    # What every version has done with names that its settings do not have.
    assert TrainingConfig.from_dict(content) == child.config == _ON


def test_a_run_without_a_parent_has_the_files_that_it_always_had(parent: Run) -> None:
    assert "parents" not in json.loads((parent.folder / "config.json").read_text())
    assert ancestors_of(parent) == ()
    assert stored_start(parent) is None
    assert not _events(parent, Measured)
    assert not {"start.npz", "earlier.npz"} & {file.name for file in parent.folder.iterdir()}


def test_accuracies_before_and_after_are_kerass_own_on_what_it_is_and_was_trained_on(parent: Run) -> None:
    config = dataclasses.replace(_ON, dataset="pen_digits", learning_rate=0.1, epochs=3)
    child = _trained_on(parent, config)
    measures = _measures(child)
    assert set(measures) == {(name, stage) for name in ("pen_digits", "mnist") for stage in ("before", "after")}
    for (name, stage), measured in measures.items():
        network = keras.models.load_model((parent if stage == "before" else child).folder / "network.keras")
        test = load_dataset(name).test
        loss, accuracy = _scores(network, test.images, test.labels)
        assert measured.images == len(test.labels)
        assert measured.accuracy == pytest.approx(accuracy, abs=1e-4)
        assert measured.loss == pytest.approx(loss, rel=1e-3)
    assert measures["pen_digits", "after"].accuracy > measures["pen_digits", "before"].accuracy
    history = History(child.folder).update()
    assert history.measures["mnist"]["before"] == measures["mnist", "before"]


def test_a_training_killed_in_its_first_epoch_goes_on_from_the_parents_weights(
    parent: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _trained_on(parent)
    monkeypatch.setattr(training, "REPORT_SECONDS", 0.001)
    run = create_run(parent.spec, _ON, parent.folder.parent, start_from(parent))

    def die(event: Event) -> None:
        if isinstance(event, Steps) and event.step > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(run, die)
    run.set_state("interrupted")
    parent.delete()
    shutil.rmtree(run.folder / "checkpoints")  # as a visitor deletes them to free some space
    run.prepare_again()
    assert train(run) == "finished"
    assert [event.step for event in _events(run, Started)] == [0, 0]
    for resumed, expected in zip(load_network(run).get_weights(), load_network(whole).get_weights(), strict=True):
        np.testing.assert_allclose(resumed, expected, atol=1e-6)
    stages = [event.stage for event in _events(run, Measured) if event.on == "mnist"]
    assert stages == ["before", "after"]


@pytest.mark.parametrize("damage", ["gone", "cut", "of another network", "not numbers"])
def test_without_its_first_weights_a_training_fails_and_does_not_begin_with_random_ones(
    parent: Run, damage: str
) -> None:
    run = create_run(parent.spec, _ON, parent.folder.parent, start_from(parent))
    file = run.folder / "start.npz"
    weights = _arrays(file)
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    elif damage == "of another network":
        np.savez(file, weight_0=np.zeros((3, 3), np.float32))
    else:
        np.savez(file, **{f"weight_{place}": np.full_like(each, np.nan) for place, each in enumerate(weights)})
    assert train(run) == "failed"
    assert "start.npz" in (run.error or "")
    assert not _events(run, Steps)


def test_nothing_of_a_child_hangs_on_its_parent(parent: Run) -> None:
    run = create_run(parent.spec, _ON, parent.folder.parent, start_from(parent))
    parent.delete()
    assert train(run) == "finished"
    assert [each.title for each in ancestors_of(run)] == [parent.title] or ancestors_of(run)[0].id == parent.id
    earlier = load_earlier(run.folder)
    assert (earlier.epochs, earlier.steps) == (2, 32)
    again = create_run(run.spec, dataclasses.replace(_ON, seed=8), run.folder.parent, stored_start(run))
    for weight, first in zip(_arrays(again.folder / "start.npz"), _arrays(run.folder / "start.npz"), strict=True):
        np.testing.assert_array_equal(weight, first)


def test_a_run_trained_on_twice_has_both_ancestors_and_both_curves(parent: Run) -> None:
    second = _trained_on(parent, epoch=1)
    third = _trained_on(second, dataclasses.replace(_ON, batch_size=100))
    assert [(each.id, each.epochs) for each in ancestors_of(third)] == [(parent.id, 1), (second.id, 1)]
    earlier = load_earlier(third.folder)
    np.testing.assert_array_equal(earlier.ends, [[1, 16], [2, 32]])
    histories = [History(run.folder).update() for run in (parent, second)]
    first_epoch = histories[0].curve("loss")[1][:16]
    np.testing.assert_allclose(earlier.training[:, 2], [*first_epoch, *histories[1].curve("loss")[1]])
    np.testing.assert_allclose(earlier.training[:, 1], np.arange(1, 33))
    np.testing.assert_allclose(earlier.training[:, 0], np.arange(1, 33) / 16)
    events = [histories[0].epochs[0], histories[1].epochs[0]]
    np.testing.assert_allclose(earlier.validation[:, 2], [event.validation_loss for event in events])
    np.testing.assert_allclose(earlier.validation[:, 0], [1, 2])


def test_the_best_epoch_is_that_of_the_lowest_validation_loss_whose_weights_are_kept(parent: Run) -> None:
    losses = [event.validation_loss for event in History(parent.folder).update().epochs]
    assert best_epoch(parent) == int(np.argmin(losses)) + 1
    (parent.folder / "checkpoints" / f"epoch-00{np.argmin(losses) + 1}.npz").unlink()
    assert best_epoch(parent) == int(np.argmax(losses)) + 1


def test_weights_that_are_not_numbers_or_of_another_network_are_refused(parent: Run) -> None:
    start = start_from(parent)
    with pytest.raises(RunError, match=r"7,850 parameters\. Received: 15,910\."):
        create_run(NetworkSpec("other", (LayerSpec("Flatten"),)), _ON, parent.folder.parent, start)
    file = parent.folder / "checkpoints" / "epoch-002.npz"
    np.savez(file, **{f"weight_{place}": np.full_like(each, np.nan) for place, each in enumerate(start.weights)})
    assert start_from(parent).ancestors[-1].epochs == 1  # the newest one that is whole
    with pytest.raises(RunError, match="no whole checkpoint of epoch 2"):
        start_from(parent, 2)


@pytest.mark.parametrize("parents", [7, [7], [{}], [{"id": 1, "title": "", "epochs": 1, "trained_on": []}]])
def test_damaged_parents_are_named_as_damage(parent: Run, parents: Any) -> None:
    run = create_run(parent.spec, _ON, parent.folder.parent, start_from(parent))
    file = run.folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"parents": parents}))
    with pytest.raises(RunError, match=r"config\.json .* is damaged: `parents`"):
        ancestors_of(run)
    assert train(run) == "failed"


@pytest.mark.parametrize(("replay", "images_per_digit"), [("none", 1), ("equal", 2)])
def test_own_digits_are_trained_on_and_tested_on_those_that_no_training_saw(
    parent: Run, own_digits: UserDigitSet, replay: Any, images_per_digit: int
) -> None:
    _keep(own_digits, 60)
    split = split_own_digits(own_digits.digits())
    assert 5 < len(split.held_out.labels) < 25
    config = dataclasses.replace(_ON, own_digits=_OWNER, replay=replay, epochs=30, learning_rate=0.05)
    child = _trained_on(parent, config)
    trained = len(split.training.labels)
    assert [event.images for event in _events(child, Started)] == [images_per_digit * trained]
    measures = _measures(child)
    assert {name for name, _ in measures} == {"mnist", "pen_digits", "own_digits"}
    network = keras.models.load_model(child.folder / "network.keras")
    answers = network.predict(split.held_out.images[..., np.newaxis] / np.float32(255), verbose=0).argmax(axis=1)
    after = measures["own_digits", "after"]
    assert after.images == len(split.held_out.labels)
    assert after.accuracy == pytest.approx(accuracy_score(split.held_out.labels, answers))
    assert after.accuracy > measures["own_digits", "before"].accuracy
    assert measures["mnist", "after"].accuracy < measures["mnist", "before"].accuracy  # catastrophic forgetting


def test_replay_keeps_what_was_learnt_before(parent: Run, own_digits: UserDigitSet) -> None:
    _keep(own_digits, 60)
    config = dataclasses.replace(_ON, own_digits=_OWNER, epochs=30, learning_rate=0.05)
    alone, replayed = (
        _measures(_trained_on(parent, dataclasses.replace(config, replay=replay)))["mnist", "after"].accuracy
        for replay in ("none", "equal")
    )
    assert replayed > alone + 0.05


def test_digits_mixed_into_the_whole_data_set_are_held_out_in_a_run_that_is_trained_on(
    parent: Run, own_digits: UserDigitSet
) -> None:
    _keep(own_digits, 40)
    split = split_own_digits(own_digits.digits())
    child = _trained_on(parent, dataclasses.replace(_ON, own_digits=_OWNER))
    trained = len(split.training.labels)
    repetitions = round(800 / 9 / trained)  # a tenth of the whole
    assert _events(child, Started)[0].images == 800 + repetitions * trained
    assert _measures(child)["own_digits", "after"].images == len(split.held_out.labels)
    assert not ancestors_of(_trained_on(child))[-1].has_seen_own_digits
    mixed = create_run(DENSE, dataclasses.replace(_CONFIG, own_digits=_OWNER), parent.folder.parent)
    assert train(mixed) == "finished"
    assert start_from(mixed).ancestors[-1] == Ancestor(
        mixed.id, mixed.title, 2, ("mnist", "own_digits"), has_seen_own_digits=True
    )


@pytest.mark.parametrize("replay", ["none", "equal"])
def test_too_few_own_digits_fail_the_run_with_how_many_are_needed(
    parent: Run, own_digits: UserDigitSet, replay: Any
) -> None:
    _keep(own_digits, FEWEST_DIGITS - 1)
    config = dataclasses.replace(_ON, own_digits=_OWNER, replay=replay)
    run = create_run(parent.spec, config, parent.folder.parent, start_from(parent))
    assert train(run) == "failed"
    assert "at least 20 of them" in (run.error or "")
    assert "There are 19." in (run.error or "")
