"""What is taken home: a run that has ended, or the network that ships with the project."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import Dataset, class_names, load_dataset, names_of_test_sets
from model_lib.evaluation.evaluation import Evaluation, EvaluationError, load_evaluation
from model_lib.evaluation.predictions_csv import predictions_csv
from model_lib.export.keras_script import TrainingProgram, file_stem
from model_lib.inference.weight_shapes import WeightsError
from model_lib.inference.weights import read_run_weights
from model_lib.predictions import PRETRAINED_FILE, PRETRAINED_FOLDER, load_pretrained
from model_lib.pretrained.training_start import PRETRAINED_SPEC, pretrained_config
from model_lib.storage.checkpoints import NETWORK_FILE, weights_stamp
from model_lib.storage.lineage import ancestors_of
from model_lib.storage.run import Run, RunError


class ExportError(RunError):
    """A file that cannot be made; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class ExportedNetwork:
    """A network with all that its files are made of, read when it is asked for.

    Args:
        folder: the run's; None for the network that ships with the project.
    """

    folder: str | None

    @property
    def run(self) -> Run | None:
        """Its run; None for the network that ships with the project."""
        return None if self.folder is None else Run(Path(self.folder))

    @property
    def spec(self) -> NetworkSpec:
        """The network. Raises a `RunError` if its file is damaged."""
        return PRETRAINED_SPEC if self.run is None else self.run.spec

    @property
    def config(self) -> TrainingConfig:
        """The settings of its training. Raises a `RunError` if their file is damaged."""
        return pretrained_config() if self.run is None else self.run.config

    @property
    def stem(self) -> str:
        """What its files are called."""
        return "ready_made" if self.run is None else file_stem([self.run.id])

    @property
    def stamp(self) -> float:
        """Changes whenever its weights do."""
        return 0.0 if self.run is None else weights_stamp(self.run)

    def weights(self) -> Sequence[NDArray[np.float32]]:
        """Returns its weights, in the order of `network.get_weights()`.

        Raises:
            RunError: if the run has none, or they are damaged.
            PredictionError: if the network that ships with the project is damaged.
        """
        try:
            return load_pretrained().weights if self.run is None else read_run_weights(self.run)
        except (NetworkError, WeightsError) as error:
            raise ExportError(f"The network cannot be read: {error}") from error

    def program(self) -> TrainingProgram:
        """Returns what a script that trains it again is made of. Raises a `RunError` if the run is damaged."""
        try:
            accuracy: float | None = self.evaluation().accuracy
        except EvaluationError:
            accuracy = None
        has_parents = self.run is not None and bool(ancestors_of(self.run))
        is_untold = self.run is not None and self.run.has_no_training
        outcome = self.run.outcome if self.run is not None and self.run.state == "stopped" else None
        return TrainingProgram(
            spec=self.spec,
            config=TrainingConfig() if is_untold else self.config,
            has_parents=has_parents,
            test_accuracy=accuracy,
            is_untold=is_untold,
            stopped_after=None if outcome is None else outcome.epochs,
        )

    def keras_file(self) -> bytes | None:
        """Returns the `.keras` file as its training left it; None if there is none."""
        file = PRETRAINED_FILE if self.run is None else self.run.folder / NETWORK_FILE
        try:
            return file.read_bytes()
        except OSError:
            return None

    def onnx_file(self) -> bytes:
        """Returns the network as ONNX: a node, or a few, for each layer under the layer's name, one output.

        Raises:
            RunError, PredictionError: see `weights`.
        """
        from model_lib.inference.onnx_graph import build_onnx_model  # here, not above: loading onnx takes a moment

        try:
            model = build_onnx_model(self.spec, self.weights())
        except (NetworkError, WeightsError) as error:
            raise ExportError(f"The network cannot be written: {error}") from error
        model.producer_name = "See a network learn"
        model.doc_string = (
            "Input `image`: (n, 28, 28) float32 from 0 (black) to 1 (white ink). "
            "Output `output`: (n, 10) probabilities of the labels 0 to 9."
        )
        content: bytes = model.SerializeToString(deterministic=True)
        return content

    def evaluation(self) -> Evaluation:
        """Returns its answers to all test images. Raises an `EvaluationError` if there are none."""
        return load_evaluation(PRETRAINED_FOLDER if self.run is None else self.run.folder)

    def answers_csv(self) -> str:
        """Returns its answers to all test images as CSV, a line an image. Raises an `EvaluationError` as above."""
        evaluation = self.evaluation()
        files = ["" for _ in evaluation.labels]
        return predictions_csv(evaluation, files, class_names(evaluation.dataset))

    def test_images(self) -> Dataset:
        """Returns the data set whose test images it is measured on. Raises a `DatasetError` if it is missing."""
        return load_dataset(names_of_test_sets(self.config.dataset)[0])


def images_npz(dataset: str) -> bytes:
    """Returns a data set as the scripts read it: x_train, y_train, x_test and y_test, as in Keras's `mnist.npz`.

    Args:
        dataset: its name.

    Raises:
        DatasetError: if it is missing or damaged.
    """
    data, stream = load_dataset(dataset), io.BytesIO()
    np.savez_compressed(
        stream, x_train=data.train.images, y_train=data.train.labels, x_test=data.test.images, y_test=data.test.labels
    )
    return stream.getvalue()
