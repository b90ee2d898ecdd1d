"""Answers of a session: in batches, from many threads, in few bytes, and always the network's own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.inference.onnx_graph import output_shapes, pre_activation_of
from model_lib.inference.session import InferenceNetwork
from model_lib.inference.weight_shapes import WeightsError
from tests.support.app_server import PROJECT
from tests.support.sample_networks import ALL_KINDS, MANY_FILTERS, network_with_random_weights


def _images(count: int) -> np.ndarray:
    return np.random.default_rng(count).random((count, 28, 28), np.float32)


@pytest.mark.parametrize("spec", [PRESETS["cnn_5x5"], MANY_FILTERS], ids=lambda spec: spec.name)
@pytest.mark.parametrize("count", [0, 1, 257, 600])
def test_any_number_of_images_is_answered_as_keras_does(spec: NetworkSpec, count: int) -> None:
    network = network_with_random_weights(spec)
    answers = InferenceNetwork(spec, network.get_weights()).predict(_images(count))
    assert answers.shape == (count, 10)
    assert answers.dtype == np.float32
    if count:
        expected = network.predict(_images(count)[..., np.newaxis], verbose=0)
        np.testing.assert_allclose(answers, expected, rtol=0, atol=1e-5)


def test_layer_outputs_come_in_the_order_they_were_asked_for_and_do_not_depend_on_it() -> None:
    network = InferenceNetwork(ALL_KINDS, network_with_random_weights(ALL_KINDS).get_weights())
    images = _images(3)
    everything = network.layer_outputs(images, tuple(output_shapes(ALL_KINDS)))
    some = network.layer_outputs(images, ["output", pre_activation_of("dense_1"), "conv2d_2"])
    assert list(some) == ["output", "dense_1/pre_activation", "conv2d_2"]
    for name, array in some.items():
        np.testing.assert_allclose(array, everything[name], rtol=0, atol=1e-5 * np.abs(array).max())


def test_many_threads_get_the_same_answers_as_one_also_at_the_very_first_time() -> None:
    spec = PRESETS["two_conv"]
    network = InferenceNetwork(spec, network_with_random_weights(spec).get_weights())
    images = _images(20)
    begin = threading.Barrier(8)

    def ask(_: int) -> np.ndarray:
        begin.wait()
        return np.concatenate([network.predict(images[place : place + 1]) for place in range(len(images))])

    with ThreadPoolExecutor(8) as visitors:
        answers = list(visitors.map(ask, range(8)))
    for answer in answers:
        np.testing.assert_allclose(answer, network.predict(images), rtol=0, atol=1e-6)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(WeightsError, match="weight arrays"):
        InferenceNetwork(PRESETS["two_conv"], network_with_random_weights(PRESETS["mlp"]).get_weights())


def test_a_layer_that_the_network_does_not_have_is_named() -> None:
    network = InferenceNetwork(PRESETS["mlp"], network_with_random_weights(PRESETS["mlp"]).get_weights())
    with pytest.raises(KeyError, match="conv2d_1"):
        network.layer_outputs(_images(1), ("conv2d_1",))


def test_nothing_is_reported_to_the_makers_of_onnx_runtime(tmp_path: Path) -> None:
    # What is reported waits in the home folder, beside an identity of the machine.
    program = (
        "import numpy as np; from model_lib.predictions import load_pretrained; "
        "load_pretrained().predict(np.zeros((1, 28, 28), np.float32))"
    )
    without_choice = {name: value for name, value in os.environ.items() if name not in ("CI", "XDG_CACHE_HOME")}
    environment = without_choice | {"HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, check=True)
    assert not [file for file in tmp_path.rglob("*") if "onnxruntime" in file.name]
