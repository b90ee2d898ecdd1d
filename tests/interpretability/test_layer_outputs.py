"""What the Keras reader computes of a network, against inner models of Keras's own, and how long it keeps it."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import tensorflow as tf

from model_lib.config.network import NetworkSpec
from model_lib.datasets.loading import load_dataset
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.layers.layer_info import block_of
from model_lib.layers.layer_reader import LayerReader
from model_lib.networks import build_network
from tests.support.sample_networks import ALL_KINDS, AVERAGED, DENSE, inner_outputs, network_with_random_weights

_TEST = load_dataset("mnist").test


@pytest.mark.parametrize("spec", [ALL_KINDS, AVERAGED, DENSE], ids=lambda spec: spec.name)
def test_an_output_is_that_of_the_layers_whole_block(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    reader = FeatureReader(network)
    expected = inner_outputs(network, _TEST.images[0] / np.float32(255))
    for view in reader.views:
        end = reader.views[block_of(reader.views, view.name).stop - 1].name
        (output,) = reader.outputs(view.name, _TEST.images[:1])
        np.testing.assert_allclose(output, expected[end], rtol=0, atol=1e-5 * np.abs(expected[end]).max())


@pytest.mark.parametrize("spec", [ALL_KINDS, AVERAGED, DENSE], ids=lambda spec: spec.name)
def test_both_readers_describe_the_layers_alike(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    assert FeatureReader(network).views == LayerReader(spec, network.get_weights()).views


def test_a_reader_and_the_network_die_with_the_last_reference_to_the_reader() -> None:
    network = network_with_random_weights(DENSE)
    reader = FeatureReader(network)
    reader.outputs("dense_1", _TEST.images[:10])
    gone, reader_gone = weakref.ref(network), weakref.ref(reader)
    del network, reader
    gc.collect()
    assert gone() is None
    assert reader_gone() is None


def test_a_function_is_traced_once() -> None:
    reader = FeatureReader(build_network(DENSE))
    traces = []
    for _ in range(2):
        reader.network_function("identity", lambda images: traces.append(1) or images, tf.TensorSpec((), tf.float32))
    assert traces == [1]


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="conv2d_9"):
        FeatureReader(build_network(DENSE)).view("conv2d_9")
