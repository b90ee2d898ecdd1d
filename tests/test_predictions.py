"""Predictions against Keras's own, the bundled network against real digits, and what is no digit."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import keras
import numpy as np
import pytest

from model_lib import predictions
from model_lib.config.presets import PRESETS
from model_lib.config.summary import count_parameters
from model_lib.datasets.loading import load_dataset
from model_lib.drawing.strokes import strokes_to_image
from model_lib.networks import build_network
from model_lib.predictions import (
    PRETRAINED_FILE,
    PROVENANCE_FILE,
    PredictionError,
    load_pretrained,
    load_pretrained_keras,
    predict,
)
from model_lib.pretrained.digit_detector import look_like_digits, looks_like_digit
from tests.support.app_server import PROJECT
from tests.support.drawn_digits import DRAWN_DIGITS

_TEST = load_dataset("mnist").test


def _drawn() -> np.ndarray:
    return np.stack([strokes_to_image(strokes) for strokes in DRAWN_DIGITS.values()])


def test_the_bundled_network_reads_drawn_digits() -> None:
    probabilities = predict(load_pretrained(), _drawn())
    assert probabilities.argmax(axis=1).tolist() == list(DRAWN_DIGITS)
    assert probabilities.dtype == np.float32


def test_the_bundled_network_reads_tiny_digits_in_corners() -> None:
    for digit, strokes in DRAWN_DIGITS.items():
        for x, y in ((4, 4), (258, 4), (4, 250), (258, 250)):
            image = strokes_to_image([stroke * 0.08 + np.array([x - 6, y - 3]) for stroke in strokes])
            assert image is not None
            assert predict(load_pretrained(), image[np.newaxis]).argmax() == digit


def test_the_bundled_network_reads_mnists_test_images() -> None:
    right = predict(load_pretrained(), _TEST.images[:2_000]).argmax(axis=1) == _TEST.labels[:2_000]
    assert right.mean() >= 0.99  # its figure on all 10,000 stands in provenance.json


def test_the_bundled_network_is_the_preset_and_small() -> None:
    network = keras.models.load_model(PRETRAINED_FILE, compile=False)
    assert network.count_params() == count_parameters(PRESETS["bundled"])
    assert [layer.name for layer in network.layers] == [
        layer.name for layer in build_network(PRESETS["bundled"]).layers
    ]
    assert PRETRAINED_FILE.stat().st_size < 2_000_000


def test_the_bundled_network_is_loaded_once_and_answers_as_keras_does() -> None:
    assert load_pretrained() is load_pretrained()
    assert load_pretrained_keras() is load_pretrained_keras()
    network = keras.models.load_model(PRETRAINED_FILE, compile=False)
    expected = network.predict(_TEST.images[:300, :, :, None].astype(np.float32) / 255, verbose=0)
    np.testing.assert_allclose(predict(load_pretrained(), _TEST.images[:300]), expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(predict(load_pretrained_keras(), _TEST.images[:300]), expected, rtol=0, atol=1e-5)


def test_the_bundled_network_and_its_detector_answer_without_loading_tensorflow() -> None:
    program = (
        "import sys, numpy as np; from model_lib.predictions import load_pretrained, predict; "
        "from model_lib.pretrained.digit_detector import looks_like_digit; "
        "image = np.zeros((28, 28), np.float32); "
        "assert predict(load_pretrained(), image[None]).shape == (1, 10) and not looks_like_digit(image); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT).returncode == 0


def test_the_provenance_says_how_the_network_was_made() -> None:
    provenance = json.loads(PROVENANCE_FILE.read_text(encoding="utf-8"))
    assert provenance["command"].startswith("python -m model_lib.pretrained")
    assert provenance["file_bytes"] == PRETRAINED_FILE.stat().st_size
    assert provenance["figures"]["test_accuracy"] > 0.99


def test_predictions_are_keras_own() -> None:
    for name in ("mlp", "cnn_5x5"):
        network = build_network(PRESETS[name], seed=1)
        images = _TEST.images[:7].astype(np.float32) / 255
        expected = network.predict(images[..., None], verbose=0)
        np.testing.assert_allclose(predict(network, images), expected, atol=1e-5)
        np.testing.assert_allclose(predict(network, _TEST.images[:7]), expected, atol=1e-5)
        np.testing.assert_allclose(predict(network, images[3:4]), expected[3:4], atol=1e-5)


def test_changed_weights_change_the_answer() -> None:
    network = build_network(PRESETS["mlp"], seed=1)
    before = predict(network, _TEST.images[:3])
    network.set_weights([weights * 2 for weights in network.get_weights()])
    assert not np.allclose(before, predict(network, _TEST.images[:3]))


def test_no_images_give_no_answers() -> None:
    assert predict(load_pretrained(), np.empty((0, 28, 28), np.float32)).shape == (0, 10)


def test_several_threads_get_the_same_answers_as_one() -> None:
    network = build_network(PRESETS["mlp"], seed=2)
    answers: dict[int, np.ndarray] = {}

    def ask(number: int) -> None:
        answers[number] = np.concatenate([predict(network, _TEST.images[place : place + 1]) for place in range(20)])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = network.predict(_TEST.images[:20, :, :, None].astype(np.float32) / 255, verbose=0)
    assert len(answers) == 8
    for answer in answers.values():
        np.testing.assert_allclose(answer, expected, atol=1e-5)


@pytest.mark.parametrize(
    "images", [np.zeros((28, 28)), np.zeros((1, 27, 28)), np.full((1, 28, 28), np.nan), np.zeros((1, 28, 28, 1))]
)
def test_images_that_cannot_be_read_are_named(images: np.ndarray) -> None:
    with pytest.raises(PredictionError, match="images"):
        predict(load_pretrained(), images)


def test_a_damaged_bundled_network_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "network.keras").write_bytes(b"no network")
    monkeypatch.setattr(predictions, "PRETRAINED_FILE", tmp_path / "network.keras")
    with pytest.raises(PredictionError, match="git checkout"):
        predictions._load_pretrained.__wrapped__()
    with pytest.raises(PredictionError, match="git checkout"):
        predictions._load_pretrained_keras.__wrapped__()


def test_drawn_digits_look_like_digits() -> None:
    assert all(looks_like_digit(image) for image in _drawn())


def test_nearly_all_test_digits_look_like_digits() -> None:
    images = _TEST.images[:1_000]
    assert look_like_digits(images, predict(load_pretrained(), images)).mean() > 0.97


def test_two_digits_a_scribble_a_dot_and_an_empty_image_do_not_look_like_a_digit() -> None:
    turns = np.stack([np.linspace(0, 200, 24), np.tile([0.0, 180.0], 12)], axis=1)
    others = [
        [*DRAWN_DIGITS[4], *(stroke + np.array([170, 0]) for stroke in DRAWN_DIGITS[8])],
        [turns],
        [np.array([[140.0, 140.0]])],
        [np.array([[0.0, 0.0], [200, 200]]), np.array([[200.0, 0], [0, 200]])],
    ]
    for strokes in others:
        assert not looks_like_digit(strokes_to_image(strokes))
    assert not looks_like_digit(np.zeros((28, 28), np.float32))
