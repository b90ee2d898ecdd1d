"""How a process that trains shares its cores out, and that TensorFlow is quiet in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from model_lib.engine.threads import quiet_tensorflow, share_out_cores, shared_out, shares_of


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


def test_tensorflow_loads_and_computes_without_a_line_while_what_others_write_is_kept() -> None:
    program = """
import os, sys, threading
from model_lib.engine.threads import load_tensorflow_quietly
threading.Timer(0.5, lambda: os.write(2, b"of another thread\\n")).start()
load_tensorflow_quietly()
import tensorflow as tf
tf.config.list_physical_devices("GPU")
tf.function(lambda: tf.random.normal((9, 9)) @ tf.ones((9, 9)))()
print("at the end", file=sys.stderr)
"""
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parent.parent.parent,
        env=environment,
    )
    assert ended.stderr.splitlines() == ["of another thread", "at the end"]


def test_whoever_wants_to_read_tensorflows_messages_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    quiet_tensorflow()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
