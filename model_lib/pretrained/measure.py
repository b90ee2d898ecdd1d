"""Measures the bundled network and fits its out-of-distribution detector."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from model_lib.config.presets import PRESET_CONFIGS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.augmentation import RECIPES, augment
from model_lib.datasets.loading import MNIST_SHA256, load_dataset
from model_lib.files import write_json
from model_lib.predictions import PROVENANCE_FILE, compute, predict
from model_lib.pretrained.digit_detector import LIKENESS_FILE, Likeness, inner_network
from model_lib.pretrained.synthetic_negatives import GLYPHS, KINDS, draw_non_digits
from model_lib.pretrained.train import HELD_OUT, ROUNDS, WANTED_ACCURACY, split_training_images

_SEED: Final = 7
_DIGITS: Final = 10_000
_FITTED: Final[Mapping[str, int]] = {
    "letters and shapes": 3_000,
    "scribbles": 1_500,
    "hatching": 1_000,
    "curls": 500,
    "two digits": 1_500,
    "dots": 50,
}
_MEASURED: Final = 500
# False-positive rate on held-out digits that sets the threshold.
_FALSE_POSITIVE_RATE: Final = 0.01
# Of 0.01, 0.001 and 0.0001 this rejected the most letters outside the fit, at the same false-positive rate.
_REGULARISATION: Final = 0.01


def measure(file: Path) -> None:
    """Prints the metrics, fits the detector, and writes both beside the network."""
    network = keras.models.load_model(file, compile=False, safe_mode=True)
    training, held_out = split_training_images()
    test = load_dataset("mnist").test
    figures: dict[str, Any] = {
        "held_out_accuracy": _accuracy(network, held_out.images, held_out.labels),
        "test_accuracy": _accuracy(network, test.images, test.labels),
    }
    inner = inner_network(network)
    names = list(GLYPHS)
    unseen = fit_likeness(inner, names[::2])
    figures["letters never fitted that are refused"] = _refused(unseen, inner, _draw("letters and shapes", names[1::2]))
    likeness = fit_likeness(inner, names)
    figures["held-out digits refused"] = _refused(likeness, inner, held_out.images)
    figures["test digits refused"] = _refused(likeness, inner, test.images)
    for kind in KINDS:
        figures[f"{kind} refused"] = _refused(likeness, inner, _draw(kind, names))
    likeness.save(file.with_name(LIKENESS_FILE.name))
    for name, value in figures.items():
        print(f"{name}: {value:.2%}")
    config, usual = PRESET_CONFIGS["bundled"].as_dict(), TrainingConfig().as_dict()
    provenance = {
        "command": "python -m model_lib.pretrained train, then measure, then evaluate",
        "data": f"MNIST, training images 1 to {len(training.labels):,}; the last {HELD_OUT:,} for validation",
        "data_sha256": MNIST_SHA256,
        "preset": "bundled",
        "rounds": [asdict(one_round) for one_round in ROUNDS],
        "mixed": "the last two rounds' weights, the last as far as the held-out images keep the wanted accuracy",
        "wanted_held_out_accuracy": WANTED_ACCURACY,
        "settings": {name: value for name, value in config.items() if value != usual[name] and name != "epochs"},
        "augmentation": asdict(RECIPES[config["augmentation"]]),
        "parameters": int(network.count_params()),
        "file_bytes": file.stat().st_size,
        "figures": {name: round(value, 5) for name, value in figures.items()},
        "made_with": f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}",
    }
    write_json(file.with_name(PROVENANCE_FILE.name), provenance)


def fit_likeness(inner: keras.Model, letters: Sequence[str]) -> Likeness:
    """Fits the plane between MNIST's training images, half of them augmented, and drawn non-digits.

    Args:
        inner: of the bundled network, see `inner_network`.
        letters: names of the glyphs in the training data of the fit.
    """
    rng = np.random.default_rng(_SEED)
    training, held_out = split_training_images()
    chosen = rng.choice(len(training.labels), _DIGITS, replace=False)
    digits, half = training.images[chosen], _DIGITS // 2
    changed = augment(digits[half:], rng, "handwriting", training.labels[chosen][half:])
    others: list[NDArray[Any]] = [
        draw_non_digits(kind, count, rng, training.images, letters) for kind, count in _FITTED.items()
    ]
    features = np.concatenate([compute(inner, images) for images in [digits[:half], changed, *others]])
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    is_digit = np.arange(len(features)) < _DIGITS
    fit = LogisticRegression(C=_REGULARISATION, max_iter=300).fit((features - mean) / scale, is_digit)
    direction = (fit.coef_[0] / scale).astype(np.float32)
    line = float(np.quantile(compute(inner, held_out.images) @ direction, _FALSE_POSITIVE_RATE))
    return Likeness(direction, -line)


def _draw(kind: str, letters: Sequence[str]) -> NDArray[np.float32]:
    """Synthesises non-digits outside the fit: another seed, and held-out digits for pairs."""
    _, held_out = split_training_images()
    return draw_non_digits(kind, _MEASURED, np.random.default_rng(_SEED + 1), held_out.images, letters)


def _refused(likeness: Likeness, inner: keras.Model, images: NDArray[Any]) -> float:
    return float((likeness.scores(compute(inner, images)) <= 0).mean())


def _accuracy(network: keras.Model, images: NDArray[Any], labels: NDArray[Any]) -> float:
    return float((predict(network, images).argmax(axis=1) == labels).mean())
