"""`python -m benchmarks.drawing.drawn_digits` measures how well digits drawn with a pen are read.

None of these networks has learnt from them. The presets are the newest finished runs of this machine; what
is missing is trained first, with the preset's own settings but for the number of epochs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.preprocessing import FRAMING_TITLES, FRAMINGS, Framing, frame_pixels
from model_lib.drawing.strokes import Drawing, draw_strokes
from model_lib.predictions import predict
from model_lib.pretrained.cross_validation import MNIST_NETWORK_FILE, load_bundled_network
from model_lib.runs import create_run, list_runs
from model_lib.storage.checkpoints import load_network

if TYPE_CHECKING:
    import keras

# The bundled network before it learnt from pen digits; see `benchmarks.drawing.strangers` for what it is now.
_MNIST_ONLY: Final = "mnist_only"
_SIX: Final = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "mnist_cnn", "two_conv")


def main() -> None:
    """Reads the command line and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "path",
        type=Path,
        nargs="?",
        default=STROKES_FILE,
        help="the drawn digits; the project's pen digits if left out",
    )
    parser.add_argument("--epochs", type=int, default=2, help="for presets that are trained now; 0 leaves them out")
    parser.add_argument(
        "--presets", nargs="*", default=list(_SIX), help="which ones; the six published ones if left out"
    )
    parser.add_argument("--digits", type=int, help="only so many, evenly chosen; all if left out")
    parser.add_argument("--runs", type=Path, help="folder of the runs, if not the usual one")
    options = parser.parse_args()
    try:
        drawings, labels, writers = read_drawings(options.path, options.digits)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{options.path} cannot be read as drawn digits: {error}")
    print(f"{len(labels):,} digits by {len(set(writers))} people")
    framed = [framed_images(drawing) for drawing in drawings]
    images = {framing: np.stack([each[framing] for each in framed]) for framing in FRAMINGS}
    networks = {
        _MNIST_ONLY: load_bundled_network(MNIST_NETWORK_FILE),
        **preset_networks(options.presets, options.epochs, options.runs),
    }
    right = {
        (name, framing): predict(network, images[framing]).argmax(axis=1) == labels
        for name, network in networks.items()
        for framing in FRAMINGS
    }

    print("\nAccuracy in % by network and framing")
    _print_row("", [FRAMING_TITLES[framing] for framing in FRAMINGS], 26)
    for name in networks:
        _print_row(name, [_percent(right[name, framing]) for framing in FRAMINGS], 26)
    for name in networks:
        for title, groups in (("digit", labels.astype(str)), ("writer", writers)):
            print(f"\n{name}: accuracy in % by {title}")
            _print_row(title, [FRAMING_TITLES[framing] for framing in FRAMINGS], 26)
            for group in sorted(set(groups), key=int if title == "digit" else str):
                members = groups == group
                _print_row(group, [_percent(right[name, framing][members]) for framing in FRAMINGS], 26)


def preset_networks(names: Sequence[str], epochs: int, root: Path | None) -> dict[str, keras.Model]:
    """Returns the network of every preset named: the newest finished run, or trained now."""
    from model_lib.training.loop import train  # here, not above: it loads TensorFlow, and --help need not wait for that

    finished = {run.spec.name: run for run in reversed(list_runs(root)) if run.state == "finished"}
    networks = {}
    for name in names:
        spec, run = PRESETS[name], finished.get(name)
        if run is not None and run.spec == spec:
            print(f"{name}: the finished run {run.id}")
            networks[name] = load_network(run)
            continue
        if epochs == 0:
            continue
        with tempfile.TemporaryDirectory() as folder:
            run = create_run(spec, replace(PRESET_CONFIGS[name], epochs=epochs, target_accuracy=None), folder)
            train(run)
            networks[name] = load_network(run)
            print(f"{name}: trained for {epochs} epochs now")
    return networks


def framed_images(drawing: Drawing) -> dict[Framing, NDArray[np.float32]]:
    """Returns the drawing framed in all four ways; the canvas is drawn once for the three that look at its pixels."""
    empty = np.zeros((28, 28), np.float32)
    if not drawing.strokes:
        return dict.fromkeys(FRAMINGS, empty)
    page = draw_strokes(drawing.strokes, 1.0, np.zeros(2), drawing.canvas_size, drawing.pen_width_px, supersampling=1)
    redrawn = drawing.image
    images: dict[Framing, NDArray[np.float32]] = {"redrawn": empty if redrawn is None else redrawn}
    for framing in ("resized", "boxed", "centred"):
        framed = frame_pixels(page, framing)
        images[framing] = empty if framed is None else framed.image
    return images


def _percent(right: NDArray[np.bool_]) -> str:
    return f"{100 * right.mean():.2f}"


def _print_row(name: str, cells: list[str], width: int) -> None:
    print(f"{name:14}" + "".join(f"{cell:>{width}}" for cell in cells))


if __name__ == "__main__":
    main()
