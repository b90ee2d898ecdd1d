"""How often the app says that a drawing is no digit: python -m benchmarks.drawing.unknown

Each kind of non-digit is held against a detector that is fitted without it (leave one kind out), with the settings of
the app's: that is what to expect of whatever else people draw. Digits are those of people from whom neither the bundled
network nor the detector has learnt, and of MNIST. The detector of c780756, fitted to MNIST alone, stands beside.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from scipy.stats import binomtest

from benchmarks.report import print_heading, print_table
from model_lib.datasets.loading import TEST_WRITERS, load_dataset
from model_lib.files import read_arrays
from model_lib.predictions import load_pretrained
from model_lib.pretrained.detector_fit import FITTED_WRITERS, detector_features, negatives_of, pen_digits_of
from model_lib.pretrained.digit_detector import DigitDetector, penultimate_features
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
    network = load_pretrained()
    arrays = read_arrays(_BEFORE)
    before = DigitDetector(arrays["direction"], float(arrays["offset"]))
    features = detector_features(network, FITTED_WRITERS, _SEED, options.count)
    whole = features.fit()
    _, held_out = split_training_images()
    rng = np.random.default_rng(_SEED + 1)
    drawn = {
        kind: penultimate_features(network, images)
        for kind, images in negatives_of(TEST_WRITERS, held_out.images, rng, options.count).items()
    }
    rows, shares = [], []
    for kind in drawn:
        without = features.fit(other for other in KINDS if other != kind)
        refused = [(detector.scores(drawn[kind]) <= 0) for detector in (before, without, whole)]
        rows.append([kind, *(f"{100 * each.mean():.1f}" for each in refused), _interval(refused[1])])
        if kind in KINDS:
            shares.append([each.mean() for each in refused])
    rows.append(["mean of the kinds, twins apart", *(f"{100 * share:.1f}" for share in np.mean(shares, axis=0)), ""])
    print_table(["kind", "c780756", "never fitted", "fitted", "95 % confidence, never fitted"], rows)
    digits = {
        "pen digits of the ten test writers": pen_digits_of(TEST_WRITERS).images,
        "MNIST's test images": load_dataset("mnist").test.images,
    }
    rows = []
    for title, images in digits.items():
        found = penultimate_features(network, images)
        refused = [(detector.scores(found) <= 0) for detector in (before, whole)]
        rows.append([title, *(f"{100 * each.mean():.2f}" for each in refused), _interval(refused[1])])
    print_table(["digits taken for none", "c780756", "now", "95 % confidence, now"], rows)


def _interval(refused: np.ndarray) -> str:
    interval = binomtest(int(refused.sum()), len(refused)).proportion_ci(method="wilson")
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


if __name__ == "__main__":
    main()
