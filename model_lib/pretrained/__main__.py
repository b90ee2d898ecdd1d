"""Reproduces the bundled files, one step after the other.

`python -m model_lib.pretrained train` trains on MNIST, `... fine-tune` goes on with pen digits and scales the logits,
`... measure` computes the network's metrics and fits the detector, and `... evaluate` computes its predictions on the
test sets, which the Mistakes page loads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_lib.predictions import PRETRAINED_FILE


def main() -> None:
    """Command-line entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m model_lib.pretrained", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["train", "fine-tune", "measure", "evaluate"])
    parser.add_argument("--file", type=Path, help="output file of the network; the bundled one if left out")
    parser.add_argument("--after", type=int, default=0, help="resume the training from the file after so many rounds")
    parser.add_argument("--seed", type=int, help="of the fine-tuning; that of the bundled network if left out")
    options = parser.parse_args()
    if options.what == "train":
        from model_lib.pretrained.fine_tune import MNIST_NETWORK_FILE

        _train(options.file or MNIST_NETWORK_FILE, options.after)
        return
    file = options.file or PRETRAINED_FILE
    if options.what == "fine-tune":
        _fine_tune(file, options.seed)
    elif options.what == "evaluate":
        from model_lib.datasets.loading import TEST_SETS
        from model_lib.evaluation.evaluate import evaluate_pretrained

        for other in (None, *TEST_SETS["mnist"][1:]):
            evaluate_pretrained(other).save(file.parent, other)
    else:
        from model_lib.pretrained.measure import measure

        measure(file)


def _train(file: Path, rounds_before: int) -> None:
    import keras

    from model_lib.pretrained.train import ROUNDS, average_rounds, train_bundled

    after_rounds = []
    if rounds_before:
        after_rounds.append(keras.models.load_model(file, compile=False, safe_mode=True))

    def save(network: keras.Model, rounds_done: int) -> None:
        network.save(file)
        after_rounds.append(keras.models.load_model(file, compile=False, safe_mode=True))
        print(f"round {rounds_before + rounds_done} done: {file}, {file.stat().st_size:,} bytes", flush=True)

    start = after_rounds[0] if rounds_before else None
    train_bundled(ROUNDS[rounds_before:], keep=save, start=start, log=lambda line: print(line, flush=True))
    network, weight = average_rounds(*after_rounds[-2:])
    network.save(file)
    print(f"averaged: weight {weight:.0%} of the last round, {file.stat().st_size:,} bytes")


def _fine_tune(file: Path, seed: int | None) -> None:
    import keras

    from model_lib.datasets.loading import TRAINING_WRITERS
    from model_lib.pretrained import fine_tune as stage
    from model_lib.pretrained.temperature import scale_logits
    from model_lib.pretrained.train import average_weights

    start = keras.models.load_model(stage.MNIST_NETWORK_FILE, compile=False, safe_mode=True)
    seed = stage.SEED if seed is None else seed
    tuned = stage.fine_tune(start, TRAINING_WRITERS, stage.FINE_TUNING, seed, log=lambda line: print(line, flush=True))
    network = average_weights(start, tuned, stage.WEIGHT)
    print(f"logits multiplied by {scale_logits(network):.4f}")
    network.save(file)


if __name__ == "__main__":
    main()
