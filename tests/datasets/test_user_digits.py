"""My digits: what is kept comes back, and nothing that is not a digit gets in."""

import io
import os
from pathlib import Path

import numpy as np
import pytest

from model_lib.datasets.loading import load_dataset
from model_lib.datasets.user_digits import ImportResult, UserDigitError, UserDigitSet, sweep_deleted_digits
from tests.support.drawn_digits import DRAWN_DIGITS

_TRAIN = load_dataset("mnist").train


def _collection(folder: Path, count: int = 3) -> UserDigitSet:
    collection = UserDigitSet(folder / "mine")
    for image, label in zip(_TRAIN.images[:count], _TRAIN.labels[:count], strict=True):
        collection.add(image, int(label), DRAWN_DIGITS[int(label)])
    return collection


def _npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_a_new_collection_is_empty(tmp_path: Path) -> None:
    collection = UserDigitSet(tmp_path / "none")
    assert len(collection) == 0
    assert collection.digits() == []
    assert collection.as_split().images.shape == (0, 28, 28)
    assert collection.delete_all() == []


def test_what_is_added_comes_back_in_order(tmp_path: Path) -> None:
    _collection(tmp_path)
    digits = UserDigitSet(tmp_path / "mine").digits()
    np.testing.assert_array_equal([digit.image for digit in digits], _TRAIN.images[:3])
    assert [digit.label for digit in digits] == _TRAIN.labels[:3].tolist()
    for digit in digits:
        for kept, drawn in zip(digit.strokes, DRAWN_DIGITS[digit.label], strict=True):
            np.testing.assert_allclose(kept, drawn, atol=1e-4)


def test_an_image_from_0_to_1_is_kept_as_256_greys(tmp_path: Path) -> None:
    collection = UserDigitSet(tmp_path)
    collection.add(_TRAIN.images[5].astype(np.float32) / 255, 2)
    np.testing.assert_array_equal(collection.as_split().images[0], _TRAIN.images[5])


def test_one_or_all_can_be_deleted(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    second = collection.digits()[1]
    collection.delete(second.id)
    collection.delete(second.id)  # two tabs may do so
    assert [digit.label for digit in collection.digits()] == [int(_TRAIN.labels[0]), int(_TRAIN.labels[2])]
    assert len(collection.delete_all()) == 2
    assert len(collection) == 0


def test_an_export_imported_elsewhere_is_the_same(tmp_path: Path) -> None:
    content = _collection(tmp_path).export()
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["images"], _TRAIN.images[:3])
        np.testing.assert_array_equal(arrays["labels"], _TRAIN.labels[:3])
    other = UserDigitSet(tmp_path / "other")
    assert other.import_(content) == ImportResult(added=3, known=0, labelled_otherwise=0)
    for mine, theirs in zip(UserDigitSet(tmp_path / "mine").digits(), other.digits(), strict=True):
        np.testing.assert_array_equal(mine.image, theirs.image)
        assert mine.label == theirs.label
        assert len(mine.strokes) == len(theirs.strokes)


def test_a_set_without_strokes_can_be_imported(tmp_path: Path) -> None:
    collection = UserDigitSet(tmp_path)
    assert collection.import_(_npz(images=_TRAIN.images[:4], labels=_TRAIN.labels[:4])).added == 4
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
    with pytest.raises(UserDigitError):
        collection.import_(content)
    assert len(collection) == 1


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, images=np.zeros((400_000, 28, 28), np.uint8), labels=np.zeros(400_000, int))
    assert len(stream.getvalue()) < 10 * 1024 * 1024
    with pytest.raises(UserDigitError, match="at most 256 MB once it is unpacked"):
        UserDigitSet(tmp_path).import_(stream.getvalue())


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
    collection = UserDigitSet(tmp_path)
    with pytest.raises(UserDigitError):
        collection.add(image, label)
    assert len(collection) == 0


def test_the_server_sweeps_the_deleted_digits_of_visitors_who_never_delete_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path))
    collection = _collection(tmp_path)
    old, new, _ = collection.digits()
    for digit in (old, new):
        collection.delete(digit.id)
    (aside,) = collection.folder.rglob(f"{old.id}.npz")
    os.utime(aside, times=(0, 0))
    (tmp_path / "notes.txt").write_text("no visitor's folder")
    sweep_deleted_digits()
    assert not aside.exists()
    assert len(collection) == 1
    assert collection.restore([old.id, new.id]) == 1


@pytest.mark.parametrize("digit_id", ["", "../other/0", "/etc/passwd", "a.npz", "a/b", "x*"])
def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path, digit_id: str) -> None:
    with pytest.raises(UserDigitError):
        UserDigitSet(tmp_path).delete(digit_id)


