"""How often the app says that a drawing is no digit: python -m benchmarks.drawing.unknown

Nothing was trained on or fitted to these kinds of non-digits: the bundled network has learnt to be unsure of others.
Digits are those of people from whom it has not learnt, and of MNIST. Network and detector of c780756, which was a plane
in feature space fitted to some of the kinds, stand beside.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from benchmarks.drawing.non_digits import KINDS, non_digits_of
from benchmarks.report import print_heading, print_table
from model_lib.config.summary import summarise
from model_lib.datasets.loading import TEST_WRITERS, load_dataset
from model_lib.files import read_arrays
from model_lib.predictions import as_pixels, load_pretrained, predict
from model_lib.pretrained.cross_validation import MNIST_NETWORK_FILE, load_bundled_network
from model_lib.pretrained.digit_detector import look_like_digits
from model_lib.pretrained.training_images import split_training_images

_BEFORE: Final = Path(__file__).with_name("detector_of_c780756.npz")
_SEED: Final = 11


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000, help="non-digits of each kind")
    options = parser.parse_args()
    print_heading(
        "Drawings taken for no digit, %; goals: 97 on average and 90 of every kind, 1 of unseen writers' digits"
    )
    old = read_arrays(_BEFORE)
    old_network, network = load_bundled_network(MNIST_NETWORK_FILE), load_pretrained()
    flat = next(row.name for row in reversed(summarise(old_network.spec)) if row.kind == "Flatten")

    def refused(images: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        features = old_network.layer_outputs(as_pixels(images), (flat,))[flat]
        before = np.asarray(features @ old["direction"] + old["offset"] <= 0, bool)
        return before, ~look_like_digits(images, predict(network, images))

    _, held_out = split_training_images()
    drawn = non_digits_of(TEST_WRITERS, held_out.images, np.random.default_rng(_SEED), options.count)
    rows: list[list[str]] = []
    shares: list[list[float]] = []
    for kind, images in drawn.items():
        each = refused(images)
        rows.append([kind, *(f"{100 * share.mean():.1f}" for share in each), _interval(each[1], 1)])
        if kind in KINDS:
            shares.append([float(share.mean()) for share in each])
    rows.append(["mean of the kinds, twins apart", *(f"{100 * share:.1f}" for share in np.mean(shares, axis=0)), ""])
    print_table(["kind", "c780756", "now", "95 % confidence, now"], rows)
    rows = []
    for title, images in {
        "pen digits of the ten test writers": load_dataset("pen_digits").test.images,
        "MNIST's test images": load_dataset("mnist").test.images,
    }.items():
        each = refused(images)
        rows.append([title, *(f"{100 * share.mean():.2f}" for share in each), _interval(each[1], 2)])
    print_table(["digits taken for none", "c780756", "now", "95 % confidence, now"], rows)


def _interval(refused: NDArray[np.bool_], digits: int) -> str:
    interval = binomtest(int(refused.sum()), len(refused)).proportion_ci(method="wilson")
    return f"{100 * interval.low:.{digits}f} to {100 * interval.high:.{digits}f}"


if __name__ == "__main__":
    main()
