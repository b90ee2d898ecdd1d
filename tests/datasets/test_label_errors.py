"""The list of known label errors against the test set."""

from __future__ import annotations

from model_lib.datasets.label_errors import (
    CORRECTED,
    NO_CLEAR_DIGIT,
    NO_MAJORITY,
    VOTES,
    disputed_images,
    label_votes,
)
from model_lib.datasets.loading import load_dataset


def test_every_corrected_label_differs_from_the_one_in_the_test_set() -> None:
    given = {947: 8, 1621: 0, 1901: 9, 2462: 2, 2597: 5, 3558: 5, 5937: 5, 6651: 0, 6783: 1, 9729: 5}
    labels = load_dataset("mnist").test.labels
    assert {index: int(labels[index]) for index in CORRECTED} == given
    assert all(CORRECTED[index] != label for index, label in given.items())


def test_the_majorities_are_those_of_the_published_study() -> None:
    assert dict(CORRECTED) == {
        947: 9, 1621: 6, 1901: 4, 2462: 0, 2597: 3, 3558: 0, 5937: 3, 6651: 6, 6783: 6, 9729: 6,
    }  # fmt: skip
    assert (NO_CLEAR_DIGIT, NO_MAJORITY) == ((2654, 3520, 9679), (2130, 8527))
    assert disputed_images("mnist").tolist() == sorted([*CORRECTED, *NO_CLEAR_DIGIT, *NO_MAJORITY])


def test_five_people_judged_each_disputed_label_and_most_of_them_did_not_choose_it() -> None:
    labels = load_dataset("mnist").test.labels
    for index, votes in VOTES.items():
        assert votes.for_given + votes.for_proposed + votes.for_neither == 5
        assert votes.for_given <= 2
        assert votes.proposed != labels[index]


def test_votes_are_known_of_the_disputed_labels_of_mnist_alone() -> None:
    votes = label_votes("mnist", 2462)
    assert votes is not None
    assert (votes.for_given, votes.for_proposed, votes.for_neither) == (0, 4, 1)
    assert label_votes("mnist", 0) is label_votes("pen_digits", 947) is label_votes("fashion_mnist", 947) is None
