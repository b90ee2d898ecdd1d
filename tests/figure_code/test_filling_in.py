"""What a visitor has chosen becomes a literal of the program, never code, and what is not chosen is left out."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from model_lib.datasets.image_set_names import split_name
from model_lib.datasets.image_sets import ImageSetCollection
from model_lib.datasets.loading import Split, load_dataset
from model_lib.figure_code.image_source import Part, dataset_source, single_image
from model_lib.figure_code.programs import figure_names, figure_program

_HOSTILE = ["'\"; import os; os.abort() #", 'a"\nimport os\n', "\\", "{RUN}", "é" * 9 + "\u2028", '"""', "\ud800"]


def _constants(program: str) -> dict[str, object]:
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(program).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()
    }


@pytest.mark.parametrize("text", _HOSTILE)
def test_any_text_stays_a_text(text: str) -> None:
    program = figure_program("look_inside/feature_maps", RUN=text, LAYER=text, IMAGE=3)
    plain = figure_program("look_inside/feature_maps", IMAGE=3)
    assert _constants(program) == _constants(plain) | {"RUN": text, "LAYER": text}
    others = [
        [ast.dump(node) for node in ast.parse(each).body if not ast.unparse(node).startswith(("RUN", "LAYER"))]
        for each in (program, plain)
    ]
    assert others[0] == others[1]


def test_numbers_of_numpy_and_lists_are_plain_literals() -> None:
    values = {"KERNEL": [[np.float64(1.5), 2], [3, 4]], "IMAGE": np.int64(7)}
    constants = _constants(figure_program("further_inside/convolution", **values))
    assert (constants["KERNEL"], constants["IMAGE"]) == ([[1.5, 2], [3, 4]], 7)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object(), len, np.zeros(2), b"bytes"])
def test_a_value_that_is_no_literal_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="`values` must be finite numbers"):
        figure_program("data/picture", IMAGE=value)


def test_unknown_programs_constants_and_sources_are_refused() -> None:
    with pytest.raises(ValueError, match="`name` must be one of compare/side_by_side, data/class_counts"):
        figure_program("data/../programs")
    with pytest.raises(ValueError, match=r"`values` must be constants of data/picture: IMAGE\. Received: RUN"):
        figure_program("data/picture", RUN="runs")
    with pytest.raises(ValueError, match="`sources` must be at most 1"):
        figure_program("data/picture", dataset_source("mnist"), dataset_source("mnist"))
    with pytest.raises(ValueError, match="`name` must be one of mnist, "):
        dataset_source("digits")


def test_what_is_not_chosen_is_left_out_with_its_constant() -> None:
    plain = figure_program("mistakes/gallery", MISTAKES_ONLY=True)
    chosen = figure_program("mistakes/gallery", MISTAKES_ONLY=False, LABEL=0, WRITER=3)
    assert {"LABEL", "PREDICTION", "WRITER", "BETWEEN"} & set(_constants(plain)) == set()
    assert "is_shown &= predictions != labels" in plain
    assert {"LABEL", "WRITER"} == {"MISTAKES_ONLY", "LABEL", "PREDICTION", "WRITER"} & set(_constants(chosen))
    assert "is_shown &= labels == LABEL" in chosen
    assert "predictions != labels" not in chosen


@pytest.mark.parametrize("name", figure_names())
def test_a_program_is_python_and_ends_with_an_empty_line_whatever_images_it_reads(name: str) -> None:
    text = figure_program(name)
    if 'np.load("data/' in text and "writers" not in text:
        for source in (dataset_source("pen_digits"), dataset_source("fashion_mnist", "train")):
            ast.parse(figure_program(name, source))
    ast.parse(text)
    assert text.endswith("figure.show()\n")
    assert "\n\n\n" not in text


def test_a_drawing_is_read_back_as_it_was_drawn() -> None:
    drawing = np.random.default_rng(0).integers(0, 256, (28, 28)) / 255
    names: dict[str, object] = {}
    program = figure_program("data/picture", single_image(drawing), IMAGE=0)
    exec(program.replace("figure.show()", ""), names)
    np.testing.assert_allclose(np.asarray(names["images"])[0] / 255, drawing)


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_program_has_the_images_of_a_visitors_set_in_the_order_of_a_training(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITS_FOLDER", str(tmp_path))
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (130, 28, 28), np.uint8)
    images[100:] = images[:30]  # the same images once more, with other labels
    mine = Split(images, rng.integers(0, 10, 130, np.uint8))
    name = split_name(ImageSetCollection("0123456789ab").add(mine, "Mine", [""] * 130).name)
    names: dict[str, object] = {}
    program = figure_program("data/mean_images", dataset_source(name, part))
    exec(program.replace("figure.show()", ""), names)
    expected = load_dataset(name)
    split = expected.test if part == "test" else expected.train
    np.testing.assert_array_equal(np.asarray(names["images"]), split.images)
    np.testing.assert_array_equal(np.asarray(names["labels"]), split.labels)
