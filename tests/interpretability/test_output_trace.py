"""The arithmetic of single outputs adds up to what Keras computes, and is made of the right numbers."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.config.network import NetworkSpec
from model_lib.datasets.loading import load_dataset
from model_lib.interpretability.layer_info import LayerMaps
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.interpretability.output_trace import (
    Arithmetic,
    Bent,
    LargestOfBlock,
    MeanOfMap,
    Normalised,
    PassedOn,
    UnitSum,
    WeightedSum,
    explain_output,
)
from tests.support.sample_networks import ALL_KINDS, AVERAGED, DENSE, inner_outputs, network_with_random_weights

_SEVEN = load_dataset("mnist").test.images[0].astype(np.float32) / 255


@pytest.mark.parametrize("spec", [ALL_KINDS, AVERAGED, DENSE], ids=lambda spec: spec.name)
def test_any_output_of_any_layer_adds_up_to_keras(spec: NetworkSpec) -> None:
    network = network_with_random_weights(spec)
    reader, expected = FeatureReader(network), inner_outputs(network, _SEVEN)
    maps = reader.read(_SEVEN)
    random = np.random.default_rng(0)
    for name, output in expected.items():
        corners = [tuple(0 for _ in output.shape), tuple(side - 1 for side in output.shape)]
        places = corners + [tuple(int(random.integers(side)) for side in output.shape) for _ in range(20)]
        for position in places:
            arithmetic = explain_output(reader, maps, name, position)
            assert arithmetic.result == pytest.approx(output[position], abs=2e-5), (name, position)
            assert arithmetic.computed == pytest.approx(output[position], abs=2e-5)


def _explained(
    spec: NetworkSpec, name: str, position: tuple[int, ...]
) -> tuple[Arithmetic, dict[str, LayerMaps], FeatureReader]:
    reader = FeatureReader(network_with_random_weights(spec))
    maps = reader.read(_SEVEN)
    return explain_output(reader, maps, name, position), maps, reader


def test_a_patch_beyond_the_border_is_padded_with_zeros() -> None:
    explained, _, _ = _explained(ALL_KINDS, "conv2d_1", (0, 0, 3))
    assert isinstance(explained, WeightedSum)
    assert (explained.top, explained.left) == (-1, -1)
    assert not explained.patch[0].any() and not explained.patch[:, 0].any()
    np.testing.assert_allclose(explained.patch[1:, 1:, 0], 2.0 * _SEVEN[:4, :4])
    assert explained.bias == 0.0
    assert explained.is_padded
    assert _explained(ALL_KINDS, "conv2d_1", (13, 7, 3))[0].is_padded
    assert not _explained(ALL_KINDS, "conv2d_1", (7, 7, 3))[0].is_padded


def test_the_products_and_the_bias_make_the_sum() -> None:
    explained, maps, reader = _explained(ALL_KINDS, "conv2d_2", (2, 3, 1))
    assert isinstance(explained, WeightedSum)
    inputs = maps["max_pooling2d_1"].after
    kernel, bias = reader.network.get_layer("conv2d_2").get_weights()
    total = 0.0
    for row, column, channel in np.ndindex(3, 3, 5):
        total += float(inputs[2 + row, 3 + column, channel]) * float(kernel[row, column, channel, 1])
    assert explained.products.sum() == pytest.approx(total, abs=1e-6)
    assert explained.channel_sums.sum() == pytest.approx(total, abs=1e-6)
    assert explained.before == pytest.approx(total + float(bias[1]), abs=1e-6)
    assert explained.result == pytest.approx(np.tanh(explained.before))


def test_the_winner_of_a_block_is_its_largest_number() -> None:
    explained, maps, _ = _explained(AVERAGED, "max_pooling2d_1", (6, 7, 2))
    assert isinstance(explained, LargestOfBlock)
    block = maps["conv2d_1"].after[12:14, 14:16, 2]
    np.testing.assert_allclose(explained.block, block)
    assert block[explained.winner] == block.max()


def test_a_block_beyond_the_border_leaves_empty_what_is_outside() -> None:
    # 14 numbers, window 3, step 2, "same": (7 - 1) * 2 + 3 - 14 = 1 pixel of padding, at the end.
    explained, _, _ = _explained(ALL_KINDS, "max_pooling2d_1", (6, 6, 0))
    assert isinstance(explained, LargestOfBlock)
    assert np.isnan(explained.block[2]).all() and np.isnan(explained.block[:, 2]).all()
    assert np.isfinite(explained.block[:2, :2]).all()


def test_the_largest_contributions_of_a_unit_come_first() -> None:
    explained, _, _ = _explained(DENSE, "dense_1", (4,))
    assert isinstance(explained, UnitSum)
    positive, negative = explained.largest(5)
    assert list(explained.products[positive]) == sorted(explained.products, reverse=True)[:5]
    assert list(explained.products[negative]) == sorted(explained.products)[:5]


def test_softmax_shares_out_between_all_units() -> None:
    explained, _, _ = _explained(DENSE, "output", (3,))
    assert isinstance(explained, UnitSum)
    powers = np.exp(explained.rivals)
    assert explained.result == pytest.approx(powers[3] / powers.sum())


def test_the_other_kinds_say_what_they_do() -> None:
    normalised, maps, reader = _explained(ALL_KINDS, "batch_normalization_1", (3, 4, 2))
    assert isinstance(normalised, Normalised)
    assert normalised.value == pytest.approx(maps["conv2d_1"].after[3, 4, 2])
    assert isinstance(explain_output(reader, maps, "activation_1", (3, 4, 2)), Bent)
    moved = explain_output(reader, maps, "flatten_1", (30,))
    assert isinstance(moved, PassedOn)
    # 5 x 5 x 4 numbers laid out: 30 = (1 * 5 + 2) * 4 + 2.
    assert moved.source == (1, 2, 2)
    mean, maps, _ = _explained(AVERAGED, "global_average_pooling2d_1", (1,))
    assert isinstance(mean, MeanOfMap)
    assert mean.values.shape == (14, 14)


def test_a_place_outside_the_layer_is_refused() -> None:
    reader = FeatureReader(network_with_random_weights(DENSE))
    with pytest.raises(IndexError, match="20"):
        explain_output(reader, reader.read(_SEVEN), "dense_1", (20,))
