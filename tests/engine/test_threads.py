"""How many threads and shards a training process has, that TensorFlow is quiet in it, and which backend Keras has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from model_lib.engine.threads import (
    BackendError,
    configure_tf_threads,
    quiet_tensorflow,
    require_tensorflow_backend,
    shards_per_batch,
    tf_thread_env,
)

_PROJECT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(("batch_size", "shards"), [(1, 1), (15, 1), (16, 2), (32, 4), (64, 6), (1000, 6)])
def test_each_core_has_a_shard_but_none_of_fewer_than_eight_images(
    batch_size: int, shards: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in tf_thread_env(cores=6).items():
        monkeypatch.setenv(name, value)
    assert shards_per_batch(batch_size) == shards


def test_a_process_that_does_not_train_splits_no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tf_thread_env():
        monkeypatch.delenv(name, raising=False)
    assert shards_per_batch(300) == 1


def test_variables_that_are_set_already_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in tf_thread_env(cores=3).items():
        monkeypatch.setenv(name, value)
    configure_tf_threads()
    assert shards_per_batch(300) == 3


def test_a_gpu_gets_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in tf_thread_env(cores=6).items():
        monkeypatch.setenv(name, value)
    gpu = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [gpu] if kind == "GPU" else [])
    assert shards_per_batch(300) == 1


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
        cwd=_PROJECT,
        env=environment,
    )
    assert ended.stderr.splitlines() == ["of another thread", "at the end"]


def test_whoever_wants_to_read_tensorflows_messages_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    quiet_tensorflow()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


@pytest.mark.parametrize("arguments", [("-m", "model_lib.train"), ("-c", "import app")])
def test_another_keras_backend_is_refused_at_the_start_with_the_way_to_mend_it(
    arguments: tuple[str, str], tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=_PROJECT,
        env=os.environ | {"KERAS_BACKEND": "jax", "RUNS_FOLDER": str(tmp_path)},
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "Keras must use TensorFlow here: the training step is written in it. Received: KERAS_BACKEND=jax. "
        "Remove KERAS_BACKEND from the environment, or set it to tensorflow, and start again."
    )
    assert not list(tmp_path.iterdir())


def test_a_backend_that_is_loaded_already_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    with pytest.raises(BackendError, match="KERAS_BACKEND=torch"):
        require_tensorflow_backend()
