"""Reproduces the bundled files.

`python -m model_lib.pretrained train` trains the network, `... calibrate` scales its logits, `... measure` computes its
metrics and the detector, and `... evaluate` its predictions on the test sets, which the Mistakes page loads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_lib.predictions import PRETRAINED_FILE


def main() -> None:
    """Command-line entry point."""
    parser = argparse.ArgumentParser(prog="python -m model_lib.pretrained", description=__doc__)
    parser.add_argument("what", choices=["train", "calibrate", "measure", "evaluate"])
    parser.add_argument("--file", type=Path, default=PRETRAINED_FILE, help="output file of the network")
    parser.add_argument("--after", type=int, default=0, help="resume from the file after this many rounds")
    options = parser.parse_args()
    if options.what == "train":
        _train(options.file, options.after)
    elif options.what == "calibrate":
        _calibrate(options.file)
    elif options.what == "evaluate":
        from model_lib.datasets.loading import TEST_SETS
        from model_lib.evaluation.evaluate import evaluate_pretrained

        for other in (None, *TEST_SETS["mnist"][1:]):
            evaluate_pretrained(other).save(options.file.parent, other)
    else:
        from model_lib.pretrained.measure import measure

        measure(options.file)


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


def _calibrate(file: Path) -> None:
    import keras

    from model_lib.pretrained.temperature import scale_logits

    network = keras.models.load_model(file, compile=False, safe_mode=True)
    print(f"logits multiplied by {scale_logits(network):.4f}")
    network.save(file)


if __name__ == "__main__":
    main()
