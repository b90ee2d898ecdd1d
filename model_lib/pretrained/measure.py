"""What the bundled network reaches, and where the line between digits and non-digits is drawn."""

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

from model_lib.config.network import count_parameters
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.augmentation import RECIPES, augment
from model_lib.datasets.loading import MNIST_SHA256, load_dataset
from model_lib.files import write_json
from model_lib.inference.session import InferenceNetwork
from model_lib.inference.weights import read_keras_weights
from model_lib.predictions import PROVENANCE_FILE, predict
from model_lib.pretrained.digit_detector import LIKENESS_FILE, Likeness, penultimate_features
from model_lib.pretrained.synthetic_negatives import KINDS, LETTERS, draw_non_digits
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
# So many of the held-out digits may be refused; the rest of the errors is what cannot be told apart at that price.
_REFUSED_DIGITS: Final = 0.01
# Of 0.01, 0.001 and 0.0001 this refused the most letters never fitted, at the same price.
_REGULARISATION: Final = 0.01


def measure(file: Path) -> None:
    """Prints what the network reaches, draws the line, and writes both down beside the network."""
    spec = PRESETS["bundled"]
    network = InferenceNetwork(spec, read_keras_weights(file, spec))
    learnt, held_out = split_training_images()
    test = load_dataset("mnist").test
    figures: dict[str, Any] = {
        "held_out_accuracy": _accuracy(network, held_out.images, held_out.labels),
        "test_accuracy": _accuracy(network, test.images, test.labels),
    }
    names = list(LETTERS)
    unseen = fit_likeness(network, names[::2])
    figures["letters never fitted that are refused"] = _refused(
        unseen, network, _draw("letters and shapes", names[1::2])
    )
    likeness = fit_likeness(network, names)
    figures["held-out digits refused"] = _refused(likeness, network, held_out.images)
    figures["test digits refused"] = _refused(likeness, network, test.images)
    for kind in KINDS:
        figures[f"{kind} refused"] = _refused(likeness, network, _draw(kind, names))
    likeness.save(file.with_name(LIKENESS_FILE.name))
    for name, value in figures.items():
        print(f"{name}: {value:.2%}")
    config, usual = PRESET_CONFIGS["bundled"].as_dict(), TrainingConfig().as_dict()
    provenance = {
        "command": "python -m model_lib.pretrained train, then measure, then evaluate",
        "data": f"MNIST, training images 1 to {len(learnt.labels):,}; the last {HELD_OUT:,} held out for every choice",
        "data_sha256": MNIST_SHA256,
        "preset": "bundled",
        "rounds": [asdict(one_round) for one_round in ROUNDS],
        "mixed": "the last two rounds' weights, the last as far as the held-out images keep the wanted accuracy",
        "wanted_held_out_accuracy": WANTED_ACCURACY,
        "settings": {name: value for name, value in config.items() if value != usual[name] and name != "epochs"},
        "augmentation": asdict(RECIPES[config["augmentation"]]),
        "parameters": count_parameters(spec),
        "file_bytes": file.stat().st_size,
        "figures": {name: round(value, 5) for name, value in figures.items()},
        "made_with": f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}",
    }
    write_json(file.with_name(PROVENANCE_FILE.name), provenance)


def fit_likeness(network: InferenceNetwork, letters: Sequence[str]) -> Likeness:
    """Fits the plane between MNIST's training images, half of them augmented, and drawn non-digits.

    Args:
        network: the bundled one.
        letters: names of the letters and shapes that the fit may see.
    """
    rng = np.random.default_rng(_SEED)
    learnt, held_out = split_training_images()
    chosen = rng.choice(len(learnt.labels), _DIGITS, replace=False)
    digits, half = learnt.images[chosen], _DIGITS // 2
    changed = augment(digits[half:], rng, "handwriting", learnt.labels[chosen][half:])
    others: list[NDArray[Any]] = [
        draw_non_digits(kind, count, rng, learnt.images, letters) for kind, count in _FITTED.items()
    ]
    features = np.concatenate([penultimate_features(network, images) for images in [digits[:half], changed, *others]])
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    is_digit = np.arange(len(features)) < _DIGITS
    fit = LogisticRegression(C=_REGULARISATION, max_iter=300).fit((features - middle) / spread, is_digit)
    direction = (fit.coef_[0] / spread).astype(np.float32)
    line = float(np.quantile(penultimate_features(network, held_out.images) @ direction, _REFUSED_DIGITS))
    return Likeness(direction, -line)


def _draw(kind: str, letters: Sequence[str]) -> NDArray[np.float32]:
    """Draws non-digits that no fit has seen: other chance, and the held-out digits for pairs."""
    _, held_out = split_training_images()
    return draw_non_digits(kind, _MEASURED, np.random.default_rng(_SEED + 1), held_out.images, letters)


def _refused(likeness: Likeness, network: InferenceNetwork, images: NDArray[Any]) -> float:
    return float((likeness.scores(penultimate_features(network, images)) <= 0).mean())


def _accuracy(network: InferenceNetwork, images: NDArray[Any], labels: NDArray[Any]) -> float:
    return float((predict(network, images).argmax(axis=1) == labels).mean())
