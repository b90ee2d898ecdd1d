"""The arithmetic of single outputs adds up to what Keras computes, and is made of the right numbers."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import ACTIVATIONS, LayerSpec, NetworkSpec
from model_lib.datasets.loading import load_dataset
from model_lib.layers.layer_info import LayerOutput
from model_lib.layers.layer_reader import LayerReader
from model_lib.layers.output_trace import (
    ActivationTrace,
    BatchNormTrace,
    ConvTrace,
    CopyTrace,
    DenseTrace,
    MaxPoolTrace,
    MeanTrace,
    OutputTrace,
    apply_activation,
    explain_output,
)
from tests.support.sample_networks import (
    ALL_KINDS,
    AVERAGED,
    DENSE,
    inner_outputs,
    network_around,
    network_with_random_weights,
)

_SEVEN = load_dataset("mnist").test.images[0].astype(np.float32) / 255


_AROUND = {kind: network_around(LayerSpec(kind, units=5, padding="same", strides=3)) for kind in KINDS}
_STACKS = {spec.name: spec for spec in (ALL_KINDS, AVERAGED, DENSE)} | _AROUND


@pytest.mark.parametrize("spec", _STACKS.values(), ids=_STACKS)
def test_any_output_of_any_layer_adds_up_to_keras(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    reader, expected = LayerReader(spec, network.get_weights()), inner_outputs(network, _SEVEN)
    maps = reader.read(_SEVEN)
    random = np.random.default_rng(0)
    for name, output in expected.items():
        corners = [tuple(0 for _ in output.shape), tuple(side - 1 for side in output.shape)]
        places = corners + [tuple(int(random.integers(side)) for side in output.shape) for _ in range(20)]
        for position in places:
            arithmetic = explain_output(reader, maps, name, position)
            assert arithmetic.result == pytest.approx(output[position], abs=2e-5), (name, position)
            assert arithmetic.runtime_value == pytest.approx(output[position], abs=2e-5)


def _reader(spec: NetworkSpec) -> LayerReader:
    return LayerReader(spec, network_with_random_weights(spec).get_weights())


def _explained(
    spec: NetworkSpec, name: str, position: tuple[int, ...]
) -> tuple[OutputTrace, dict[str, LayerOutput], LayerReader]:
    reader = _reader(spec)
    maps = reader.read(_SEVEN)
    return explain_output(reader, maps, name, position), maps, reader


def test_a_patch_beyond_the_border_is_padded_with_zeros() -> None:
    explained, _, _ = _explained(ALL_KINDS, "conv2d_1", (0, 0, 3))
    assert isinstance(explained, ConvTrace)
    assert (explained.top, explained.left) == (-1, -1)
    assert not explained.patch[0].any() and not explained.patch[:, 0].any()
    np.testing.assert_allclose(explained.patch[1:, 1:, 0], 2.0 * _SEVEN[:4, :4])
    assert explained.bias == 0.0
    assert explained.is_padded
    assert _explained(ALL_KINDS, "conv2d_1", (13, 7, 3))[0].is_padded
    assert not _explained(ALL_KINDS, "conv2d_1", (7, 7, 3))[0].is_padded


def test_the_products_and_the_bias_make_the_sum() -> None:
    network = network_with_random_weights(ALL_KINDS)
    reader = LayerReader(ALL_KINDS, network.get_weights())
    maps = reader.read(_SEVEN)
    explained = explain_output(reader, maps, "conv2d_2", (2, 3, 1))
    assert isinstance(explained, ConvTrace)
    inputs = maps["max_pooling2d_1"].activation
    kernel, bias = network.get_layer("conv2d_2").get_weights()
    total = 0.0
    for row, column, channel in np.ndindex(3, 3, 5):
        total += float(inputs[2 + row, 3 + column, channel]) * float(kernel[row, column, channel, 1])
    assert explained.products.sum() == pytest.approx(total, abs=1e-6)
    assert explained.channel_sums.sum() == pytest.approx(total, abs=1e-6)
    assert explained.pre_activation == pytest.approx(total + float(bias[1]), abs=1e-6)
    assert explained.result == pytest.approx(np.tanh(explained.pre_activation))


def test_the_winner_of_a_block_is_its_largest_number() -> None:
    explained, maps, _ = _explained(AVERAGED, "max_pooling2d_1", (6, 7, 2))
    assert isinstance(explained, MaxPoolTrace)
    block = maps["conv2d_1"].activation[12:14, 14:16, 2]
    np.testing.assert_allclose(explained.block, block)
    assert block[explained.winner] == block.max()


def test_a_block_beyond_the_border_leaves_empty_what_is_outside() -> None:
    # 14 numbers, window 3, step 2, "same": (7 - 1) * 2 + 3 - 14 = 1 pixel of padding, at the end.
    explained, _, _ = _explained(ALL_KINDS, "max_pooling2d_1", (6, 6, 0))
    assert isinstance(explained, MaxPoolTrace)
    assert np.isnan(explained.block[2]).all() and np.isnan(explained.block[:, 2]).all()
    assert np.isfinite(explained.block[:2, :2]).all()


def test_padding_does_not_count_in_the_mean_of_a_block() -> None:
    # 14 numbers, window 3, step 2, "same": one pixel of padding at the end, so the last block is 2 x 2.
    pooling = LayerSpec("AveragePooling2D", pool_size=3, strides=2, padding="same")
    explained, maps, _ = _explained(network_around(pooling), "average_pooling2d_1", (6, 6, 1))
    assert isinstance(explained, MeanTrace)
    assert np.isfinite(explained.values).sum() == 4
    assert explained.result == pytest.approx(maps["conv2d_1"].activation[12:, 12:, 1].mean())


def test_the_largest_contributions_of_a_unit_come_first() -> None:
    explained, _, _ = _explained(DENSE, "dense_1", (4,))
    assert isinstance(explained, DenseTrace)
    positive, negative = explained.largest(5)
    assert list(explained.products[positive]) == sorted(explained.products, reverse=True)[:5]
    assert list(explained.products[negative]) == sorted(explained.products)[:5]


def test_softmax_shares_out_between_all_units() -> None:
    explained, _, _ = _explained(DENSE, "output", (3,))
    assert isinstance(explained, DenseTrace)
    powers = np.exp(explained.logits)
    assert explained.result == pytest.approx(powers[3] / powers.sum())


def test_the_other_kinds_say_what_they_do() -> None:
    normalised, maps, reader = _explained(ALL_KINDS, "batch_normalization_1", (3, 4, 2))
    assert isinstance(normalised, BatchNormTrace)
    assert normalised.value == pytest.approx(maps["conv2d_1"].activation[3, 4, 2])
    assert isinstance(explain_output(reader, maps, "activation_1", (3, 4, 2)), ActivationTrace)
    moved = explain_output(reader, maps, "flatten_1", (30,))
    assert isinstance(moved, CopyTrace)
    # 5 x 5 x 4 numbers laid out: 30 = (1 * 5 + 2) * 4 + 2.
    assert moved.source == (1, 2, 2)
    mean, maps, _ = _explained(AVERAGED, "global_average_pooling2d_1", (1,))
    assert isinstance(mean, MeanTrace)
    assert mean.values.shape == (14, 14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_keras_own(name: str) -> None:
    values = np.linspace(-4.0, 4.0, 81)
    expected = np.asarray(getattr(keras.activations, name)(values.astype(np.float32)))
    np.testing.assert_allclose(apply_activation(name, values), expected, atol=1e-5)


def test_a_place_outside_the_layer_is_refused() -> None:
    reader = _reader(DENSE)
    with pytest.raises(IndexError, match="20"):
        explain_output(reader, reader.read(_SEVEN), "dense_1", (20,))


def test_a_kind_without_a_trace_is_not_taken_for_a_copy() -> None:
    reader = _reader(DENSE)
    maps = reader.read(_SEVEN)
    reader.views = (dataclasses.replace(reader.views[0], kind="Cropping2D"), *reader.views[1:])
    with pytest.raises(NotImplementedError, match=r"Received: Cropping2D.*add-a-layer-kind"):
        explain_output(reader, maps, "flatten_1", (3,))
