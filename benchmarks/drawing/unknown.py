"""How often the app says that a drawing is no digit: python -m benchmarks.drawing.unknown

Each kind of non-digit is held against a detector that is fitted without it (leave one kind out), with the settings of
the app's: that is what to expect of whatever else people draw. Digits are those of people from whom neither the bundled
network nor the detector has learnt, and of MNIST. Network and detector of c780756,
which have learnt from MNIST alone, stand beside.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from benchmarks.report import print_heading, print_table
from model_lib.datasets.loading import TEST_WRITERS, TRAINING_WRITERS, load_dataset
from model_lib.files import read_arrays
from model_lib.predictions import load_pretrained
from model_lib.pretrained.cross_validation import load_bundled_network
from model_lib.pretrained.detector_fit import detector_features, negatives_of, pen_digits_of
from model_lib.pretrained.digit_detector import DigitDetector, penultimate_features
from model_lib.pretrained.fine_tune import MNIST_NETWORK_FILE
from model_lib.pretrained.synthetic_negatives import KINDS
from model_lib.pretrained.train import split_training_images

_BEFORE: Final = Path(__file__).with_name("detector_of_c780756.npz")
_SEED: Final = 11


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000, help="non-digits of each kind, fitted and measured")
    options = parser.parse_args()
    print_heading(
        "Drawings taken for no digit, %; goals: 97 on average and 90 of every kind, 1 of unseen writers' digits"
    )
    arrays = read_arrays(_BEFORE)
    old = DigitDetector(arrays["direction"], float(arrays["offset"]))
    old_network, network = load_bundled_network(MNIST_NETWORK_FILE), load_pretrained()
    features = detector_features(network, TRAINING_WRITERS, _SEED, options.count)
    whole = features.fit()

    def refused_by_old(images: NDArray[Any]) -> NDArray[np.bool_]:
        return old.scores(penultimate_features(old_network, images)) <= 0

    _, held_out = split_training_images()
    drawn = negatives_of(TEST_WRITERS, held_out.images, np.random.default_rng(_SEED + 1), options.count)
    rows: list[list[str]] = []
    shares: list[list[float]] = []
    for kind, images in drawn.items():
        found = penultimate_features(network, images)
        without = features.fit(other for other in KINDS if other != kind)
        refused = [refused_by_old(images), without.scores(found) <= 0, whole.scores(found) <= 0]
        rows.append([kind, *(f"{100 * each.mean():.1f}" for each in refused), _interval(refused[1])])
        if kind in KINDS:
            shares.append([float(each.mean()) for each in refused])
    rows.append(["mean of the kinds, twins apart", *(f"{100 * share:.1f}" for share in np.mean(shares, axis=0)), ""])
    print_table(["kind", "c780756", "never fitted", "fitted", "95 % confidence, never fitted"], rows)
    rows = []
    for title, images in {
        "pen digits of the ten test writers": pen_digits_of(TEST_WRITERS).images,
        "MNIST's test images": load_dataset("mnist").test.images,
    }.items():
        now = whole.scores(penultimate_features(network, images)) <= 0
        rows.append([title, f"{100 * refused_by_old(images).mean():.2f}", f"{100 * now.mean():.2f}", _interval(now)])
    print_table(["digits taken for none", "c780756", "now", "95 % confidence, now"], rows)


def _interval(refused: NDArray[np.bool_]) -> str:
    interval = binomtest(int(refused.sum()), len(refused)).proportion_ci(method="wilson")
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


if __name__ == "__main__":
    main()
