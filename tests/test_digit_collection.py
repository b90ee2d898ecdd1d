"""My digits: what is kept comes back, and nothing that is not a digit gets in."""

import io
from pathlib import Path

import numpy as np
import pytest

from model_lib.datasets import load_dataset
from model_lib.digit_collection import CollectionError, DigitCollection
from tests.drawn_digits import DRAWN_DIGITS

_TRAIN = load_dataset("mnist").train


def _collection(folder: Path, count: int = 3) -> DigitCollection:
    collection = DigitCollection(folder / "mine")
    for image, label in zip(_TRAIN.images[:count], _TRAIN.labels[:count], strict=True):
        collection.add(image, int(label), DRAWN_DIGITS[int(label)])
    return collection


def _npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_a_new_collection_is_empty(tmp_path: Path) -> None:
    collection = DigitCollection(tmp_path / "none")
    assert len(collection) == 0
    assert collection.digits() == []
    assert collection.as_split().images.shape == (0, 28, 28)
    assert collection.delete_all() == 0


def test_what_is_added_comes_back_in_order(tmp_path: Path) -> None:
    _collection(tmp_path)
    digits = DigitCollection(tmp_path / "mine").digits()
    np.testing.assert_array_equal([digit.image for digit in digits], _TRAIN.images[:3])
    assert [digit.label for digit in digits] == _TRAIN.labels[:3].tolist()
    for digit in digits:
        for kept, drawn in zip(digit.strokes, DRAWN_DIGITS[digit.label], strict=True):
            np.testing.assert_allclose(kept, drawn, atol=1e-4)


def test_an_image_from_0_to_1_is_kept_as_256_greys(tmp_path: Path) -> None:
    collection = DigitCollection(tmp_path)
    collection.add(_TRAIN.images[5].astype(np.float32) / 255, 2)
    np.testing.assert_array_equal(collection.as_split().images[0], _TRAIN.images[5])


def test_one_or_all_can_be_deleted(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    second = collection.digits()[1]
    collection.delete(second.id)
    collection.delete(second.id)  # two tabs may do so
    assert [digit.label for digit in collection.digits()] == [int(_TRAIN.labels[0]), int(_TRAIN.labels[2])]
    assert collection.delete_all() == 2
    assert len(collection) == 0


def test_an_export_imported_elsewhere_is_the_same(tmp_path: Path) -> None:
    content = _collection(tmp_path).export()
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["images"], _TRAIN.images[:3])
        np.testing.assert_array_equal(arrays["labels"], _TRAIN.labels[:3])
    other = DigitCollection(tmp_path / "other")
    assert other.import_(content) == 3
    for mine, theirs in zip(DigitCollection(tmp_path / "mine").digits(), other.digits(), strict=True):
        np.testing.assert_array_equal(mine.image, theirs.image)
        assert mine.label == theirs.label
        assert len(mine.strokes) == len(theirs.strokes)


def test_a_set_without_strokes_can_be_imported(tmp_path: Path) -> None:
    collection = DigitCollection(tmp_path)
    assert collection.import_(_npz(images=_TRAIN.images[:4], labels=_TRAIN.labels[:4])) == 4
    assert all(digit.strokes == () for digit in collection.digits())


_IMAGES, _LABELS = _TRAIN.images[:2], _TRAIN.labels[:2]
_STROKES = {
    "stroke_points": np.ones((3, 2), np.float32),
    "stroke_lengths": np.array([3]),
    "stroke_counts": np.array([1, 0]),
}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no file",
        _npz(images=_IMAGES),
        _npz(labels=_LABELS),
        _npz(images=_IMAGES, labels=_LABELS)[:-60],
        _npz(images=_IMAGES.astype(float), labels=_LABELS),
        _npz(images=_IMAGES[0], labels=_LABELS),
        _npz(images=_IMAGES[:, :20], labels=_LABELS),
        _npz(images=_IMAGES, labels=_LABELS[:1]),
        _npz(images=_IMAGES, labels=np.array([1.0, 2.0])),
        _npz(images=_IMAGES, labels=np.array([1, 10])),
        _npz(images=_IMAGES, labels=np.array([-1, 3])),
        _npz(images=np.array([None, None]), labels=_LABELS),
        _npz(images=np.zeros((5_001, 28, 28), np.uint8), labels=np.zeros(5_001, int)),
        _npz(images=_IMAGES, labels=_LABELS, **{**_STROKES, "stroke_lengths": np.array([4])}),
        _npz(images=_IMAGES, labels=_LABELS, **{**_STROKES, "stroke_counts": np.array([1])}),
        _npz(images=_IMAGES, labels=_LABELS, **{**_STROKES, "stroke_points": np.full((3, 2), np.nan)}),
        _npz(images=_IMAGES, labels=_LABELS, stroke_counts=np.array([0, 0])),
        bytes(11 * 1024 * 1024),
    ],
)
def test_a_bad_file_is_named_and_nothing_of_it_is_kept(tmp_path: Path, content: bytes) -> None:
    collection = _collection(tmp_path, 1)
    with pytest.raises(CollectionError):
        collection.import_(content)
    assert len(collection) == 1


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, images=np.zeros((400_000, 28, 28), np.uint8), labels=np.zeros(400_000, int))
    assert len(stream.getvalue()) < 10 * 1024 * 1024
    with pytest.raises(CollectionError, match="too large"):
        DigitCollection(tmp_path).import_(stream.getvalue())


@pytest.mark.parametrize(
    ("image", "label"),
    [
        (np.zeros((27, 28)), 1),
        (np.full((28, 28), np.nan), 1),
        (np.full((28, 28), 2.0), 1),
        (np.full((28, 28), -0.1), 1),
        (np.zeros((28, 28), int), 1),
        (np.zeros((28, 28)), 10),
        (np.zeros((28, 28)), -1),
        (np.zeros((28, 28)), 1.5),
        (np.zeros((28, 28)), True),
    ],
)
def test_what_is_no_labelled_image_is_not_kept(tmp_path: Path, image: np.ndarray, label: int) -> None:
    collection = DigitCollection(tmp_path)
    with pytest.raises(CollectionError):
        collection.add(image, label)
    assert len(collection) == 0


@pytest.mark.parametrize("digit_id", ["", "../other/0", "/etc/passwd", "a.npz", "a/b", "x*"])
def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path, digit_id: str) -> None:
    with pytest.raises(CollectionError):
        DigitCollection(tmp_path).delete(digit_id)


def test_a_damaged_file_does_not_hide_the_others(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    sorted(collection.folder.glob("*.npz"))[0].write_bytes(b"half of it")
    assert [digit.label for digit in collection.digits()] == _TRAIN.labels[1:3].tolist()


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    assert [file for file in collection.folder.iterdir() if file.name.startswith(".")] == []
