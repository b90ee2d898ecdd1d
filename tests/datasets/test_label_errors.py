"""The list of known label errors against the test set."""

from __future__ import annotations

from model_lib.datasets.label_errors import CORRECTED
from model_lib.datasets.loading import load_dataset


def test_every_corrected_label_differs_from_the_one_in_the_test_set() -> None:
    given = {947: 8, 1621: 0, 1901: 9, 2462: 2, 2597: 5, 3558: 5, 5937: 5, 6651: 0, 6783: 1, 9729: 5}
    labels = load_dataset("mnist").test.labels
    assert {index: int(labels[index]) for index in CORRECTED} == given
    assert all(CORRECTED[index] != label for index, label in given.items())
