"""Weights read without Keras are those that Keras saved, and no file leads outside itself or past its limits."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.inference import weights as weights_module
from model_lib.inference.weight_shapes import WeightsError, bound_layers
from model_lib.inference.weights import read_keras_weights, read_run_weights
from model_lib.predictions import PRETRAINED_FILE
from model_lib.runs import create_run
from model_lib.storage.checkpoints import Position, TrainingState, save_checkpoint, save_training_state
from model_lib.storage.run import Run, RunError
from tests.support.app_server import PROJECT
from tests.support.sample_networks import ALL_KINDS, DENSE, network_with_random_weights

_KERNEL = "layers/dense/vars/0"  # DENSE: (784, 20)


def _assert_same(ours: list[np.ndarray], kerass: list[np.ndarray]) -> None:
    assert len(ours) == len(kerass)
    for mine, theirs in zip(ours, kerass, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("spec", [*PRESETS.values(), ALL_KINDS], ids=lambda spec: spec.name)
def test_the_weights_of_a_keras_file_are_those_that_keras_saved(spec: NetworkSpec, tmp_path: Path) -> None:
    network = network_with_random_weights(spec)
    network.save(tmp_path / "network.keras")
    _assert_same(read_keras_weights(tmp_path / "network.keras", spec), network.get_weights())
    assert [shape for layer in bound_layers(spec) for shape in layer.weight_shapes.values()] == [
        weight.shape for weight in network.get_weights()
    ]


def test_a_network_that_was_saved_with_its_optimizer_is_read(tmp_path: Path) -> None:
    network = network_with_random_weights(DENSE)
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    network.fit(np.zeros((4, 28, 28, 1)), np.zeros(4), verbose=0)
    network.save(tmp_path / "network.keras")
    _assert_same(read_keras_weights(tmp_path / "network.keras", DENSE), network.get_weights())


def test_the_bundled_weights_are_those_that_keras_loads() -> None:
    network = keras.models.load_model(PRETRAINED_FILE, compile=False)
    _assert_same(read_keras_weights(PRETRAINED_FILE, PRESETS["bundled"]), network.get_weights())


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(DENSE, TrainingConfig(), tmp_path)


def test_a_runs_newest_weights_come_from_its_progress_then_from_its_last_whole_checkpoint(run: Run) -> None:
    first, second, newest = (network_with_random_weights(DENSE, seed).get_weights() for seed in range(3))
    save_checkpoint(run.folder, 1, first)
    save_checkpoint(run.folder, 2, second)
    _assert_same(read_run_weights(run), second)
    _assert_same(read_run_weights(run, epoch=1), first)
    state = TrainingState(
        weights=newest, steps_state={}, position=Position(epoch=2), seconds=1.0, best_loss=1.0, epochs_without_gain=0
    )
    save_training_state(run.folder, state)
    _assert_same(read_run_weights(run), newest)
    (run.folder / "progress.npz").write_bytes(b"half of")
    (run.folder / "checkpoints" / "epoch-002.npz").write_bytes(b"half of")
    _assert_same(read_run_weights(run), first)


def test_a_run_without_weights_of_its_network_says_so(run: Run) -> None:
    with pytest.raises(RunError, match="has not finished its first epoch"):
        read_run_weights(run)
    save_checkpoint(run.folder, 1, network_with_random_weights(PRESETS["mlp"]).get_weights())
    with pytest.raises(RunError, match="no whole checkpoint of this network"):
        read_run_weights(run)


def test_weights_are_read_without_loading_keras() -> None:
    program = (
        "import sys; from model_lib.predictions import PRETRAINED_FILE; from model_lib.config.presets import PRESETS; "
        "from model_lib.inference.weights import read_keras_weights; "
        "assert len(read_keras_weights(PRETRAINED_FILE, PRESETS['bundled'])) == 22; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT).returncode == 0


def _hdf5(change: Callable[[h5py.File], None] | None = None) -> bytes:
    """Returns the weights of `DENSE` as Keras lays them out, changed as a stranger might."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for group, shape in (("dense", (784, 20)), ("dense_1", (20, 10))):
            file[f"layers/{group}/vars/0"] = np.ones(shape, np.float32)
            file[f"layers/{group}/vars/1"] = np.ones(shape[1:], np.float32)
        if change is not None:
            change(file)
    return stream.getvalue()


def _file(folder: Path, hdf5: bytes, compression: int = zipfile.ZIP_STORED) -> Path:
    file = folder / "network.keras"
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", "no description at all: it is not read")
        archive.writestr("model.weights.h5", hdf5)
    return file


def test_a_whole_file_is_read_whatever_its_description_says(tmp_path: Path) -> None:
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        weights = read_keras_weights(_file(tmp_path, _hdf5(), compression), DENSE)
        assert [weight.shape for weight in weights] == [(784, 20), (20,), (20, 10), (10,)]


