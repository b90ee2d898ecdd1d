"""`python -m model_lib.pretrained train` makes the bundled network again, `... measure` its figures and thresholds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from model_lib.predictions import PRETRAINED_FILE

if TYPE_CHECKING:
    import keras


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m model_lib.pretrained", description=__doc__)
    parser.add_argument("what", choices=["train", "measure"])
    parser.add_argument("--file", type=Path, default=PRETRAINED_FILE, help="where the network is written")
    options = parser.parse_args()
    if options.what == "train":
        _train(options.file)
    else:
        from model_lib.pretrained.measuring import measure

        measure(options.file)


def _train(file: Path) -> None:
    from model_lib.pretrained.training import train_bundled

    def keep(network: keras.Model, rounds_done: int) -> None:
        network.save(file)
        print(f"round {rounds_done} done: {file}, {file.stat().st_size:,} bytes", flush=True)

    train_bundled(keep=keep, say=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
