"""Event files: TensorBoard's own reader finds the run's numbers in them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from model_lib.export.tensorboard import Scalar, crc32c, event_file, tensorboard_zip
from model_lib.storage.events import EpochEnd, Started, Steps, append_event
from model_lib.storage.history import History


def test_the_checksum_is_that_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4


def test_tensorboard_reads_the_curves(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    append_event(run, Started(steps_per_epoch=2, epochs=2, images=64, parameters=10, epoch=0, step=0))
    for epoch in (0, 1):
        append_event(run, Steps(epoch=epoch, step=0, loss=(2.0, 1.0 - epoch / 2), accuracy=(0.1, 0.5), seconds=1.0))
        append_event(
            run,
            EpochEnd(
                epoch=epoch + 1, loss=1.5, accuracy=0.25, validation_loss=1.25, validation_accuracy=0.75, seconds=1
            ),
        )
    zipfile.ZipFile(io.BytesIO(tensorboard_zip(History(run).update(), "a/run"))).extractall(tmp_path / "logs")
    splits = {}
    for split in ("train", "validation"):
        accumulator = EventAccumulator(str(tmp_path / "logs" / "a_run" / split))
        accumulator.Reload()
        splits[split] = {
            tag: [(event.step, event.value) for event in accumulator.Scalars(tag)]
            for tag in accumulator.Tags()["scalars"]
        }
    assert splits["train"]["epoch_loss"] == [(0, 1.5), (1, 1.5)]
    assert splits["train"]["batch_loss"] == [(0, 2.0), (1, 1.0), (2, 2.0), (3, 0.5)]
    assert splits["validation"] == {"epoch_loss": [(0, 1.25), (1, 1.25)], "epoch_accuracy": [(0, 0.75), (1, 0.75)]}


@pytest.mark.parametrize("step", [0, 127, 128, 16_384, 2**40])
def test_steps_of_any_size_are_read(step: int, tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.1.x").write_bytes(event_file([Scalar("a" * 300, step, -0.5, 12.5)]))
    accumulator = EventAccumulator(str(tmp_path))
    accumulator.Reload()
    (event,) = accumulator.Scalars("a" * 300)
    assert (event.step, event.value, event.wall_time) == (step, -0.5, 12.5)
