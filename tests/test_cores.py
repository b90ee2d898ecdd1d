"""How a process that trains shares its cores out."""

from __future__ import annotations

import pytest
import tensorflow as tf

from model_lib.cores import share_out_cores, shared_out, shares_of


@pytest.mark.parametrize(("batch_size", "shares"), [(1, 1), (15, 1), (16, 2), (32, 4), (64, 6), (1000, 6)])
def test_each_core_has_a_share_but_none_of_fewer_than_eight_images(
    batch_size: int, shares: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shared_out(cores=6).items():
        monkeypatch.setenv(name, value)
    assert shares_of(batch_size) == shares


def test_a_process_that_does_not_train_cuts_no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in shared_out():
        monkeypatch.delenv(name, raising=False)
    assert shares_of(300) == 1


def test_what_the_environment_says_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in shared_out(cores=3).items():
        monkeypatch.setenv(name, value)
    share_out_cores()
    assert shares_of(300) == 3


def test_a_gpu_gets_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in shared_out(cores=6).items():
        monkeypatch.setenv(name, value)
    gpu = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [gpu] if kind == "GPU" else [])
    assert shares_of(300) == 1
