"""Measures the bundled network and fits its out-of-distribution detector."""

from __future__ import annotations

import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.stats import binomtest

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.summary import count_parameters
from model_lib.config.training import TrainingConfig
from model_lib.datasets.augmentation import RECIPES
from model_lib.datasets.loading import MNIST_SHA256, TEST_WRITERS, TRAINING_WRITERS, Split, load_dataset
from model_lib.evaluation.calibration import calibration_of
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import write_json
from model_lib.inference.session import InferenceNetwork
from model_lib.inference.weights import read_keras_weights
from model_lib.predictions import PROVENANCE_FILE, predict
from model_lib.pretrained.detector_fit import detector_features, negatives_of, pen_digits_of
from model_lib.pretrained.digit_detector import DETECTOR_FILE, DigitDetector, penultimate_features
from model_lib.pretrained.fine_tune import FINE_TUNING, MNIST_NETWORK_FILE, SEED, WEIGHT
from model_lib.pretrained.train import HELD_OUT, ROUNDS, WANTED_ACCURACY, split_training_images

_SEED: Final = 7
_MEASURED: Final = 500


def measure(file: Path) -> None:
    """Prints the metrics, fits the detector, and writes both beside the network."""
    spec = PRESETS["bundled"]
    network = InferenceNetwork(spec, read_keras_weights(file, spec))
    training, held_out = split_training_images()
    test = load_dataset("mnist").test
    figures: dict[str, Any] = {
        "held_out_accuracy": _accuracy(network, held_out.images, held_out.labels),
        "test_accuracy": _accuracy(network, test.images, test.labels),
    }
    detector = detector_features(network, TRAINING_WRITERS, _SEED).fit()
    figures["held-out digits refused"] = _refused(detector, network, held_out.images)
    figures["test digits refused"] = _refused(detector, network, test.images)
    figures["drawn digits of test writers refused"] = _refused(detector, network, pen_digits_of(TEST_WRITERS).images)
    drawn = load_dataset("pen_digits").test
    figures["test writers accuracy"] = _accuracy(network, drawn.images, drawn.labels)
    for title, split in (("test digits", test), ("drawn digits of test writers", drawn)):
        evaluation = Evaluation(predict(network, split.images), split.labels, "mnist")
        figures[f"expected calibration error on {title}"] = calibration_of(evaluation).error
    before = InferenceNetwork(spec, read_keras_weights(MNIST_NETWORK_FILE, spec))
    figures["test accuracy before fine-tuning"] = _accuracy(before, test.images, test.labels)
    figures["chance of such a difference on the test set"] = _mcnemar(before, network, test)
    rng = np.random.default_rng(_SEED + 1)
    for kind, images in negatives_of(TEST_WRITERS, held_out.images, rng, _MEASURED).items():
        figures[f"{kind} refused"] = _refused(detector, network, images)
    detector.save(file.with_name(DETECTOR_FILE.name))
    for name, value in figures.items():
        print(f"{name}: {value:.2%}")
    config, usual = PRESET_CONFIGS["bundled"].as_dict(), TrainingConfig().as_dict()
    provenance = {
        "command": "python -m model_lib.pretrained train, then fine-tune, measure and evaluate",
        "data": f"MNIST, training images 1 to {len(training.labels):,}, the last {HELD_OUT:,} held out; pen digits",
        "data_sha256": MNIST_SHA256,
        # Learnt from, also by the detector: if test writers are among them, the pages show no test on them.
        "pen_digits_writers": list(TRAINING_WRITERS),
        "preset": "bundled",
        "rounds": [asdict(one_round) for one_round in ROUNDS],
        "mixed": "the last two rounds' weights, the last as far as the held-out images keep the wanted accuracy",
        "wanted_held_out_accuracy": WANTED_ACCURACY,
        "settings": {name: value for name, value in config.items() if value != usual[name] and name != "epochs"},
        "fine_tuning": {**asdict(FINE_TUNING), "seed": SEED, "weight": WEIGHT},
        "augmentation": asdict(RECIPES[config["augmentation"]]),
        "parameters": count_parameters(spec),
        "file_bytes": file.stat().st_size,
        "figures": {name: round(value, 5) for name, value in figures.items()},
        "made_with": f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}",
    }
    write_json(file.with_name(PROVENANCE_FILE.name), provenance)


def _refused(detector: DigitDetector, network: InferenceNetwork, images: NDArray[Any]) -> float:
    return float((detector.scores(penultimate_features(network, images)) <= 0).mean())


def _mcnemar(first: InferenceNetwork, second: InferenceNetwork, split: Split) -> float:
    """Returns the p-value of McNemar's exact test: of the images that only one of two networks reads right."""
    right = [predict(network, split.images).argmax(axis=1) == split.labels for network in (first, second)]
    only = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return float(binomtest(only[0], sum(only)).pvalue) if sum(only) else 1.0


def _accuracy(network: InferenceNetwork, images: NDArray[Any], labels: NDArray[Any]) -> float:
    return float((predict(network, images).argmax(axis=1) == labels).mean())
