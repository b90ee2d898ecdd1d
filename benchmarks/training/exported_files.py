"""What the files of Take it home answer on all 10,000 test images, beside the answers that their runs keep.

python -m benchmarks.training.exported_files --presets mlp,editor

Each file is made as the page makes it and read with the library that others read it with: Keras, ONNX Runtime, the
interpreter of ai-edge-litert, pandas.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.report import percent, print_heading, print_table
from benchmarks.training.exported_runs import NETWORKS, check_networks, finished_run
from model_lib.engine.threads import configure_tf_threads
from model_lib.evaluation.evaluation import Evaluation
from model_lib.export.child import Kind, make_file
from model_lib.export.exported import ExportedNetwork
from tests.support.file_readers import (
    architecture_answers,
    csv_answers,
    keras_answers,
    litert_answers,
    onnx_answers,
)

_COLUMNS = (
    "network",
    "file",
    "kB",
    "largest difference of a probability",
    "other predictions",
    "accuracy",
    "of the run",
)
# The network that ships with the project, which nothing has to train.
_READY_MADE = "ready-made"


@dataclass(frozen=True)
class FileAnswers:
    """What a file answers.

    Args:
        title: which file.
        bytes: its size.
        probabilities: (n, 10).
        predictions: (n,); None for the largest of the probabilities.
        accuracy_told: the accuracy that the page says beside the file, 0 to 1; None if it says none.
    """

    title: str
    bytes: int
    probabilities: np.ndarray
    predictions: np.ndarray | None = None
    accuracy_told: float | None = None

    def row(self, network: str, kept: Evaluation) -> tuple[str, ...]:
        """Returns its line of the table.

        Args:
            network: what it is called.
            kept: the run's own answers to the same images.
        """
        assert self.probabilities.shape == kept.probabilities.shape, "a file answers every image"
        predictions = self.probabilities.argmax(axis=1) if self.predictions is None else self.predictions
        difference = float(np.abs(self.probabilities - kept.probabilities).max())
        accuracy = float((predictions == kept.labels).mean())
        told = self.accuracy_told
        return (
            network,
            self.title,
            f"{self.bytes / 1000:,.0f}",
            f"{difference:.1e}",
            f"{int((predictions != kept.predictions).sum())}",
            percent(accuracy) + ("" if told is None or round(told - accuracy, 6) == 0 else f" (page: {percent(told)})"),
            percent(kept.accuracy),
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join((_READY_MADE, *NETWORKS)), help="separated by commas")
    parser.add_argument("--epochs", type=int, default=1, help="of each training")
    parser.add_argument("--seed", type=int, default=1, help="of each training")
    parser.add_argument("--runs", type=Path, help="where the runs are kept, and taken from; default: nowhere")
    options = parser.parse_args(arguments)
    names = options.presets.split(",")
    check_networks(name for name in names if name != _READY_MADE)
    configure_tf_threads()
    print_heading("Files of Take it home, beside the answers of the runs")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if name == _READY_MADE:
                rows += _rows(name, ExportedNetwork(None))
            else:
                run = finished_run(name, options.runs or Path(folder), options.seed, options.epochs)
                rows += _rows(name, ExportedNetwork(str(run.folder)))
    print_table(_COLUMNS, rows)


def _rows(name: str, exported: ExportedNetwork) -> list[tuple[str, ...]]:
    kept, rows = exported.evaluation(), []
    for answers in _files(exported):
        rows.append(answers.row(name, kept))
        print(*rows[-1], flush=True)
    return rows


def _files(exported: ExportedNetwork) -> Iterator[FileAnswers]:
    """Yields what each file answers to all test images of its network's data set."""
    images = exported.test_images().test.images.astype(np.float32) / 255
    content = exported.keras_file()
    assert content is not None, "a finished run has one"
    yield FileAnswers(".keras", len(content), keras_answers(content, images))
    content = _made(exported, "architecture_and_weights")[0]
    yield FileAnswers("architecture and weights", len(content), architecture_answers(content, images))
    content = exported.onnx_file()
    yield FileAnswers("ONNX", len(content), onnx_answers(content, images))
    for title, kind in (("LiteRT", "litert"), ("LiteRT, 8 bits", "litert_8bit")):
        content, told = _made(exported, kind)
        yield FileAnswers(title, len(content), litert_answers(content, images), accuracy_told=told)
    text = exported.answers_csv()
    probabilities, predictions, _ = csv_answers(text)
    yield FileAnswers("answers as CSV", len(text.encode()), probabilities, predictions)


def _made(exported: ExportedNetwork, kind: Kind) -> tuple[bytes, float | None]:
    made = make_file(exported, kind, lambda share: None)
    return made.content, made.accuracy


if __name__ == "__main__":
    main()
