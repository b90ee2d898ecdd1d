"""Makes what is bundled again.

`python -m model_lib.pretrained train` makes the network, `... measure` its figures and thresholds, and `... evaluate`
its answers to all test images, which the Mistakes page shows at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from model_lib.predictions import PRETRAINED_FILE


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m model_lib.pretrained", description=__doc__)
    parser.add_argument("what", choices=["train", "measure", "evaluate"])
    parser.add_argument("--file", type=Path, default=PRETRAINED_FILE, help="where the network is written")
    parser.add_argument("--after", type=int, default=0, help="go on with the network in the file after so many rounds")
    options = parser.parse_args()
    if options.what == "train":
        _train(options.file, options.after)
    elif options.what == "evaluate":
        from model_lib.evaluation.evaluate import evaluate_pretrained

        evaluate_pretrained().save(options.file.parent)
    else:
        from model_lib.pretrained.measure import measure

        measure(options.file)


def _train(file: Path, rounds_before: int) -> None:
    import keras

    from model_lib.pretrained.train import ROUNDS, mix_rounds, train_bundled

    after_rounds = []
    if rounds_before:
        after_rounds.append(keras.models.load_model(file, compile=False, safe_mode=True))

    def keep(network: keras.Model, rounds_done: int) -> None:
        network.save(file)
        after_rounds.append(keras.models.load_model(file, compile=False, safe_mode=True))
        print(f"round {rounds_before + rounds_done} done: {file}, {file.stat().st_size:,} bytes", flush=True)

    start = after_rounds[0] if rounds_before else None
    train_bundled(ROUNDS[rounds_before:], keep=keep, start=start, say=lambda line: print(line, flush=True))
    network, share = mix_rounds(*after_rounds[-2:])
    network.save(file)
    print(f"mixed: {share:.0%} of the last round, {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
