"""Digits of people from whom a network has not learnt: python -m benchmarks.drawing.strangers --folder FOLDER

Five-fold cross-validation over the 30 writers of the pen digits: each of five networks is trained on MNIST and the
digits of 24 people and reads those of the other six. "Before" is c780756's network,
which has learnt from MNIST alone. The logits of both are scaled as the bundled network's are, with a factor that is
fitted to the other folds' unseen writers. Networks that the folder lacks are trained first, which takes long.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from benchmarks.drawing.drawn_digits import framed_images
from benchmarks.report import print_heading, print_table
from model_lib.datasets.loading import TRAINING_WRITERS
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.preprocessing import FRAMING_TITLES, FRAMINGS
from model_lib.evaluation.calibration import calibration_of
from model_lib.evaluation.evaluation import Evaluation
from model_lib.inference.session import InferenceNetwork
from model_lib.predictions import predict
from model_lib.pretrained.cross_validation import (
    MNIST_NETWORK_FILE,
    fold_networks,
    load_bundled_network,
    unseen_by_fold,
)
from model_lib.pretrained.digit_detector import look_like_digits
from model_lib.pretrained.temperature import best_factor, scale_answers
from model_lib.pretrained.training_images import split_training_images
from ui.draw.answer import CLOSE

_GOALS: Final = {"all": 99.3, "digit": 98.0, "writer": 95.0}


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="of the five networks, trained if it lacks them")
    parser.add_argument("--digits", type=int, help="only so many, evenly chosen; all if left out")
    parser.add_argument("--seed", type=int, default=1, help="of networks that are trained now")
    options = parser.parse_args()
    print_heading("Pen digits of unseen writers, 5-fold cross-validation by writer, accuracy in %")
    networks = fold_networks(options.folder, seed=options.seed)
    before = load_bundled_network(MNIST_NETWORK_FILE)
    drawings, labels, names = read_drawings(STROKES_FILE, options.digits)
    writers = names.astype(int)
    unseen = unseen_by_fold(writers)
    framed = [framed_images(drawing) for drawing in drawings]
    rows = []
    for framing in FRAMINGS:
        images = np.stack([each[framing] for each in framed])
        raw = {"before": predict(before, images), "after": _cross_validated(networks, images, unseen)}
        answers = {when: _scaled(each, labels, unseen) for when, each in raw.items()}
        right = {when: each.argmax(axis=1) == labels for when, each in answers.items()}
        rows.append([FRAMING_TITLES[framing], *(_with_interval(right[when]) for when in ("before", "after"))])
    print_table(["framing", "before", "after (95 % confidence)"], rows)
    for title, groups in (("digit", labels), ("writer", writers)):
        print(f"\nby {title}; goal: none below {_GOALS[title]:g}")
        found = np.unique(groups)
        cells = {when: [100 * right[when][groups == group].mean() for group in found] for when in right}
        print_table(
            [title, *(str(group) for group in found), "lowest"],
            [[when, *(f"{cell:.1f}" for cell in each), f"{min(each):.1f}"] for when, each in cells.items()],
        )
    _print_calibration(answers, labels)
    of_training = np.isin(writers, TRAINING_WRITERS)
    factor = best_factor(raw["after"][of_training], labels[of_training])
    print(f"\nThe logits' factor that suits the digits of the bundled network's training writers: {factor:.3f}")
    _print_close(answers, labels)
    _print_refused(images, answers["after"], of_training)
    _print_held_out(networks, before)


def _cross_validated(
    networks: Sequence[InferenceNetwork], images: NDArray[np.float32], unseen: Sequence[NDArray[np.bool_]]
) -> NDArray[np.float32]:
    """Returns (n, 10) probabilities, each digit's by the network that has not learnt from its writer."""
    answers = np.empty((len(images), 10), np.float32)
    for network, chosen in zip(networks, unseen, strict=True):
        answers[chosen] = predict(network, images[chosen])
    return answers


def _scaled(
    answers: NDArray[np.float32], labels: NDArray[np.integer], unseen: Sequence[NDArray[np.bool_]]
) -> NDArray[np.float32]:
    """Returns the answers after temperature scaling, with the factor that suits the other folds' unseen writers."""
    scaled = np.empty_like(answers)
    for chosen in unseen:
        factor = best_factor(answers[~chosen], labels[~chosen])
        scaled[chosen] = scale_answers(answers[chosen], factor)
    return scaled


def _with_interval(right: NDArray[np.bool_]) -> str:
    interval = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return f"{100 * right.mean():.2f} ({100 * interval.low:.2f} to {100 * interval.high:.2f})"


def _print_calibration(answers: dict[str, NDArray[np.float32]], labels: NDArray[np.integer]) -> None:
    print("\nExpected calibration error on unseen writers, percentage points; goal: at most 0.5")
    rows = [
        [when, f"{100 * calibration_of(Evaluation(each, labels, 'pen_digits')).error:.2f}"]
        for when, each in answers.items()
    ]
    print_table(["network", "error"], rows)


def _print_close(answers: dict[str, NDArray[np.float32]], labels: NDArray[np.integer]) -> None:
    """Prints how right answers are where the page names a second digit too, and where it does not."""
    print(f"\nAnswers with a second digit above {CLOSE:.0%}, which the page names too; shares in %")
    rows = []
    for when, each in answers.items():
        order = np.argsort(each, axis=1)[:, ::-1]
        is_close = np.take_along_axis(each, order, axis=1)[:, 1] >= CLOSE
        is_right, is_second = order[:, 0] == labels, order[:, 1] == labels
        shares = [is_close, is_right[is_close], (is_right | is_second)[is_close], is_right[~is_close]]
        rows.append([when, *(f"{100 * share.mean():.2f}" for share in shares)])
    print_table(["network", "such answers", "first is right", "one of the two is right", "all others are right"], rows)


def _print_refused(images: NDArray[np.float32], answers: NDArray[np.float32], of_training: NDArray[np.bool_]) -> None:
    """Prints how many digits are taken for no digit; the limit was chosen by those of the training writers."""
    is_refused = ~look_like_digits(images, answers)
    print("\nDigits of unseen writers taken for none, shares in %")
    groups = {
        "the bundled network's training writers": of_training,
        "its test writers": ~of_training,
        "all": np.ones_like(of_training),
    }
    print_table(
        ["writers", "digits", "taken for none"],
        [
            [title, f"{int(chosen.sum()):,}", f"{100 * is_refused[chosen].mean():.2f}"]
            for title, chosen in groups.items()
        ],
    )


def _print_held_out(networks: Sequence[InferenceNetwork], before: InferenceNetwork) -> None:
    """Prints the accuracy on MNIST's held-out training images, on which settings are chosen; not the test set."""
    _, held_out = split_training_images()
    print("\nMNIST, 5,000 training images held out, accuracy in %")
    shares = [
        100 * float((predict(network, held_out.images).argmax(axis=1) == held_out.labels).mean())
        for network in (before, *networks)
    ]
    print_table(["before", *(f"fold {fold}" for fold in range(len(networks)))], [[f"{share:.2f}" for share in shares]])


if __name__ == "__main__":
    main()
