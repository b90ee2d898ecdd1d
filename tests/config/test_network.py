"""The table of a network equals Keras's own, and what cannot be built is said with the layer at fault."""

from __future__ import annotations

import dataclasses
import random
import threading
from typing import Any

import pytest

from model_lib.config.network import LayerSpec, NetworkError, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.summary import count_parameters, summarise
from model_lib.networks import as_keras_script, build_network
from tests.support.sample_networks import random_network


def test_shapes_and_parameters_equal_kerass_on_random_stacks() -> None:
    chance = random.Random(1)
    built = 0
    for _ in range(150):
        spec = random_network(chance)
        try:
            rows = summarise(spec)
        except NetworkError:
            continue
        network = build_network(spec)
        layers = {layer.name: layer for layer in network.layers}
        for row in rows:
            assert tuple(layers[row.name].output.shape[1:]) == row.output_shape, (spec, row)
            assert layers[row.name].count_params() == row.parameters, (spec, row)
            trained = sum(weight.shape.num_elements() for weight in layers[row.name].trainable_weights)
            assert trained == row.trainable, (spec, row)
        assert len(rows) == len(network.layers) - 1  # the input is no layer of ours
        built += 1
    assert built > 40


def test_what_is_refused_is_refused_by_keras_too() -> None:
    chance = random.Random(2)
    refused = 0
    while refused < 15:
        spec = random_network(chance)
        try:
            summarise(spec)
        except NetworkError as error:
            if "does not fit" not in str(error) and "needs an image" not in str(error):
                continue
            with pytest.raises(ValueError):
                _build_with_keras_alone(spec)
            refused += 1


def _build_with_keras_alone(spec: NetworkSpec) -> None:
    exec(as_keras_script(spec), {})


def test_a_pooling_below_one_pixel_names_its_layer() -> None:
    pool = LayerSpec("MaxPooling2D", pool_size=2)
    with pytest.raises(NetworkError, match=r"Layer 5 \(MaxPooling2D\).*less than one pixel") as raised:
        summarise(NetworkSpec("own", (pool, pool, pool, pool, pool, LayerSpec("Flatten"))))
    assert raised.value.layer == 4


def test_a_convolution_after_flatten_names_its_layer() -> None:
    with pytest.raises(NetworkError, match=r"Layer 2 \(Conv2D\) needs an image.*before Flatten") as raised:
        summarise(NetworkSpec("own", (LayerSpec("Flatten"), LayerSpec("Conv2D"))))
    assert raised.value.layer == 1


def test_no_layers_are_refused() -> None:
    with pytest.raises(NetworkError, match="no layers"):
        summarise(NetworkSpec("own", ()))


def test_an_image_at_the_end_asks_for_flatten() -> None:
    with pytest.raises(NetworkError, match="End the layers with Flatten"):
        summarise(NetworkSpec("own", (LayerSpec("Conv2D"),)))


def test_more_than_five_million_parameters_name_the_largest_layer() -> None:
    layers = (LayerSpec("Conv2D", filters=64), LayerSpec("Flatten"), LayerSpec("Dense", units=200))
    with pytest.raises(NetworkError, match=r"at most 5,000,000.*layer 3 \(Dense\)") as raised:
        summarise(NetworkSpec("own", layers))
    assert raised.value.layer == 2


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (LayerSpec("Conv2D", filters=0), "`filters` must be a whole number from 1 to 512. Received: 0"),
        (LayerSpec("Dropout", rate=1.0), "`rate` must be a number from 0 to 0.95. Received: 1.0"),
        (LayerSpec("Dense", units=10**9), "`units` must be a whole number from 1 to 4,096"),
        (LayerSpec("Conv2D", strides=0), "`strides` must be"),
        (LayerSpec("Dense", activation="magic"), "`activation` must be one of"),  # type: ignore[arg-type]
        (LayerSpec("Dense", use_bias=1), "`use_bias` must be true or false. Received: 1"),  # type: ignore[arg-type]
        (LayerSpec("Lambda"), "Layer 1 must be one of Conv2D, "),
    ],
)
def test_an_option_out_of_its_range_is_named(layer: LayerSpec, words: str) -> None:
    with pytest.raises(NetworkError) as raised:
        summarise(NetworkSpec("own", (layer,)))
    assert words in str(raised.value)


@pytest.mark.parametrize("received", [None, 1.5, 10**18])
def test_an_option_out_of_its_range_comes_with_the_range_and_what_was_received(received: Any) -> None:
    with pytest.raises(NetworkError) as raised:
        summarise(NetworkSpec("own", (LayerSpec("Flatten"), LayerSpec("Dense", units=received))))
    error = raised.value
    assert (error.layer, error.option, error.received, error.allowed) == (1, "units", received, (1, 4096))


@pytest.mark.parametrize("spec", PRESETS.values(), ids=PRESETS)
def test_a_spec_survives_being_written_and_read(spec: NetworkSpec) -> None:
    again = NetworkSpec.from_dict(spec.as_dict())
    assert again == spec
    assert again.title == spec.title


def test_a_spec_of_an_older_version_is_read_without_its_prose() -> None:
    older = PRESETS["mlp"].as_dict() | {"description": "The first network of most tutorials.", "source": "published"}
    assert NetworkSpec.from_dict(older) == PRESETS["mlp"]


def test_networks_are_equal_whatever_their_titles_say() -> None:
    preset = PRESETS["mlp"]
    of_yesterday = dataclasses.replace(preset, title="Another title")
    assert of_yesterday == preset
    assert {preset: "steps that are kept"}[of_yesterday] == "steps that are kept"


@pytest.mark.parametrize("change", [{"name": "own"}, {"layers": ()}, {"pixel_scale": 255.0}])
def test_networks_that_are_built_differently_are_not_equal(change: dict[str, Any]) -> None:
    assert dataclasses.replace(PRESETS["mlp"], **change) != PRESETS["mlp"]


def test_the_keras_script_builds_the_same_network() -> None:
    names: dict[str, object] = {}
    exec(as_keras_script(PRESETS["two_conv"]), names)
    assert names["network"].count_params() == count_parameters(PRESETS["two_conv"])  # type: ignore[attr-defined]


def test_the_same_seed_gives_the_same_first_weights() -> None:
    first, second = (build_network(PRESETS["mlp"], seed=3).get_weights()[0] for _ in range(2))
    assert (first == second).all()
    assert (first != build_network(PRESETS["mlp"], seed=4).get_weights()[0]).any()


def test_a_layer_that_is_not_a_layer_is_refused() -> None:
    with pytest.raises(NetworkError, match="must have a `kind`"):
        NetworkSpec.from_dict({"name": "own", "layers": [{"kind": "Lambda"}]})
    with pytest.raises(NetworkError, match="must have `name` and `layers`"):
        NetworkSpec.from_dict({"layers": 3})


def test_a_seed_gives_the_same_weights_while_other_threads_draw_random_numbers() -> None:
    quiet = build_network(PRESETS["two_conv"], seed=3).get_weights()
    ended = threading.Event()

    def draw() -> None:
        while not ended.is_set():
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        networks = [build_network(PRESETS["two_conv"], seed=3) for _ in range(3)]
    finally:
        ended.set()
        thread.join()
    for network in networks:
        assert all((ours == theirs).all() for ours, theirs in zip(network.get_weights(), quiet, strict=True))
