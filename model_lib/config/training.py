"""How a network is trained, described: every setting, what it may be, and what it changes. Nothing here loads Keras."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, get_args

from model_lib.datasets.augmentation import RECIPES
from model_lib.datasets.loading import TRAINING_IMAGES
from model_lib.datasets.user_digits import is_user_digit_set_id

Optimizer = Literal["adam", "sgd", "rmsprop", "adadelta", "adagrad"]
Validation = Literal["last", "test", "none"]
Measure = Literal["training", "validation"]
Schedule = Literal["constant", "one_cycle"]
Precision = Literal["auto", "float32", "bfloat16"]

OPTIMIZERS: Final[tuple[Optimizer, ...]] = get_args(Optimizer)
VALIDATIONS: Final[tuple[Validation, ...]] = get_args(Validation)
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
SCHEDULES: Final[tuple[Schedule, ...]] = get_args(Schedule)
PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)

# Keras 3's own defaults, but for Adadelta: its 0.001 learns far too slowly, 1.0 is the rate of the method's paper
# (M. Zeiler, 2012) and of the published MNIST results.
LEARNING_RATES: Final[Mapping[Optimizer, float]] = {
    "adam": 0.001,
    "sgd": 0.01,
    "rmsprop": 0.001,
    "adadelta": 1.0,
    "adagrad": 0.01,
}
# Lowest and highest value of each number, both allowed.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "training_images": (100, 1_000_000),
    "validation_share": (0.01, 0.9),
    "learning_rate": (1e-7, 100.0),
    "momentum": (0.0, 0.999),
    "beta_1": (0.0, 0.999),
    "beta_2": (0.0, 0.9999),
    "batch_size": (1, 10_000),
    "epochs": (1, 50),
    "target_accuracy": (0.1, 1.0),
    "patience": (1, 50),
    "time_limit_seconds": (1.0, 86_400.0),
    "seed": (0, 2**31 - 1),
    "label_smoothing": (0.0, 0.5),
}
WHOLE_NUMBERS: Final = frozenset({"training_images", "batch_size", "epochs", "patience", "seed"})
# Those that may be None: no limit, or the optimizer's own learning rate.
OPTIONAL: Final = frozenset({"learning_rate", "target_accuracy", "patience", "time_limit_seconds"})
# One line each, for the page: what the setting changes.
EXPLANATIONS: Final[Mapping[str, str]] = {
    "dataset": "What the network learns to tell apart: digits, or articles of clothing.",
    "training_images": "Fewer images: faster, and the network learns them by heart instead of learning digits.",
    "validation": "Images that the network never learns from, to see how it does on new ones after every epoch.",
    "validation_share": "How large a share of the training images is held out for validation.",
    "optimizer": "The rule that turns the error into a change of the weights.",
    "learning_rate": "How far each step goes. Too small: slow. Too large: the loss jumps about or explodes.",
    "momentum": "How much of the last step's direction is kept (SGD only).",
    "beta_1": "How much of the last steps' direction is kept (Adam only).",
    "beta_2": "Over how many steps Adam measures how strongly each weight is pulled about: higher, longer.",
    "schedule": "Whether the learning rate stays, or rises and then falls to almost nothing.",
    "batch_size": "How many images are looked at before each step. Larger: steadier, fewer steps per epoch.",
    "epochs": "How often every training image is looked at.",
    "target_accuracy": "Training ends as soon as an epoch reaches this accuracy.",
    "target_measure": "Which accuracy that is: on the training images or on the validation images.",
    "patience": "Training ends when the validation loss has not improved for this many epochs.",
    "time_limit_seconds": "Training ends after this many seconds, whatever has been reached.",
    "seed": "The start of all chance: the same seed gives the same first weights and the same order of images.",
    "augmentation": "Every image is moved, turned and bent a little each time, so that there is always a new one.",
    "label_smoothing": "How much certainty is taken off the right answer, so that the network stays modest.",
    "own_digits": "Digits that you drew and labelled are mixed in, often enough to make a difference.",
    "precision": "16-bit numbers are faster for convolutions where the processor has them; auto takes them there.",
}


class SettingsError(ValueError):
    """A setting that is impossible. The message names settings as programs do; a page words it from the parts.

    Args:
        message: what was expected, what was received.
        setting: the setting's name.
        received: its value.
        allowed: its lowest and highest value, both allowed, where it is a number.
        beside: the name of the setting that it does not go with; empty if it is impossible by itself.
    """

    def __init__(
        self,
        message: str,
        setting: str,
        received: object = None,
        allowed: tuple[float, float] | None = None,
        beside: str = "",
    ) -> None:
        super().__init__(message)
        self.setting = setting
        self.received = received
        self.allowed = allowed
        self.beside = beside


@dataclass(frozen=True)
class TrainingConfig:
    """All settings of one training. `EXPLANATIONS` says what each one changes, `RANGES` what it may be.

    Args:
        dataset: "mnist" or "fashion_mnist", the names that `load_dataset` knows.
        training_images: how many training images are used, the first ones, validation included.
        validation: "last" holds the last `validation_share` of them out, "test" validates on the test set, "none".
        validation_share: share of the training images, 0 to 1, for "last".
        optimizer: the update rule.
        learning_rate: of the optimizer; None means its default in `LEARNING_RATES`.
        momentum: for "sgd".
        beta_1: for "adam", how fast its mean of the gradients forgets; nearer to 1 is slower.
        beta_2: for "adam", the same of their squares.
        schedule: "constant", or "one_cycle" (L. Smith, 2018): up to the learning rate, then down.
        batch_size: images a step.
        epochs: most times that every image is seen.
        target_accuracy: training stops after an epoch that exceeds it, 0 to 1; None never stops.
        target_measure: on which images that accuracy is taken.
        patience: epochs without a lower validation loss before training stops; None never stops.
        time_limit_seconds: None for no limit.
        seed: for the first weights, the order of the images, dropout and augmentation.
        augmentation: "none", or the name of a recipe of `model_lib.datasets.augmentation`.
        label_smoothing: 0 to 0.5.
        own_digits: name of a visitor's set of drawn digits that is mixed in; empty for none.
        precision: of the convolutions; "auto" takes 16 bits where that is faster.
    """

    dataset: str = "mnist"
    training_images: int = 60_000
    validation: Validation = "last"
    validation_share: float = 0.2
    optimizer: Optimizer = "adam"
    learning_rate: float | None = None
    momentum: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    schedule: Schedule = "constant"
    batch_size: int = 32
    epochs: int = 5
    target_accuracy: float | None = None
    target_measure: Measure = "training"
    patience: int | None = None
    time_limit_seconds: float | None = None
    seed: int = 1
    augmentation: str = "none"
    label_smoothing: float = 0.0
    own_digits: str = ""
    precision: Precision = "auto"

    @property
    def rate(self) -> float:
        """The learning rate, the optimizer's default if none was chosen."""
        return LEARNING_RATES[self.optimizer] if self.learning_rate is None else self.learning_rate

    def as_dict(self) -> dict[str, Any]:
        """Returns the settings as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> TrainingConfig:
        """Reads settings from JSON, ignoring names that this version does not know.

        A training can be looked at though it could not begin here: data sets that this version does not know, and
        more training images than there are, are read as they stand.

        Raises:
            SettingsError: if a value is out of its range.
        """
        known = {field.name for field in fields(cls)}
        config = cls(**{name: value for name, value in entry.items() if name in known})
        _check_ranges(config)
        return config


def check_config(config: TrainingConfig) -> None:
    """Makes sure that a training with these settings can begin; no image is read for that.

    Raises:
        SettingsError: for the first setting that is impossible; it says what was expected.
    """
    if config.dataset not in tuple(TRAINING_IMAGES):
        raise _not_a_choice("dataset", tuple(TRAINING_IMAGES), config.dataset)
    fewest, _ = RANGES["training_images"]
    _check_ranges(config, {**RANGES, "training_images": (fewest, TRAINING_IMAGES[config.dataset])})


def _check_ranges(config: TrainingConfig, ranges: Mapping[str, tuple[float, float]] = RANGES) -> None:
    """Makes sure that every setting is in its range and goes with the others, whatever the data set is."""
    choices: dict[str, tuple[str, ...]] = {
        "validation": VALIDATIONS,
        "optimizer": OPTIMIZERS,
        "schedule": SCHEDULES,
        "target_measure": MEASURES,
        "precision": PRECISIONS,
        "augmentation": tuple(RECIPES),
    }
    for name, allowed in choices.items():
        if getattr(config, name) not in allowed:
            raise _not_a_choice(name, allowed, getattr(config, name))
    if config.own_digits and not is_user_digit_set_id(config.own_digits):
        raise SettingsError(
            f"`own_digits` must be empty or the name of a set of digits. Received: own_digits={config.own_digits!r}.",
            "own_digits",
            config.own_digits,
        )
    for name, (low, high) in ranges.items():
        value = getattr(config, name)
        if value is None and name in OPTIONAL:
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not is_number or not low <= value <= high or (name in WHOLE_NUMBERS and value != int(value)):
            kind = "a whole number" if name in WHOLE_NUMBERS else "a number"
            raise SettingsError(
                f"`{name}` must be {kind} from {low:,.15g} to {high:,.15g}. Received: {name}={value!r}.",
                name,
                value,
                (low, high),
            )
    if config.batch_size > learnt_images(config):
        raise SettingsError(
            f"`batch_size` must not exceed the number of images to learn from, {learnt_images(config):,}. "
            f"Received: batch_size={config.batch_size:,}. Make the batch smaller, or use more training images.",
            "batch_size",
            config.batch_size,
            (RANGES["batch_size"][0], learnt_images(config)),
            "training_images",
        )
    needs_validation = {
        "patience": config.patience is not None,
        "target_measure": config.target_accuracy is not None and config.target_measure == "validation",
    }
    if config.validation == "none" and any(needs_validation.values()):
        raise SettingsError(
            "`validation` must not be none when training is to stop by the validation images. "
            "Choose validation images, or another way to stop.",
            "validation",
            config.validation,
            beside=next(name for name, needs in needs_validation.items() if needs),
        )


def _not_a_choice(name: str, allowed: tuple[str, ...], received: object) -> SettingsError:
    return SettingsError(
        f"`{name}` must be one of {', '.join(allowed)}. Received: {name}={received!r}.", name, received
    )


def learnt_images(config: TrainingConfig) -> int:
    """Returns how many of the training images the network learns from, validation images left out."""
    if config.validation == "last":
        return config.training_images - round(config.training_images * config.validation_share)
    return config.training_images
