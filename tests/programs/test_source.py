"""The six programs as they are shown: whole, in parts, with the settings and layers of their presets, all explained."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.programs.changes_table import changes_table
from model_lib.programs.explanations import changes, differences, explain
from model_lib.programs.source import PROGRAMS, PROGRAMS_FOLDER, load_program, parameter_arithmetic, tokens

# As published, where a count was; see docs/training.md.
_PARAMETERS = {
    "mlp": 101_770,
    "mlp_batchnorm": 104_906,
    "cnn_5x5": 592_074,
    "cnn_3x3": 693_962,
    "mnist_cnn": 1_199_882,
    "two_conv": 242_062,
}
_CONTENT = tomllib.loads((PROGRAMS_FOLDER / "explanations.toml").read_text(encoding="utf-8"))


def _tree(name: str) -> ast.Module:
    return ast.parse((PROGRAMS_FOLDER / f"{name}.py").read_text(encoding="utf-8"))


def _constants(name: str) -> dict[str, object]:
    """Returns the numbers that stand at the top of a program."""
    return {
        node.targets[0].id: node.value.value
        for node in _tree(name).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.targets[0], ast.Name)
    }


def test_there_is_a_file_for_each_program_and_no_other() -> None:
    assert {file.stem for file in PROGRAMS_FOLDER.glob("*.py")} == set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_has_20_to_60_lines_and_needs_nothing_but_what_tensorflow_brings(name: str) -> None:
    text = load_program(name).text
    assert 20 <= sum(bool(line.strip()) for line in text.splitlines()) <= 60
    modules = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {module.split(".")[0] for module in modules} <= {"keras", "numpy", "pathlib"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_has_the_settings_of_its_preset(name: str) -> None:
    config, constants = PRESET_CONFIGS[name], _constants(name)
    assert (constants["EPOCHS"], constants["BATCH_SIZE"]) == (config.epochs, config.batch_size)
    assert constants.get("TARGET") == config.target_accuracy
    text = load_program(name).text
    assert ("validation_split=0.2" in text, "validation_data=(x_test" in text) == (
        config.validation == "last",
        config.validation == "test",
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_layers_of_a_program_are_those_of_its_preset_with_their_numbers(name: str) -> None:
    calls = [
        node
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Call) and re.fullmatch(r"layers\.\w+", ast.unparse(node.func))
    ]
    calls.sort(key=lambda node: node.lineno)
    written = [
        (ast.unparse(node.func).removeprefix("layers."), [ast.unparse(each) for each in node.args]) for node in calls
    ]
    written = [each for each in written if each[0] != "Reshape"]
    options = {
        "Conv2D": ("filters", "kernel_size"),
        "MaxPooling2D": ("pool_size",),
        "Dense": ("units",),
        "Dropout": ("rate",),
    }
    expected = [
        (layer.kind, [str(getattr(layer, option)) for option in options.get(layer.kind, ())])
        for layer in PRESETS[name].layers
    ]
    assert written == [*expected, ("Dense", ["10"])]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_line_belongs_to_one_part_and_the_pieces_of_a_line_are_the_line(name: str) -> None:
    program = load_program(name)
    owned = [number for part in program.parts for number in part.lines]
    assert len(owned) == len(set(owned))
    blank = {number for number, line in enumerate(program.lines, 1) if not line.strip()}
    assert set(range(1, len(program.lines) + 1)) - set(owned) <= blank
    assert ["".join(text for text, _ in pieces) for pieces in tokens(name)] == program.lines


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_arithmetic_of_the_parameters_is_right_and_adds_up_to_the_published_count(name: str) -> None:
    total = 0
    for part in load_program(name).parts:
        if part.layer is None:
            continue
        written = parameter_arithmetic(part).replace(",", "").replace(" x ", "*")
        product, _, count = written.partition(" = ")
        number = int(re.match(r"\d+", count or product)[0])
        assert eval(product) == number
        total += number
    assert total == _PARAMETERS[name]


@pytest.mark.parametrize(
    ("name", "part", "expected"),
    [
        ("mlp", "dense_1", "(784 + 1) x 128 = 100,480"),
        ("two_conv", "conv2d_2", "(5 x 5 x 16 + 1) x 36 = 14,436"),
        ("mlp_batchnorm", "batch_normalization_1", "4 x 784 = 3,136, of them 1,568 not trained"),
        ("mnist_cnn", "dropout_2", "0"),
    ],
)
def test_parameters_are_counted_as_by_hand(name: str, part: str, expected: str) -> None:
    found = load_program(name).part(part)
    assert found is not None
    assert parameter_arithmetic(found) == expected


def test_every_part_is_explained_and_no_explanation_is_left_over() -> None:
    used = set()
    for name in PROGRAMS:
        program = load_program(name)
        for part in program.parts:
            assert len(explain(program, part)) > 40
            used.add((name if part.kind in _CONTENT.get(name, {}) else "every", part.kind))
    written = {(table, key) for table, texts in _CONTENT.items() if isinstance(texts, dict) for key in texts}
    assert written == used


def test_what_two_programs_do_differently_stands_in_both_and_differs() -> None:
    assert len(differences()) >= 3
    for difference in differences():
        for side in (difference.left, difference.right):
            program = load_program(side.program)
            assert all(program.part(part) is not None for part in side.parts), difference.id
            for line in side.code.splitlines():
                assert line.strip() in program.text
            assert "# %%" not in side.code
        assert difference.left.code != difference.right.code
        assert difference.why


def test_what_keras_3_writes_stands_in_the_program_that_is_named() -> None:
    for change in changes():
        program = load_program(change.program)
        part = program.part(change.part)
        assert part is not None
        if "Adam(" not in change.keras_3:  # the programs leave Adam's default to Keras
            written = re.split(r", (?=layers)", change.keras_3)[0]
            assert written in program.excerpt([part.id])
        assert change.keras_2.split("(")[0] not in program.text or "(" in change.keras_2


def test_the_table_of_then_and_now_shows_code_as_text() -> None:
    table = changes_table(changes())
    assert "if logs.get(&#x27;acc&#x27;) &gt; 0.995:" in table.replace("<wbr>", "")
    assert table.count("<tr>") == len(changes()) + 1
    assert "`" not in table
