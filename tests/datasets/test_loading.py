"""The data sets are the published ones, and damage is noticed."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from model_lib.datasets import loading as datasets
from model_lib.datasets.loading import (
    CLASSES,
    FASHION_FILES,
    TITLES,
    TRAINING_IMAGES,
    DatasetError,
    class_names,
    load_dataset,
)


def test_mnist_is_the_canonical_one() -> None:
    dataset = load_dataset("mnist")
    assert dataset.train.images.shape == (60_000, 28, 28)
    assert dataset.test.images.shape == (10_000, 28, 28)
    assert dataset.train.images.dtype == np.uint8
    # The md5 of the original idx files' contents behind their headings, as published with the data set.
    heading = bytes([0, 0, 8, 3]) + b"".join(side.to_bytes(4, "big") for side in (10_000, 28, 28))
    content = heading + dataset.test.images.tobytes()
    assert hashlib.md5(content).hexdigest() == "2646ac647ad5339dbf082846283269ea"
    assert dataset.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_a_damaged_file_is_noticed_and_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(datasets.MNIST_FILE.read_bytes())
    content[1_000_000] ^= 1
    damaged = tmp_path / "mnist.npz"
    damaged.write_bytes(content)
    monkeypatch.setattr(datasets, "MNIST_FILE", damaged)
    with pytest.raises(DatasetError, match=r"is damaged: its sha256 should be.*git checkout"):
        load_dataset("mnist")


def test_a_missing_file_is_noticed_and_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MNIST_FILE", tmp_path / "mnist.npz")
    with pytest.raises(DatasetError, match=r"could not be read.*git checkout"):
        load_dataset("mnist")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(DatasetError, match="one of mnist, fashion_mnist"):
        load_dataset("imagenet")


def _write_idx(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Writes a small data set in Fashion-MNIST's format and makes its checksums the expected ones."""
    rng = np.random.default_rng(1)
    arrays, checksums = {}, {}
    for part in FASHION_FILES:
        shape = (12, 28, 28) if "images" in part else (12,)
        array = rng.integers(0, 10, shape, np.uint8)
        heading = bytes([0, 0, 8, len(shape)]) + b"".join(side.to_bytes(4, "big") for side in shape)
        content = heading + array.tobytes()
        (folder / f"{part}.gz").write_bytes(gzip.compress(content))
        arrays[part], checksums[part] = array, hashlib.md5(content).hexdigest()
    monkeypatch.setattr(datasets, "FASHION_FILES", checksums)
    return arrays


def test_fashion_mnist_is_read_from_the_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = _write_idx(tmp_path, monkeypatch)
    dataset = load_dataset("fashion_mnist", tmp_path)
    assert (dataset.train.images == arrays["train-images-idx3-ubyte"]).all()
    assert (dataset.test.labels == arrays["t10k-labels-idx1-ubyte"]).all()
    assert dataset.class_names[9] == "Ankle boot"


def test_the_variable_comes_before_debians_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_idx(tmp_path, monkeypatch)
    debian = tmp_path / "debian"
    debian.mkdir()
    monkeypatch.setattr(datasets, "FASHION_DEBIAN_FOLDER", debian)
    with pytest.raises(DatasetError, match="three places"):
        load_dataset("fashion_mnist")
    monkeypatch.setenv("FASHION_MNIST_FOLDER", str(tmp_path))
    assert len(load_dataset("fashion_mnist").train.labels) == 12


def test_a_damaged_part_of_fashion_mnist_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_idx(tmp_path, monkeypatch)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\x01\x07"))
    with pytest.raises(DatasetError, match=r"train-labels-idx1-ubyte.*is damaged"):
        load_dataset("fashion_mnist", tmp_path)


def test_a_file_that_is_no_gzip_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_idx(tmp_path, monkeypatch)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(b"no gzip at all")
    with pytest.raises(DatasetError, match="could not be read"):
        load_dataset("fashion_mnist", tmp_path)


def test_where_fashion_mnist_is_missing_all_three_ways_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    def no_network(*arguments: object, **options: object) -> str:
        raise Exception("URL fetch failure")

    monkeypatch.delenv("FASHION_MNIST_FOLDER", raising=False)
    monkeypatch.setattr(datasets, "FASHION_DEBIAN_FOLDER", tmp_path / "nowhere")
    monkeypatch.setattr(keras.utils, "get_file", no_network)
    with pytest.raises(DatasetError, match=r"FASHION_MNIST_FOLDER.*apt install dataset-fashion-mnist.*download"):
        load_dataset("fashion_mnist")


def test_every_data_set_has_a_title_a_size_and_ten_names() -> None:
    assert set(TITLES) == set(TRAINING_IMAGES)
    for name in TITLES:
        assert len(set(class_names(name))) == CLASSES
