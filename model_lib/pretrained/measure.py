"""Measures the bundled network."""

from __future__ import annotations

import platform
from dataclasses import asdict
from pathlib import Path

import keras
import tensorflow as tf
from scipy.stats import binomtest

from model_lib.config.presets import PRESETS
from model_lib.config.summary import count_parameters
from model_lib.datasets.loading import MNIST_SHA256, TRAINING_WRITERS, Split, load_dataset
from model_lib.drawing.stroke_variants import StrokeVariation
from model_lib.evaluation.calibration import calibration_of
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import write_json
from model_lib.inference.session import InferenceNetwork
from model_lib.predictions import PROVENANCE_FILE, predict
from model_lib.pretrained.cross_validation import MNIST_NETWORK_FILE, load_bundled_network
from model_lib.pretrained.digit_detector import MOST_ELSEWHERE, look_like_digits
from model_lib.pretrained.outliers import OUTLIER_KINDS
from model_lib.pretrained.temperature import LOGIT_FACTOR
from model_lib.pretrained.train import SEED, SETTINGS
from model_lib.pretrained.training_images import HELD_OUT, RECIPE, ROUNDS, split_training_images


def measure(file: Path) -> None:
    """Prints the metrics and writes them beside the network."""
    network, before = load_bundled_network(file), load_bundled_network(MNIST_NETWORK_FILE)
    training, held_out = split_training_images()
    test, drawn = load_dataset("mnist").test, load_dataset("pen_digits").test
    on_test, on_drawn, of_before = _evaluated(network, test), _evaluated(network, drawn), _evaluated(before, test)
    figures = {
        "held_out_accuracy": _evaluated(network, held_out).accuracy,
        "test_accuracy": on_test.accuracy,
        "test writers accuracy": on_drawn.accuracy,
        "test digits refused": _share_refused(test, on_test),
        "expected calibration error on test digits": calibration_of(on_test).error,
        "drawn digits of test writers refused": _share_refused(drawn, on_drawn),
        "expected calibration error on drawn digits of test writers": calibration_of(on_drawn).error,
        "test accuracy of c780756's network": of_before.accuracy,
        "chance of such a difference on the test set": _mcnemar(of_before, on_test),
    }
    for name, value in figures.items():
        print(f"{name}: {value:.2%}")
    spec = PRESETS["bundled"]
    provenance = {
        "command": "python -m model_lib.pretrained train --images FOLDER, then measure and evaluate",
        "data": f"MNIST, training images 1 to {len(training.labels):,}, the last {HELD_OUT:,} held out; pen digits",
        "data_sha256": MNIST_SHA256,
        # Learnt from: if test writers are among them, the pages show no test on them.
        "pen_digits_writers": list(TRAINING_WRITERS),
        "preset": "bundled",
        "training": {**asdict(SETTINGS), "seed": SEED},
        "rounds_drawn": dict(ROUNDS),
        "augmentation": asdict(RECIPE),
        "variation": asdict(StrokeVariation()),
        "outliers": {kind: share for kind, (_, share) in OUTLIER_KINDS.items()},
        "logit_factor": LOGIT_FACTOR,
        "most_elsewhere": MOST_ELSEWHERE,
        "parameters": count_parameters(spec),
        "file_bytes": file.stat().st_size,
        "figures": {name: round(value, 5) for name, value in figures.items()},
        "measured_with": f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}",
    }
    write_json(file.with_name(PROVENANCE_FILE.name), provenance)


def _evaluated(network: InferenceNetwork, split: Split) -> Evaluation:
    return Evaluation(predict(network, split.images), split.labels, "mnist")


def _share_refused(split: Split, evaluation: Evaluation) -> float:
    return float((~look_like_digits(split.images, evaluation.probabilities)).mean())


def _mcnemar(first: Evaluation, second: Evaluation) -> float:
    """Returns the p-value of McNemar's exact test: of the images that only one of two networks reads right."""
    only = int((~first.is_mistake & second.is_mistake).sum()), int((first.is_mistake & ~second.is_mistake).sum())
    return float(binomtest(only[0], sum(only)).pvalue) if sum(only) else 1.0
