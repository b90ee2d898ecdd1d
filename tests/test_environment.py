"""Environment variables: read in one place, documented, and empty as good as unset."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from model_lib import environment
from model_lib.environment import FASHION_MNIST_FOLDER, TRAINING_SCHEDULER, TRAINING_WORKERS, VARIABLES, VariableError
from model_lib.runs import runs_root

_PROJECT = Path(__file__).parent.parent
_FILES = [
    file
    for folder in ("model_lib", "ui", "pages")
    for file in sorted((_PROJECT / folder).rglob("*.py"))
    if file != Path(environment.__file__)
]


def _reads_of_the_environment(source: str) -> set[int]:
    """Returns the lines that name `environ` or `getenv`, in whatever way they were imported."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.lineno: node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.lineno: node.id for node in nodes if isinstance(node, ast.Name) if node.id in ("environ", "getenv")}
    return {line for line, name in names.items() if name in ("environ", "environb", "getenv")}


def test_the_search_finds_every_way_to_read_the_environment() -> None:
    source = "import os\nfrom os import environ, getenv\nos.environ['A']\nos.getenv('A')\nenviron.get('A')\ngetenv('A')"
    assert _reads_of_the_environment(source) == {3, 4, 5, 6}


def test_no_other_file_reads_the_environment() -> None:
    found = {
        f"{file.relative_to(_PROJECT)}:{line}"
        for file in [*_FILES, _PROJECT / "app.py"]
        for line in _reads_of_the_environment(file.read_text(encoding="utf-8"))
    }
    assert not found


def test_every_variable_has_its_line_in_the_documents_table_and_no_other_has() -> None:
    text = (_PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.M)) == {variable.name for variable in VARIABLES}


def test_a_variables_purpose_is_one_sentence() -> None:
    assert all(re.fullmatch(r"[A-Z][^.]*\.", variable.purpose) for variable in VARIABLES)


@pytest.mark.parametrize("text", [None, "", "  "])
def test_an_empty_variable_is_as_good_as_unset(text: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
        if text is not None:
            monkeypatch.setenv(variable.name, text)
        assert variable.read() is None
    assert runs_root() == _PROJECT / "runs"


def test_values_are_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FASHION_MNIST_FOLDER", str(tmp_path / "a" / ".." / "b"))
    monkeypatch.setenv("TRAINING_WORKERS", " 3 ")
    monkeypatch.setenv("TRAINING_SCHEDULER", "tcp://127.0.0.1:8786\n")
    assert FASHION_MNIST_FOLDER.read() == tmp_path / "b"
    assert TRAINING_WORKERS.read() == 3
    assert TRAINING_SCHEDULER.read() == "tcp://127.0.0.1:8786"


@pytest.mark.parametrize("text", ["two", "0", "-1", "\u00b2", "1025", "9" * 5000])
def test_an_impossible_number_is_an_error_that_names_variable_range_and_remedy(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINING_WORKERS", text)
    with pytest.raises(VariableError, match=r"TRAINING_WORKERS must be a whole number from 1 to 1024\. .*unset it"):
        TRAINING_WORKERS.read()
