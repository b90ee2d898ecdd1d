"""Settings of a training as data: what each may be and what it changes. Nothing here loads Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Literal, get_args

from model_lib.config.setting import Setting, setting, settings_of
from model_lib.config.setting import SettingsError as SettingsError  # it is looked for here
from model_lib.datasets.augmentation import RECIPES, Recipe
from model_lib.datasets.image_set_names import is_split
from model_lib.datasets.loading import DIGIT_NAMES, TITLES, TRAINING_IMAGES, class_names, training_images
from model_lib.datasets.user_digits import SET_ID_PATTERN

Optimizer = Literal["adam", "sgd", "rmsprop", "adadelta", "adagrad"]
Validation = Literal["last", "test", "none"]
Measure = Literal["training", "validation"]
Schedule = Literal["constant", "one_cycle"]
Replay = Literal["all", "equal", "none"]
Precision = Literal["auto", "float32", "bfloat16"]

OPTIMIZERS: Final[tuple[Optimizer, ...]] = get_args(Optimizer)

# Keras 3's own defaults, but for Adadelta: its 0.001 is far too slow, 1.0 is the rate of the method's paper
# (M. Zeiler, 2012) and of the published MNIST results.
LEARNING_RATES: Final[Mapping[Optimizer, float]] = {
    "adam": 0.001,
    "sgd": 0.01,
    "rmsprop": 0.001,
    "adadelta": 1.0,
    "adagrad": 0.01,
}
_FEWEST_IMAGES: Final = 100
# Of any data set, also of one that only another version has.
_MOST_IMAGES: Final = 1_000_000


def _is_handwriting(config: TrainingConfig) -> bool:
    """Whether the chosen recipe imitates other handwriting, and the images are of digits."""
    return RECIPES[config.augmentation].extra_strokes > 0 and class_names(config.dataset) == DIGIT_NAMES


@dataclass(frozen=True)
class TrainingConfig:
    """All settings of one training.

    The metadata of a field (see `Setting`) is all there is about it: the checks below, the form of the Train page and
    the options of `python -m model_lib.train` follow from it.
    """

    dataset: str = setting(
        "mnist",
        group="images",
        label="Data set",
        choices=TITLES,
        help="What the network is trained on: digits, or clothes. 20 people drew the pen digits on a tablet.",
    )
    # The first ones, validation images included.
    training_images: int = setting(
        60_000,
        group="images",
        label="Training images",
        range=(_FEWEST_IMAGES, max(TRAINING_IMAGES.values())),
        step=1000,
        help="Fewer images: faster, but the network overfits: it fits these images and makes mistakes on new ones.",
    )
    validation: Validation = setting(
        "last",
        group="images",
        label="Validation on",
        choices={"last": "the last part of the training images", "test": "the test images", "none": "none"},
        help="Images that it is not trained on, to measure loss and accuracy on new ones after every epoch.",
    )
    validation_share: float = setting(
        0.2,
        group="images",
        label="Validation share, per cent",
        range=(0.01, 0.9),
        is_share=True,
        step=5,
        used_if=lambda config: config.validation == "last",
        help="How large a share of the training images is held out for validation.",
    )
    optimizer: Optimizer = setting(
        "adam",
        group="steps",
        label="Optimizer",
        choices={
            "adam": "Adam",
            "sgd": "SGD with momentum",
            "rmsprop": "RMSprop",
            "adadelta": "Adadelta",
            "adagrad": "Adagrad",
        },
        help="The rule that turns the error into a change of the weights.",
    )
    # None: the optimizer's default in `LEARNING_RATES`.
    learning_rate: float | None = setting(
        None,
        group="steps",
        label="Learning rate",
        range=(1e-7, 100.0),
        help="How far each step goes. Too small: slow. Too large: the loss jumps about or grows (divergence).",
    )
    momentum: float = setting(
        0.9,
        group="steps",
        label="Momentum",
        range=(0.0, 0.999),
        step=0.05,
        used_if=lambda config: config.optimizer == "sgd",
        help="How much of the last step's direction is kept (SGD only).",
    )
    beta_1: float = setting(
        0.9,
        group="more",
        label="Beta 1",
        range=(0.0, 0.999),
        step=0.05,
        used_if=lambda config: config.optimizer == "adam",
        help="How much of the last steps' direction is kept (Adam only).",
    )
    beta_2: float = setting(
        0.999,
        group="more",
        label="Beta 2",
        range=(0.0, 0.9999),
        step=0.01,
        used_if=lambda config: config.optimizer == "adam",
        help="Over how many steps Adam averages the squared gradient of each weight: higher, longer.",
    )
    weight_decay: float = setting(
        0.0,
        group="more",
        label="Weight decay",
        range=(0.0, 1.0),
        step=0.001,
        help="How strongly all weights shrink at each step, against overfitting (decoupled, as in AdamW).",
    )
    # One cycle: L. Smith, N. Topin, "Super-Convergence", 2018.
    schedule: Schedule = setting(
        "constant",
        group="steps",
        label="Learning-rate schedule",
        choices={"constant": "constant", "one_cycle": "one cycle: up, then down"},
        help="Whether the learning rate is constant, or rises and then falls to almost nothing.",
    )
    batch_size: int = setting(
        32,
        group="steps",
        label="Batch size",
        range=(1, 10_000),
        help="How many images are looked at before each step. Larger: steadier, fewer steps per epoch.",
    )
    epochs: int = setting(
        5, group="end", label="Epochs", range=(1, 50), help="How often every training image is looked at."
    )
    target_accuracy: float | None = setting(
        None,
        group="end",
        label="Stop above this accuracy, per cent",
        range=(0.1, 1.0),
        is_share=True,
        step=0.5,
        placeholder="never",
        help="Training ends as soon as an epoch reaches this accuracy.",
    )
    target_measure: Measure = setting(
        "training",
        group="end",
        label="Accuracy measured on",
        used_if=lambda config: config.target_accuracy is not None,
        help="Which accuracy must be reached: on the training or on the validation images.",
    )
    patience: int | None = setting(
        None,
        group="end",
        label="Early stopping (patience), epochs",
        range=(1, 50),
        placeholder="off",
        help="Training ends when the validation loss has not improved for this many epochs.",
    )
    time_limit_seconds: float | None = setting(
        None,
        group="end",
        label="Time limit, seconds",
        range=(1.0, 86_400.0),
        step=10,
        placeholder="none",
        help="Training ends after this many seconds, whatever has been reached.",
    )
    seed: int = setting(
        1,
        group="steps",
        label="Random seed",
        range=(0, 2**31 - 1),
        help="Same seed, same result: it sets the first weights and the order of the images.",
    )
    augmentation: str = setting(
        "none",
        group="images",
        label="Augmentation",
        choices={name: f"{name}: {recipe.explanation}" for name, recipe in RECIPES.items()},
        help="Every image is moved, turned and bent a little each time, so that there is always a new one.",
    )
    augmentation_strength: float = setting(
        1.0,
        group="images",
        label="Augmentation strength, per cent",
        range=(0.0, 2.0),
        is_share=True,
        step=10,
        used_if=lambda config: config.augmentation != "none",
        help="How far images are moved and bent: 100 as the recipe has it, 50 half as far, 200 twice as far.",
    )
    # None: `extra_strokes` of the recipe, on ones and sevens alone.
    allographs: float | None = setting(
        None,
        group="images",
        label="Other forms of 0, 1, 7, 9 (allographs), per cent",
        range=(0.0, 1.0),
        is_share=True,
        step=10,
        placeholder="some 1 and 7 only",
        used_if=_is_handwriting,
        help="The share of 0, 1, 7 and 9 that are written as elsewhere: the 0 with slash or dot, the 1 with flag or "
        "base, the 7 with a bar, the 9 with a hook.",
    )
    broken_strokes: float = setting(
        0.0,
        group="images",
        label="Gaps in strokes, per cent",
        range=(0.0, 1.0),
        is_share=True,
        step=10,
        used_if=_is_handwriting,
        help="The share of the digits that have a small gap, as if the pen had left the paper.",
    )
    tremor_px: float = setting(
        0.0,
        group="images",
        label="Tremor of the pen, pixels",
        range=(0.0, 1.5),
        step=0.1,
        used_if=_is_handwriting,
        help="How far the pen trembles beside its path, in pixels of the 28 x 28 image.",
    )
    label_smoothing: float = setting(
        0.0,
        group="more",
        label="Label smoothing",
        range=(0.0, 0.5),
        step=0.05,
        help="How much of the label's probability goes to the other classes, so that the confidence stays lower.",
    )
    # The name of a visitor's folder of digits; the form offers it as a data set.
    own_digits: str = setting(
        "",
        pattern=f"|{SET_ID_PATTERN}",
        expected="empty or the name of a set of digits",
        help="Digits that you drew and labelled are mixed in, often enough to make a difference.",
    )
    # The form offers it below the one above.
    replay: Replay = setting(
        "all",
        label="Images beside my digits (replay)",
        choices={
            "all": "all of the data set: my digits are a tenth",
            "equal": "as many of the data set as of my digits",
            "none": "none: my digits alone",
        },
        used_if=lambda config: config.own_digits != "",
        help="Images of the data set among your digits keep what the network could before (replay, rehearsal).",
    )
    precision: Precision = setting(
        "auto",
        group="more",
        label="Precision of convolutions",
        choices={"auto": "automatic: the faster one", "float32": "32 bits (float32)", "bfloat16": "16 bits (bfloat16)"},
        help="16-bit numbers make convolutions faster where the processor has them; automatic measures it.",
    )

    @property
    def rate(self) -> float:
        """The learning rate, the optimizer's default if none was chosen."""
        return LEARNING_RATES[self.optimizer] if self.learning_rate is None else self.learning_rate

    @property
    def recipe(self) -> Recipe:
        """The augmentation, with what the settings beside it change."""
        recipe = RECIPES[self.augmentation].scaled(self.augmentation_strength)
        if not _is_handwriting(self):
            return recipe
        if self.allographs is not None:
            share = self.allographs
            recipe = replace(recipe, extra_strokes=share, slashed_zeros=share, hooked_nines=share)
        return replace(recipe, broken_strokes=self.broken_strokes, tremor_px=self.tremor_px)

    def as_dict(self) -> dict[str, Any]:
        """Returns the settings as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> TrainingConfig:
        """Reads settings from JSON, ignoring unknown names.

        Runs of other versions can be read even if they could not start here: an unknown data set, and more training
        images than there are, pass.

        Raises:
            SettingsError: if a value is out of its range.
        """
        known = {each.name for each in fields(cls)}
        config = cls(**{name: value for name, value in entry.items() if name in known})
        _check_ranges(config)
        return config


# Every setting, by name.
SETTINGS: Final = settings_of(TrainingConfig)


def check_config(config: TrainingConfig) -> None:
    """Makes sure that a training with these settings can begin; no image is read for that.

    Raises:
        SettingsError: for the first setting that is impossible, with what was expected.
    """
    if not is_split(config.dataset):  # of a visitor's image set, which is no choice of everybody's
        _check_value(config, SETTINGS["dataset"])
    _check_value(config, SETTINGS["training_images"].within(_FEWEST_IMAGES, training_images(config.dataset)))
    _check_ranges(config)


def _check_value(config: TrainingConfig, allowed: Setting) -> None:
    name, value = allowed.name, getattr(config, allowed.name)
    if not allowed.allows(value):
        message = f"`{name}` must be {allowed.expectation}. Received: {name}={value!r}."
        raise SettingsError(message, name, value, allowed.range)


def _check_ranges(config: TrainingConfig) -> None:
    """Makes sure that every setting is in its range and goes with the others, whatever the data set is."""
    of_any_dataset = {"training_images": SETTINGS["training_images"].within(_FEWEST_IMAGES, _MOST_IMAGES)}
    for name, allowed in (SETTINGS | of_any_dataset).items():
        if name != "dataset":
            _check_value(config, allowed)
    if config.batch_size > learnt_images(config):
        raise SettingsError(
            f"`batch_size` must not exceed the number of images to learn from, {learnt_images(config):,}. "
            f"Received: batch_size={config.batch_size:,}. Make the batch smaller, or use more training images.",
            "batch_size",
            config.batch_size,
            (1, learnt_images(config)),
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


def with_dataset(config: TrainingConfig, dataset: str) -> TrainingConfig:
    """Returns the settings for another data set, with as large a part of its training images."""
    images = round(config.training_images * training_images(dataset) / training_images(config.dataset))
    return replace(config, dataset=dataset, training_images=images)


def learnt_images(config: TrainingConfig) -> int:
    """Returns the number of images in the training split, validation images left out."""
    if config.validation == "last":
        return config.training_images - round(config.training_images * config.validation_share)
    return config.training_images


def planned_steps(config: TrainingConfig) -> int:
    """Returns the optimizer steps of the whole training, the visitor's own digits left out."""
    return -(-learnt_images(config) // config.batch_size) * config.epochs
