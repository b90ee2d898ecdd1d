"""The networks that the app offers by name, each with its settings.

Layers, settings and published accuracies of the first six are those of six widely read MNIST programs; the others
are this project's own. The parameter counts are worked out by hand in tests/config/test_presets.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from model_lib.config.network import LayerSpec, NetworkSpec, Padding
from model_lib.config.training import TrainingConfig


def _conv(filters: int, kernel_size: int, padding: Padding = "valid") -> LayerSpec:
    return LayerSpec("Conv2D", filters=filters, kernel_size=kernel_size, padding=padding)


def _dropout(rate: float) -> LayerSpec:
    return LayerSpec("Dropout", rate=rate)


_POOL: Final = LayerSpec("MaxPooling2D", pool_size=2)
_FLATTEN: Final = LayerSpec("Flatten")
_DENSE: Final = LayerSpec("Dense", units=128)

# Batch normalization behind the pooling, not before it, normalises a quarter of the numbers.
NORMALISED: Final = (LayerSpec("BatchNormalization"), LayerSpec("Activation", activation="relu"))


def bare_convolution(filters: int, kernel_size: int) -> LayerSpec:
    """Returns a convolution that leaves bias and activation to the batch normalisation behind it."""
    return LayerSpec("Conv2D", filters=filters, kernel_size=kernel_size, activation="linear", use_bias=False)


@dataclass(frozen=True)
class Preset:
    """A network that the app offers, with the settings that it was published with and the page's words about it.

    Args:
        spec: the network, whose name is the preset's id.
        config: its settings.
        description: one or two sentences for the visitor.
        source: where the network and its published numbers come from; empty for none.
    """

    spec: NetworkSpec
    config: TrainingConfig
    description: str
    source: str = ""

    @property
    def title(self) -> str:
        """What a visitor calls it; kept in the spec, so that it travels with a run."""
        return self.spec.title


def _preset(
    name: str,
    layers: tuple[LayerSpec, ...],
    config: TrainingConfig,
    title: str,
    description: str,
    source: str = "",
    pixel_scale: float = 1.0,
) -> Preset:
    return Preset(NetworkSpec(name, layers, pixel_scale, title), config, description, source)


_PRESETS: Final = (
    _preset(
        "mlp",
        (_FLATTEN, _DENSE, _dropout(0.2)),
        config=TrainingConfig(validation="none", batch_size=32, epochs=5),
        title="Dense network",
        description="The first network of most tutorials: every pixel is connected to 128 units.",
        source="published: 97.7 % on the test set after 5 epochs",
    ),
    _preset(
        "mlp_batchnorm",
        (_FLATTEN, LayerSpec("BatchNormalization"), _DENSE),
        pixel_scale=255.0,
        config=TrainingConfig(validation="test", batch_size=32, epochs=10),
        title="Dense network, normalised",
        description="Raw pixels from 0 to 255: batch normalisation does the scaling. See what always-black pixels do.",
    ),
    _preset(
        "cnn_5x5",
        (_conv(32, 5), _POOL, _FLATTEN, _DENSE, _dropout(0.2)),
        config=TrainingConfig(validation="none", batch_size=32, epochs=5),
        title="One convolution, 5 x 5",
        description="32 filters look for small patterns before the dense layer decides.",
        source="published: 98.7 % on the test set after 5 epochs",
    ),
    _preset(
        "cnn_3x3",
        (_conv(32, 3), _POOL, _FLATTEN, _DENSE),
        config=TrainingConfig(
            validation="none", batch_size=32, epochs=10, target_accuracy=0.995, target_measure="training"
        ),
        title="One convolution, 3 x 3",
        description="Stops by itself when its training accuracy exceeds 99.5 %. For digits and for fashion.",
        source="published: stopped after epoch 5 at 99.50 % training accuracy",
    ),
    _preset(
        "mnist_cnn",
        (_conv(32, 3), _conv(64, 3), _POOL, _dropout(0.25), _FLATTEN, _DENSE, _dropout(0.5)),
        config=TrainingConfig(validation="test", optimizer="adadelta", learning_rate=1.0, batch_size=128, epochs=12),
        title="Two convolutions, 3 x 3",
        description="The classic Keras example: 1.2 million parameters, Adadelta, twelve epochs.",
        source="published: 99.25 % on the test set after 12 epochs",
    ),
    _preset(
        "two_conv",
        (
            _conv(16, 5, "same"),
            _POOL,
            _conv(36, 5, "same"),
            _POOL,
            _dropout(0.25),
            _FLATTEN,
            _DENSE,
            _dropout(0.5),
        ),
        config=TrainingConfig(validation="last", validation_share=0.2, batch_size=300, epochs=20),
        title="Two convolutions, 5 x 5",
        description="Convolution, pooling, convolution, pooling: the shape that textbooks draw.",
        source="published: 99.26 % on the test set, loss 0.0220, after 20 epochs",
    ),
    _preset(
        "bundled",
        (
            bare_convolution(32, 5),
            _POOL,
            *NORMALISED,
            bare_convolution(64, 3),
            *NORMALISED,
            bare_convolution(96, 3),
            _POOL,
            *NORMALISED,
            bare_convolution(256, 3),
            *NORMALISED,
            _FLATTEN,
            _dropout(0.2),
        ),
        config=TrainingConfig(
            validation="last",
            validation_share=0.1,
            learning_rate=0.004,
            beta_2=0.99,
            schedule="one_cycle",
            batch_size=128,
            epochs=10,
            augmentation="long_flags",
            label_smoothing=0.1,
            precision="float32",
        ),
        title="Handwriting network",
        description="The layers of the ready-made network: batch normalisation, a one-cycle learning rate and images "
        "that are turned, bent and redrawn each time.",
        source="this project: `python -m model_lib.pretrained`, figures in model_lib/pretrained/provenance.json",
    ),
    _preset(
        "lightning",
        (
            bare_convolution(16, 5),
            _POOL,
            *NORMALISED,
            bare_convolution(48, 3),
            _POOL,
            *NORMALISED,
            _FLATTEN,
            LayerSpec("Dense", units=256),
        ),
        config=TrainingConfig(
            validation="none",
            learning_rate=0.005,
            beta_1=0.7,
            beta_2=0.9,
            schedule="one_cycle",
            batch_size=64,
            epochs=1,
            label_smoothing=0.1,
        ),
        title="Fast network",
        description="Learns in one epoch what others learn in many: pooling comes early, batch normalisation and a "
        "learning rate that rises and falls make large steps possible.",
        source="this project, after github.com/tuomaso/train_mnist_fast: docs/performance.md",
    ),
    _preset(
        "champion",
        (
            bare_convolution(32, 5),
            _POOL,
            *NORMALISED,
            bare_convolution(64, 3),
            *NORMALISED,
            bare_convolution(64, 3),
            _POOL,
            *NORMALISED,
            bare_convolution(128, 3),
            *NORMALISED,
            _FLATTEN,
            _dropout(0.25),
        ),
        config=TrainingConfig(
            validation="none",
            learning_rate=0.004,
            beta_2=0.99,
            schedule="one_cycle",
            batch_size=128,
            epochs=24,
            augmentation="gentle",
            label_smoothing=0.05,
        ),
        title="Best network",
        description="Few parameters, every image moved and turned anew in every epoch: what six minutes can reach.",
        source="this project: docs/performance.md",
    ),
)

# All presets by their ids, in the order of the page.
PRESET_TABLE: Final[Mapping[str, Preset]] = {preset.spec.name: preset for preset in _PRESETS}
PRESETS: Final[Mapping[str, NetworkSpec]] = {name: preset.spec for name, preset in PRESET_TABLE.items()}
PRESET_CONFIGS: Final[Mapping[str, TrainingConfig]] = {name: preset.config for name, preset in PRESET_TABLE.items()}

# What the newcomer's button trains: `lightning` with some images held out, long enough for a validation curve, and
# without label smoothing, under which the training loss lies far above the validation loss and cannot be compared.
FIRST_TRAINING: Final = dataclasses.replace(
    PRESET_CONFIGS["lightning"], validation="last", validation_share=1 / 12, epochs=3, label_smoothing=0.0
)
