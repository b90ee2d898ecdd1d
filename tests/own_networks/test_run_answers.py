"""A run's zip cannot say that its network is better than it is: what counts is what it answers here."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_lib.comparison.record import read_record
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.evaluation import EVALUATION_FILE, load_evaluation
from model_lib.files import write_arrays
from model_lib.inference.weight_shapes import bound_layers
from model_lib.own_networks.run_zip import read_run_zip
from model_lib.own_networks.zip_members import RunZipError
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.events import Evaluated, Event, Measured, append_event

# A network of zeros answers 0.1 for each digit, of which argmax takes the first: right where a 0 is drawn, which stands
# in 980 of MNIST's 10,000 test images and in 260 of the 2,498 pen digits of other people.
_ZEROS = 980 / 10_000
_OF_OTHERS = 260 / 2_498
_LOSS = float(np.log(10))


def _zip_of_zeros(folder: Path, *events: Event, answers: np.ndarray | None = None) -> bytes:
    """Returns the zip of a run whose weights are 0, with what its log and its answers claim."""
    spec, labels = PRESETS["mlp"], load_dataset("mnist").test.labels
    run = create_run(spec, TrainingConfig(epochs=1), folder)
    shapes = [shape for layer in bound_layers(spec) for shape in layer.weight_shapes.values()]
    save_checkpoint(run.folder, 1, [np.zeros(shape, np.float32) for shape in shapes])
    if answers is not None:
        arrays: dict[str, Any] = {"probabilities": answers, "labels": labels, "dataset": np.array("mnist")}
        write_arrays(run.folder / EVALUATION_FILE, arrays)
    for event in events:
        append_event(run.folder, event)
    run.set_state("finished")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file in run.folder.rglob("*"):
            if file.is_file():
                archive.write(file, file.relative_to(run.folder))
    return stream.getvalue()


def _flattered() -> np.ndarray:
    """Returns answers that are all right, each 0.009 away from what the network answers."""
    labels = load_dataset("mnist").test.labels
    answers = np.full((len(labels), 10), 0.1, np.float32)
    answers[np.arange(len(labels)), labels] += 0.009
    return answers


def _evaluated(accuracy: float, loss: float = _LOSS, other: float | None = None) -> Evaluated:
    return Evaluated(test_loss=loss, test_accuracy=accuracy, seconds=1.0, epochs=1, other_test_accuracy=other)


def _measured(accuracy: float) -> Measured:
    return Measured(stage="after", on="mnist", images=10_000, accuracy=accuracy, loss=_LOSS)


def test_answers_that_lie_by_little_each_are_replaced_by_those_that_the_network_gives_here(tmp_path: Path) -> None:
    content = _zip_of_zeros(tmp_path / "there", _evaluated(_ZEROS), answers=_flattered())
    run = read_run_zip(content, lambda folder: None, root=tmp_path / "here").run
    np.testing.assert_allclose(load_evaluation(run.folder).probabilities, 0.1, atol=1e-6)
    assert load_evaluation(run.folder).accuracy == read_record(run).test_accuracy == pytest.approx(_ZEROS)


@pytest.mark.parametrize(
    ("events", "answers"),
    [
        ([_evaluated(1.0, loss=2.2164)], _flattered),
        ([_evaluated(1.0)], None),
        ([_evaluated(_ZEROS, other=1.0)], None),
        ([_evaluated(_ZEROS), _measured(1.0)], None),
    ],
    ids=["with answers", "without answers", "on other test images", "measured again"],
)
def test_a_log_that_claims_a_better_network_is_refused(
    tmp_path: Path, events: list[Event], answers: Callable[[], np.ndarray] | None
) -> None:
    content = _zip_of_zeros(tmp_path / "there", *events, answers=answers() if answers else None)
    with pytest.raises(RunZipError, match="another accuracy than its network has"):
        read_run_zip(content, lambda folder: None, root=tmp_path / "here")


def test_an_accuracy_that_differs_by_what_two_machines_may_becomes_the_one_of_this_machine(tmp_path: Path) -> None:
    log = (_evaluated(1.0), _measured(1.0), _evaluated(_ZEROS + 0.0001, other=0.1), _measured(_ZEROS - 0.0001))
    content = _zip_of_zeros(tmp_path / "there", *log)
    run = read_run_zip(content, lambda folder: None, root=tmp_path / "here").run
    lines = [json.loads(line) for line in (run.folder / "events.jsonl").read_text().splitlines()]
    lines = [line for line in lines if line["kind"] in ("evaluated", "measured")]
    assert [line["kind"] for line in lines] == ["evaluated", "measured"]
    assert lines[0]["test_accuracy"] == lines[1]["accuracy"] == pytest.approx(_ZEROS)
    assert lines[0]["other_test_accuracy"] == pytest.approx(_OF_OTHERS)
    assert lines[0]["test_loss"] == pytest.approx(_LOSS, abs=1e-6)
