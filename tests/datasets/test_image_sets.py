"""An image set is kept by its contents, listed for its visitor alone, split without overlap, and goes when it may."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from model_lib.datasets.image_set_names import image_count, is_image_set, split_name, training_image_count
from model_lib.datasets.image_sets import (
    MOST_IMAGES,
    MOST_SETS,
    ImageSet,
    ImageSetCollection,
    ImageSetError,
    sweep_image_sets,
)
from model_lib.datasets.loading import (
    DatasetError,
    Split,
    class_names,
    dataset_title,
    load_dataset,
    names_of_test_sets,
    training_images,
)

TEST = load_dataset("mnist").test
OWNER, OTHER = "0123456789ab", "ba9876543210"


@pytest.fixture(autouse=True)
def digits_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path))
    return tmp_path


def part(start: int, count: int = 150) -> Split:
    return Split(TEST.images[start : start + count], TEST.labels[start : start + count])


def keep(start: int = 0, owner: str = OWNER, title: str = "mine", count: int = 150) -> ImageSet:
    split = part(start, count)
    return ImageSetCollection(owner).add(split, title, [f"{place}.png" for place in range(count)])


def age(folder: Path) -> None:
    """Makes every file two days old."""
    for file in folder.rglob("*"):
        os.utime(file, (time.time() - 2 * 86_400,) * 2)


def test_a_kept_set_is_loaded_under_its_name_as_test_images_in_the_visitors_order() -> None:
    kept = keep(7)
    data = load_dataset(kept.name)
    np.testing.assert_array_equal(data.test.images, part(7).images)
    np.testing.assert_array_equal(data.test.labels, part(7).labels)
    assert len(data.train.labels) == 0 and training_images(kept.name) == 0
    assert image_count(kept.name) == kept.images == 150
    assert class_names(kept.name) == data.class_names == class_names("mnist")
    assert dataset_title(kept.name) == data.title == "Own image set (150 images)"
    assert names_of_test_sets(kept.name) == (kept.name,)
    assert ImageSetCollection(OWNER).file_names(kept.name)[149] == "149.png"


def test_a_fifth_of_each_label_is_split_off_for_the_test_and_nothing_is_lost_or_doubled() -> None:
    kept = keep(count=1003)
    data = load_dataset(split_name(kept.name))
    assert len(data.test.labels) == 200 and len(data.train.labels) == 803
    assert training_images(split_name(kept.name)) == training_image_count(split_name(kept.name)) == 803
    whole = sorted(image.tobytes() for image in part(0, 1003).images)
    assert sorted(image.tobytes() for each in (data.train, data.test) for image in each.images) == whole
    counts = np.bincount(part(0, 1003).labels, minlength=10)
    assert np.abs(np.bincount(data.test.labels, minlength=10) - counts / 5).max() < 1
    label_of = {image.tobytes(): label for image, label in zip(TEST.images, TEST.labels, strict=True)}
    assert all(
        label_of[image.tobytes()] == label for image, label in zip(data.train.images, data.train.labels, strict=True)
    )
    # The last part of the training images is held out for validation: it must be a mixture.
    assert len(set(data.train.labels[-100:].tolist())) == 10
    assert names_of_test_sets(split_name(kept.name)) == (split_name(kept.name), "mnist")
    np.testing.assert_array_equal(data.train.images, load_dataset(split_name(kept.name)).train.images)


def test_another_image_or_label_gives_another_name_and_the_same_ones_the_same() -> None:
    first, second = keep(0), keep(1)
    assert first.name != second.name
    relabelled = Split(part(0).images, (part(0).labels + 1) % 10)
    assert ImageSetCollection(OWNER).add(relabelled, "", [""] * 150).name not in (first.name, second.name)
    assert keep(0, OTHER).name == first.name


def test_each_visitor_has_their_own_list_and_names_are_kept_as_text() -> None:
    keep(0, title="  <b>bold</b>\n\x07 and **more** " + "x" * 200)
    assert [each.title for each in ImageSetCollection(OWNER).sets()] == ["<b>bold</b> and **more** xxxxxxxxxxxxxxx"]
    assert ImageSetCollection(OTHER).sets() == []


def test_a_set_cannot_be_kept_twice_nor_more_than_five_nor_too_large() -> None:
    keep(0)
    with pytest.raises(ImageSetError, match="kept already"):
        keep(0)
    for start in range(1, MOST_SETS):
        keep(start)
    with pytest.raises(ImageSetError, match="You can keep 5 image sets"):
        keep(99)
    too_many = Split(np.zeros((MOST_IMAGES + 1, 28, 28), np.uint8), np.zeros(MOST_IMAGES + 1, np.uint8))
    with pytest.raises(ImageSetError, match="1 to 20,000 images"):
        ImageSetCollection(OTHER).add(too_many, "", [""] * (MOST_IMAGES + 1))


def test_deleting_is_undone_and_a_full_list_says_why_not() -> None:
    collection, kept = ImageSetCollection(OWNER), keep(0)
    collection.delete(kept.name)
    collection.delete(kept.name)
    assert collection.sets() == []
    assert collection.restore(kept.name) and collection.restore(kept.name)
    assert collection.sets() == [kept]
    collection.delete(kept.name)
    for start in range(1, MOST_SETS + 1):
        keep(start)
    with pytest.raises(ImageSetError, match="You can keep 5"):
        collection.restore(kept.name)


def test_images_stay_as_long_as_an_entry_or_a_run_needs_them(digits_folder: Path) -> None:
    deleted, trained, shared, young = keep(0), keep(1), keep(2), keep(3)
    keep(2, OTHER)
    for each in (deleted, trained, shared):
        ImageSetCollection(OWNER).delete(each.name)
    age(digits_folder)
    ImageSetCollection(OWNER).delete(young.name)
    sweep_image_sets({split_name(trained.name), "mnist"})
    with pytest.raises(DatasetError, match="have been deleted"):
        load_dataset(deleted.name)
    for each in (trained, shared, young):
        assert len(load_dataset(each.name).test.labels) == 150
    assert not ImageSetCollection(OWNER).restore(deleted.name)
    assert ImageSetCollection(OWNER).restore(young.name)


def test_images_that_are_not_those_of_the_name_are_not_loaded(digits_folder: Path) -> None:
    first, second = keep(0), keep(1)
    folder = digits_folder / "image_sets"
    (folder / f"{second.name}.npz").replace(folder / f"{first.name}.npz")
    with pytest.raises(DatasetError, match="damaged"):
        load_dataset(first.name)
    np.savez(folder / f"{first.name}.npz", images=np.array([{}], object), labels=np.zeros(1))
    with pytest.raises(DatasetError, match="damaged"):
        load_dataset(first.name)


@pytest.mark.parametrize("name", ["own_1_" + "g" * 32, "own_1_" + "0" * 31, "../own_1_" + "0" * 32, "own__" + "0" * 32])
def test_what_is_no_name_of_a_set_opens_no_file(name: str) -> None:
    assert not is_image_set(name)
    with pytest.raises(DatasetError, match="must be one of"):
        load_dataset(name)
    with pytest.raises(ImageSetError, match="must match"):
        ImageSetCollection(OWNER).delete(name)


def test_damaged_entries_are_passed_over(digits_folder: Path) -> None:
    kept = keep(0)
    folder = digits_folder / OWNER / "sets"
    (folder / f"own_5_{'0' * 32}.json").write_text("{}")
    (folder / f"own_6_{'0' * 32}.json").write_text("no json")
    (folder / f"files-{kept.name}.json").write_text("[]")
    assert ImageSetCollection(OWNER).sets() == [kept]
    assert ImageSetCollection(OWNER).file_names(kept.name) == ("",) * 150
