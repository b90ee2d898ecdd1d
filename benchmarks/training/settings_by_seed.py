"""Trains two settings with several seeds each, and prints what the page Is it chance? says of them.

python -m benchmarks.training.settings_by_seed

Dropout 0 against 0.5 on 500 images, and batch size 32 against 4,096, on a small dense network. Where few images are
learnt from, many are held out, so that the validation accuracy is known well.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.report import percent, print_heading, print_table
from model_lib.comparison.paired_predictions import pair_predictions
from model_lib.comparison.record import RunRecord, read_record
from model_lib.comparison.seed_groups import SeedGroup, group_by_settings, group_name, setting_effect
from model_lib.comparison.sentences import sentence_of_pair, sentences_of_setting, verdict_of_pair
from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.training import TrainingConfig
from model_lib.engine.threads import configure_tf_threads
from model_lib.evaluation.evaluation import load_evaluation
from model_lib.runs import create_run


def _dense(rate: float) -> NetworkSpec:
    layers = (LayerSpec("Flatten"), LayerSpec("Dense", units=128), LayerSpec("Dropout", rate=rate))
    return NetworkSpec("dense_dropout", layers, title="Dense with dropout")


# 500 images to learn from, 4,500 to validate on.
_FEW: Final = TrainingConfig(training_images=5_000, validation_share=0.9, epochs=30)
_MANY: Final = TrainingConfig(training_images=20_000, validation_share=0.2, epochs=4)
# What is compared: the first training and the second, of which only the seed is left open.
_COMPARED: Final = {
    "Dropout 0 against 0.5, 500 images": ((_dense(0.0), _FEW), (_dense(0.5), _FEW)),
    "Batch size 32 against 4,096, 16,000 images": (
        (_dense(0.25), _MANY),
        (_dense(0.25), dataclasses.replace(_MANY, batch_size=4_096)),
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", type=Path, help="where the runs are kept, for the app to show; default: nowhere")
    options = parser.parse_args(arguments)
    configure_tf_threads()
    print_heading(f"What a setting does, {options.seeds} seeds each")
    with tempfile.TemporaryDirectory() as folder:
        for title, trainings in _COMPARED.items():
            _compare(title, trainings, options.seeds, options.runs or Path(folder))


def _compare(title: str, trainings: Sequence[tuple[NetworkSpec, TrainingConfig]], seeds: int, root: Path) -> None:
    records = [
        _trained(spec, dataclasses.replace(config, seed=seed), root)
        for spec, config in trainings
        for seed in range(1, seeds + 1)
    ]
    first, second = group_by_settings(records)
    effect = setting_effect(first, second)
    print(f"{title}\n")
    print_table(
        ("settings", "validation accuracy", "test accuracy"),
        [_row(group, [each.label for each in effect.differing]) for group in (first, second)],
    )
    for sentence in sentences_of_setting(effect):
        print(f"> {sentence}")
    # Of two networks, and no more than that: the first seed's.
    paired = pair_predictions(
        load_evaluation(first.records[0].run.folder), load_evaluation(second.records[0].run.folder)
    )
    print(f"\nTwo of the networks, A and B, with seed {first.records[0].config.seed}:\n")
    print(f"> {sentence_of_pair(paired)} {verdict_of_pair(paired)}\n", flush=True)


def _row(group: SeedGroup, labels: Sequence[str]) -> tuple[str, ...]:
    bands = [group.validation, group.test]
    return group_name(group, labels), *(
        "" if band is None else f"{percent(band.mean)} ({percent(band.lowest)} to {percent(band.highest)})"
        for band in bands
    )


def _trained(spec: NetworkSpec, config: TrainingConfig, root: Path) -> RunRecord:
    from model_lib.training.loop import train  # here, not above: --help does not need TensorFlow

    run = create_run(spec, config, root)
    if train(run) != "finished":
        raise SystemExit(f"The training of {run.folder} has not finished: {run.error}")
    return read_record(run)


if __name__ == "__main__":
    main()