def test_a_damaged_file_does_not_hide_the_others(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    sorted(collection.folder.glob("*.npz"))[0].write_bytes(b"half of it")
    assert [digit.label for digit in collection.digits()] == _TRAIN.labels[1:3].tolist()


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    assert [file for file in collection.folder.iterdir() if file.name.startswith(".")] == []


def test_a_set_of_an_older_version_opens_and_its_digits_can_be_deleted(tmp_path: Path) -> None:
    # As they were written until version c780756: named by the time in nanoseconds and six letters.
    for number in range(3):
        name = f"{1_790_000_000_000_000_000 + number:016x}-{number:06x}.npz"
        np.savez(
            tmp_path / name,
            image=_TRAIN.images[number],
            label=np.array(_TRAIN.labels[number]),
            stroke_points=np.ones((4, 2), np.float32),
            stroke_lengths=np.array([3, 1]),
            stroke_counts=np.array([2]),
        )
    collection = UserDigitSet(tmp_path)
    digits = collection.digits()
    np.testing.assert_array_equal([digit.image for digit in digits], _TRAIN.images[:3])
    assert [len(digit.strokes) for digit in digits] == [2, 2, 2]
    collection.delete(digits[0].id)
    assert [digit.id for digit in collection.digits()] == [digit.id for digit in digits[1:]]


def test_a_deleted_digit_comes_back_as_it_was(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    before, second = collection.export(), collection.digits()[1]
    collection.delete(second.id)
    assert len(collection) == len(collection.digits()) == len(collection.as_split().labels) == 2
    assert collection.restore([second.id]) == 1
    assert collection.export() == before
    assert collection.restore([second.id]) == 0


def test_all_deleted_digits_come_back_as_they_were(tmp_path: Path) -> None:
    collection = _collection(tmp_path, 12)
    before = [(digit.id, digit.label, digit.image.tobytes()) for digit in collection.digits()]
    deleted = collection.delete_all()
    assert len(collection) == 0
    assert collection.restore(deleted) == 12
    assert [(digit.id, digit.label, digit.image.tobytes()) for digit in collection.digits()] == before


def test_a_second_click_on_delete_costs_no_undo(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    first, second, _ = collection.digits()
    collection.delete(first.id)
    collection.delete(first.id)
    collection.delete(second.id)
    assert collection.restore([first.id]) == 1
    assert collection.restore([second.id]) == 1


def test_a_digit_that_was_added_again_since_is_not_brought_back_beside_itself(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    content = collection.export()
    deleted = collection.delete_all()
    collection.import_(content)
    assert collection.restore(deleted) == 0
    assert len(collection) == 3


def test_one_of_two_equal_digits_of_an_older_set_comes_back(tmp_path: Path) -> None:
    # A fault of earlier versions left the same image under two labels; cleaning up after it can be undone as well.
    for label in (3, 8):
        np.savez(tmp_path / f"18d0000000000{label}00-abcdef.npz", image=_TRAIN.images[0], label=np.array(label))
    collection = UserDigitSet(tmp_path)
    wrong = collection.digits()[0]
    collection.delete(wrong.id)
    assert collection.restore([wrong.id]) == 1
    assert [digit.label for digit in collection.digits()] == [3, 8]


def test_what_was_deleted_over_a_day_ago_is_gone_for_good(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    old, new, _ = collection.digits()
    collection.delete(old.id)
    (aside,) = collection.folder.rglob(f"{old.id}.npz")
    os.utime(aside, times=(0, 0))
    collection.delete(new.id)
    assert not list(collection.folder.rglob(f"{old.id}.npz"))
    assert collection.restore([old.id, new.id]) == 1


@pytest.mark.parametrize("digit_id", ["", "../other/0", "/etc/passwd", "a.npz"])
def test_nothing_is_brought_back_from_outside_the_folder(tmp_path: Path, digit_id: str) -> None:
    with pytest.raises(UserDigitError):
        UserDigitSet(tmp_path).restore([digit_id])


def test_a_file_that_is_there_already_adds_nothing(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    assert collection.import_(collection.export()) == ImportResult(added=0, known=3, labelled_otherwise=0)
    assert len(collection) == 3


def test_of_a_file_that_is_known_in_part_the_rest_is_added(tmp_path: Path) -> None:
    collection = _collection(tmp_path)
    labels = _TRAIN.labels[:6].copy()
    labels[2] = (labels[2] + 1) % 10
    result = collection.import_(_npz(images=_TRAIN.images[:6], labels=labels))
    assert result == ImportResult(added=3, known=2, labelled_otherwise=1)
    assert [digit.label for digit in collection.digits()] == _TRAIN.labels[:6].tolist()
    np.testing.assert_array_equal(collection.as_split().images, _TRAIN.images[:6])


def test_of_an_image_that_a_file_holds_twice_the_first_label_is_taken(tmp_path: Path) -> None:
    collection = UserDigitSet(tmp_path)
    result = collection.import_(_npz(images=_TRAIN.images[[0, 0, 0]], labels=np.array([5, 5, 6])))
    assert result == ImportResult(added=1, known=1, labelled_otherwise=1)
    assert collection.as_split().labels.tolist() == [5]


def test_a_set_that_is_nearly_full_takes_a_file_it_knows_but_none_with_new_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = _collection(tmp_path, 5)
    monkeypatch.setattr("model_lib.datasets.user_digits.MOST_DIGITS", 6)
    assert collection.import_(_npz(images=_TRAIN.images[:6], labels=_TRAIN.labels[:6])).added == 1
    with pytest.raises(UserDigitError, match="holds 6 digits at most"):
        collection.import_(_npz(images=_TRAIN.images[6:8], labels=_TRAIN.labels[6:8]))
    deleted = collection.delete_all()[:2]
    collection.import_(_npz(images=_TRAIN.images[10:15], labels=_TRAIN.labels[10:15]))
    with pytest.raises(UserDigitError, match="holds 6 digits at most"):
        collection.restore(deleted)
    assert len(collection) == 5
