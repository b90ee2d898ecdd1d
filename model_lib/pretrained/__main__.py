"""Reproduces the bundled files, one step after the other.

`python -m model_lib.pretrained train --images FOLDER` draws the images, trains on them and scales the logits,
`... measure` computes the network's metrics, and `... evaluate` computes its predictions on the
test sets, which the page Review mistakes loads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_lib.predictions import PRETRAINED_FILE, PRETRAINED_FOLDER
from model_lib.pretrained.cross_validation import FOLDS, writers_besides


def main() -> None:
    """Command-line entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m model_lib.pretrained", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["train", "measure", "evaluate"])
    parser.add_argument("--file", type=Path, help="of the network; the bundled one if left out")
    parser.add_argument("--images", type=Path, help="folder of the training images, 1.4 GB, drawn if it lacks them")
    parser.add_argument("--seed", type=int, default=1, help="of the training; that of the bundled network if left out")
    parser.add_argument(
        "--fold",
        type=int,
        choices=range(FOLDS),
        help="train the network of a fold of the cross-validation into --file; its logits are not scaled",
    )
    options = parser.parse_args()
    if options.what == "train" and options.images is None:
        parser.error("train needs --images FOLDER")
    if options.fold is not None and (options.what != "train" or options.file is None):
        parser.error("--fold goes with train --file FILE: a fold's network must not take the bundled network's place")
    if options.what == "evaluate" and options.file is not None:
        parser.error("evaluate takes no --file: it writes the answers of the bundled network")
    file = options.file or PRETRAINED_FILE
    if options.what == "train":
        _train(file, options.images, options.seed, options.fold)
    elif options.what == "evaluate":
        from model_lib.datasets.loading import TEST_SETS
        from model_lib.evaluation.evaluate import evaluate_pretrained

        for other in (None, *TEST_SETS["mnist"][1:]):
            evaluate_pretrained(other).save(PRETRAINED_FOLDER, other)
    else:
        from model_lib.pretrained.measure import measure

        measure(file)


def _train(file: Path, folder: Path, seed: int, fold: int | None) -> None:
    from model_lib.datasets.loading import TRAINING_WRITERS
    from model_lib.pretrained.training_images import draw_training_images

    images = draw_training_images(folder)
    # After the drawing, whose processes need no Keras.
    from model_lib.pretrained.temperature import LOGIT_FACTOR, scale_logits
    from model_lib.pretrained.train import train_bundled

    writers = TRAINING_WRITERS if fold is None else writers_besides(fold)
    network = train_bundled(images, writers, seed, log=lambda line: print(line, flush=True))
    if fold is None:
        scale_logits(network, LOGIT_FACTOR)
    file.parent.mkdir(parents=True, exist_ok=True)
    network.save(file)


if __name__ == "__main__":
    main()
