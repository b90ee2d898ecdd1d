"""Files that Keras 2.12 to 2.15 wrote are read and answer as that Keras did; see tests/data/keras2/make_files.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_lib.inference.session import InferenceNetwork
from model_lib.own_networks.reading import read_network
from tests.support.app_server import PROJECT

_FILES = sorted((PROJECT / "tests" / "data" / "keras2").glob("*.keras"))


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_a_file_of_keras_2_answers_as_keras_2_did(file: Path) -> None:
    read = read_network(file.read_bytes())
    with np.load(file.with_suffix(".npz")) as arrays:
        images, answers = arrays["images"], arrays["answers"]
    white = 255.0 if file.stem.startswith("sequential") else 1.0  # it divides by 255 itself
    found = InferenceNetwork(read.spec(white), read.weights).predict(images.astype(np.float32) / 255)
    np.testing.assert_allclose(found, answers, atol=1e-5)


def test_all_ways_in_which_keras_2_names_its_groups_are_there() -> None:
    assert {file.stem for file in _FILES} == {
        "sequential_2_12",  # _layer_checkpoint_dependencies/dense_2 for the second one, numbers of NumPy
        "windows_2_13",  # alike, joined by backslashes
        "functional_2_14",  # _layer_checkpoint_dependencies/dense_1
        "sequential_2_15",  # layers/dense_1
    }