def _replace(name: str, **options: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[name]
        file.create_dataset(name, **options)

    return change


def _link(link: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        file["elsewhere"] = file[_KERNEL]
        del file[_KERNEL]
        file[_KERNEL] = link

    return change


def _external_storage(file: h5py.File) -> None:
    del file[_KERNEL]
    file.create_dataset(_KERNEL, (784, 20), "<f4", external=[("/etc/passwd", 0, 784 * 20 * 4)])


def _virtual(file: h5py.File) -> None:
    del file[_KERNEL]
    layout = h5py.VirtualLayout((784, 20), "<f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "secret", (784, 20))
    file.create_virtual_dataset(_KERNEL, layout)


def _group_instead(file: h5py.File) -> None:
    del file[_KERNEL]
    file.create_group(_KERNEL)


def _data_set_instead_of_group(file: h5py.File) -> None:
    del file["layers/dense"]
    file["layers/dense"] = np.ones(3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_external_storage, "must stand in model.weights.h5"),
        (_virtual, "must stand in model.weights.h5"),
        (_link(h5py.SoftLink("/elsewhere")), "no hard link '0'"),
        (_link(h5py.ExternalLink("/etc/passwd", "/elsewhere")), "no hard link '0'"),
        (_replace(_KERNEL, shape=(784, 20), dtype="<f4", chunks=(784, 20), compression="gzip"), "not compressed"),
        (_replace(_KERNEL, shape=(784, 20), dtype="<f4", fillvalue=7.0), "whole"),
        (_replace(_KERNEL, data=np.ones((784, 20))), "must be float32 of shape .*float64"),
        (_replace(_KERNEL, data=np.ones((784, 20), ">f4")), "must be float32 of shape"),
        (_replace(_KERNEL, data=np.ones((20, 784), np.float32)), r"shape \(784, 20\).*\(20, 784\)"),
        (_replace(_KERNEL, shape=(2**40, 2**10), dtype="<f4", chunks=(1, 1)), "must be float32 of shape"),
        (_replace(_KERNEL, data="text"), "must be float32 of shape"),
        (_group_instead, "must be a data set. Received: Group"),
        (_data_set_instead_of_group, "no hard link 'vars'"),
        (lambda file: file.pop("layers/dense_1"), "output/kernel.*no hard link 'dense_1'"),
    ],
)
def test_numbers_that_do_not_plainly_stand_in_the_file_are_refused(
    change: Callable[[h5py.File], None], words: str, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=words):
        read_keras_weights(_file(tmp_path, _hdf5(change)), DENSE)


def test_numbers_cut_off_in_the_middle_are_refused(tmp_path: Path) -> None:
    whole = _hdf5()
    for length in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        with pytest.raises(WeightsError):
            read_keras_weights(_file(tmp_path, whole[:length]), DENSE)


def test_damaged_bytes_give_weights_or_a_reason_and_nothing_else(tmp_path: Path) -> None:
    whole, chance = _hdf5(), np.random.default_rng(3)
    structure = len(whole) - 4 * (784 * 20 + 20 + 200 + 10)
    for _ in range(300):
        damaged = bytearray(whole)
        for place in chance.integers(0, min(structure, len(whole)), 4):
            damaged[place] = chance.integers(0, 256)
        try:
            weights = read_keras_weights(_file(tmp_path, bytes(damaged)), DENSE)
        except WeightsError:
            continue
        assert [weight.shape for weight in weights] == [(784, 20), (20,), (20, 10), (10,)]


@pytest.mark.parametrize(
    "names", [["config.json"], ["model.weights.h5", "../escape"], ["model.weights.h5", "assets/a"], []]
)
def test_an_archive_of_other_members_is_refused(names: list[str], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "network.keras", "w") as archive:
        for name in names:
            archive.writestr(name, _hdf5())
    with pytest.raises(WeightsError, match=r"must hold config.json, metadata.json, model.weights.h5"):
        read_keras_weights(tmp_path / "network.keras", DENSE)


def test_a_member_that_stands_twice_in_the_archive_is_refused(tmp_path: Path) -> None:
    file = _file(tmp_path, _hdf5())
    with zipfile.ZipFile(file, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("model.weights.h5", b"another")
    with pytest.raises(WeightsError, match="must hold"):
        read_keras_weights(file, DENSE)


def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = _file(tmp_path, bytes(65 * 1024 * 1024), zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 100_000
    with pytest.raises(WeightsError, match=r"at most 67,108,864 bytes\. Received: 68,157,4"):
        read_keras_weights(bomb, DENSE)
    # One whose directory claims less than it unpacks to.
    claimed = bomb.read_bytes().replace((65 * 1024 * 1024).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    bomb.write_bytes(claimed)
    with pytest.raises(WeightsError):
        read_keras_weights(bomb, DENSE)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "network.keras").write_bytes(content)
    with pytest.raises(WeightsError):
        read_keras_weights(tmp_path / "network.keras", DENSE)


def test_keras_numbers_its_groups_as_the_reader_expects(tmp_path: Path) -> None:
    # Two of each kind that holds weights, in an order in which names and numbers differ.
    convolution, normalised = LayerSpec("Conv2D", filters=2), LayerSpec("BatchNormalization")
    dense, flatten = LayerSpec("Dense", units=3), LayerSpec("Flatten")
    spec = NetworkSpec("own", (dense, convolution, normalised, dense, convolution, flatten, normalised, dense), 2.0)
    network = network_with_random_weights(spec)
    network.save(tmp_path / "network.keras")
    _assert_same(read_keras_weights(tmp_path / "network.keras", spec), network.get_weights())


def test_the_limit_lets_the_largest_network_with_its_optimizer_through() -> None:
    assert weights_module.LARGEST_BYTES > 3 * 4 * 5_000_000
