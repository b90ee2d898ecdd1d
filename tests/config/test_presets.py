"""The presets are the published networks: the same parameter counts, worked out by hand here, and the same settings."""

from __future__ import annotations

import pytest

from model_lib.config import presets
from model_lib.config.presets import FIRST_TRAINING, PRESET_CONFIGS, PRESET_TABLE, PRESETS, Preset
from model_lib.config.summary import summarise
from model_lib.config.training import check_config, learnt_images

# A dense layer has inputs x units weights and a bias a unit; a convolution has height x width x inputs x filters
# weights and a bias a filter; batch normalisation has four numbers an input, two of them trained.
_DENSE_FROM_PIXELS = 784 * 128 + 128  # 100,480
_OUTPUT = 128 * 10 + 10  # 1,290
_COUNTS = {
    "mlp": _DENSE_FROM_PIXELS + _OUTPUT,  # 101,770
    "mlp_batchnorm": 4 * 784 + _DENSE_FROM_PIXELS + _OUTPUT,  # 104,906
    # 28 - 5 + 1 = 24, pooled 12: 12 x 12 x 32 = 4,608 inputs of the dense layer
    "cnn_5x5": (25 * 32 + 32) + (4608 * 128 + 128) + _OUTPUT,  # 592,074
    # 28 - 3 + 1 = 26, pooled 13: 13 x 13 x 32 = 5,408
    "cnn_3x3": (9 * 32 + 32) + (5408 * 128 + 128) + _OUTPUT,  # 693,962
    # 26, then 24, pooled 12: 12 x 12 x 64 = 9,216
    "mnist_cnn": (9 * 32 + 32) + (9 * 32 * 64 + 64) + (9216 * 128 + 128) + _OUTPUT,  # 1,199,882
    # 28, pooled 14, 14, pooled 7: 7 x 7 x 36 = 1,764
    "two_conv": 416 + 14_436 + 225_920 + 1_290,  # 242,062
}


# Our own: convolutions without a bias, followed by batch normalisation, which has one.
_OWN_COUNTS = {
    # 24, pooled 12, then 10, pooled 5: 5 x 5 x 48 = 1,200 inputs of the dense layer
    "lightning": 25 * 16 + 4 * 16 + 9 * 16 * 48 + 4 * 48 + (1200 * 256 + 256) + (256 * 10 + 10),
    # 24, pooled 12, 10, 8, pooled 4, then 2: 2 x 2 x 256 = 1,024 inputs of the last layer
    "bundled": 25 * 32 + 9 * 32 * 64 + 9 * 64 * 96 + 9 * 96 * 256 + 4 * (32 + 64 + 96 + 256) + (1024 * 10 + 10),
    # The same sides: 2 x 2 x 128 = 512 inputs of the last layer
    "champion": 25 * 32 + 9 * 32 * 64 + 9 * 64 * 64 + 9 * 64 * 128 + 4 * (32 + 64 + 64 + 128) + (512 * 10 + 10),
}


def test_every_preset_is_counted_by_hand() -> None:
    assert set(_COUNTS | _OWN_COUNTS) == set(PRESETS)


@pytest.mark.parametrize(("name", "count"), (_COUNTS | _OWN_COUNTS).items())
def test_a_preset_has_the_number_of_parameters_worked_out_by_hand(name: str, count: int) -> None:
    assert sum(row.parameters for row in summarise(PRESETS[name])) == count


def test_the_counts_worked_out_here_are_the_published_ones() -> None:
    assert list(_COUNTS.values()) == [101_770, 104_906, 592_074, 693_962, 1_199_882, 242_062]


def test_batch_normalisation_of_pixels_leaves_1568_numbers_untrained() -> None:
    rows = summarise(PRESETS["mlp_batchnorm"])
    assert sum(row.parameters - row.trainable for row in rows) == 1568


@pytest.mark.parametrize("preset", PRESET_TABLE.values(), ids=PRESET_TABLE)
def test_a_preset_has_a_title_and_a_description_of_its_own(preset: Preset) -> None:
    assert preset.title
    assert preset.description.endswith(".")
    assert [other.title for other in PRESET_TABLE.values()].count(preset.title) == 1


def test_a_presets_spec_and_settings_are_those_of_the_public_names() -> None:
    assert list(PRESETS) == list(PRESET_CONFIGS) == list(PRESET_TABLE)
    assert PRESETS["two_conv"].name == "two_conv"
    assert PRESET_TABLE["two_conv"].config == PRESET_CONFIGS["two_conv"]


def test_no_two_presets_have_the_same_name() -> None:
    assert len(PRESET_TABLE) == len(presets._PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_started_with_its_own_settings(name: str) -> None:
    check_config(PRESET_CONFIGS[name])


@pytest.mark.parametrize(
    ("name", "optimizer", "rate", "batch_size", "epochs", "validation"),
    [
        ("mlp", "adam", 0.001, 32, 5, "none"),
        ("mlp_batchnorm", "adam", 0.001, 32, 10, "test"),
        ("cnn_5x5", "adam", 0.001, 32, 5, "none"),
        ("cnn_3x3", "adam", 0.001, 32, 10, "none"),
        ("mnist_cnn", "adadelta", 1.0, 128, 12, "test"),
        ("two_conv", "adam", 0.001, 300, 20, "last"),
    ],
)
def test_a_preset_has_the_published_settings(
    name: str, optimizer: str, rate: float, batch_size: int, epochs: int, validation: str
) -> None:
    config = PRESET_CONFIGS[name]
    received = (config.optimizer, config.rate, config.batch_size, config.epochs, config.validation)
    assert received == (optimizer, rate, batch_size, epochs, validation)


def test_cnn_3x3_stops_when_its_training_accuracy_exceeds_995_per_mille() -> None:
    config = PRESET_CONFIGS["cnn_3x3"]
    assert (config.target_accuracy, config.target_measure) == (0.995, "training")


def test_the_first_training_has_a_validation_curve_that_its_training_curve_can_be_compared_with() -> None:
    assert FIRST_TRAINING.validation == "last"  # images of its own, not those of the last look
    assert learnt_images(FIRST_TRAINING) == 55_000
    assert FIRST_TRAINING.epochs >= 3
    assert FIRST_TRAINING.label_smoothing == 0.0
