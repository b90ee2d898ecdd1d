"""Synthetic evaluations on real labels with a given number of mistakes, without any training."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.evaluation.evaluation import Evaluation
from model_lib.files import write_json
from model_lib.runs import create_run
from model_lib.storage.run import ORIGIN_FILE, Run


@cache
def answers(mistakes: int, seed: int = 1, dataset: str = "mnist") -> Evaluation:
    """Returns answers to all test images, of which exactly so many are wrong."""
    rng = np.random.default_rng(seed)
    test = load_dataset(dataset).test
    labels = test.labels
    told = labels.astype(np.int64)
    wrong = rng.choice(len(labels), mistakes, replace=False)
    told[wrong] = (told[wrong] + rng.integers(1, 10, mistakes)) % 10
    probabilities = rng.dirichlet(np.ones(10), len(labels))
    rows = np.arange(len(labels))
    # The largest probability goes to the answer, whatever it was before.
    largest = probabilities.argmax(axis=1)
    swapped = probabilities[rows, told].copy()
    probabilities[rows, told] = probabilities[rows, largest]
    probabilities[rows, largest] = np.where(largest == told, probabilities[rows, told], swapped)
    return Evaluation(probabilities.astype(np.float32), labels, dataset, test.writers)


def finished_run(
    root: Path,
    evaluation: Evaluation,
    other: Evaluation | None = None,
    preset: str = "mlp",
    config: TrainingConfig | None = None,
) -> Run:
    """Makes the folder of a run that has ended with these answers, to other test images too. It has no weights."""
    run = create_run(PRESETS[preset], config or TrainingConfig(dataset=evaluation.dataset), root)
    evaluation.save(run.folder)
    if other is not None:
        other.save(run.folder, other.dataset)
    run.set_state("finished")
    return run


def brought_network(root: Path, title: str = "Mine", preset: str = "mlp", mistakes: int = 300) -> Run:
    """Makes the folder of a network that a visitor has brought as a file, without its training. It has no weights."""
    spec = NetworkSpec("brought", PRESETS[preset].layers, title=f"{title} (brought)")
    run = create_run(spec, TrainingConfig(validation="none", epochs=1), root)
    answers(mistakes).save(run.folder)
    origin = {"owner": "anna", "format": ".keras", "title": title, "largest_pixel": 1.0, "notes": []}
    write_json(run.folder / ORIGIN_FILE, origin)
    run.set_state("finished")
    return run
