"""app.py -> pages -> ui -> model_lib, one way; and no page loads Keras before its first picture stands."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
_LEVELS = ("model_lib", "ui", "pages", "app")


def _imported(file: Path) -> set[str]:
    """Returns the top-level names that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def _files(level: str) -> list[Path]:
    return [PROJECT / "app.py"] if level == "app" else sorted((PROJECT / level).rglob("*.py"))


@pytest.mark.parametrize("level", _LEVELS)
def test_nothing_imports_what_stands_above_it(level: str) -> None:
    forbidden = set(_LEVELS[_LEVELS.index(level) + 1 :]) | ({"pages"} if level == "pages" else set())
    if level == "model_lib":
        forbidden |= {"streamlit", "streamlit_drawable_canvas"}
    wrong = {str(file): names for file in _files(level) if (names := _imported(file) & forbidden)}
    assert _files(level)
    assert not wrong


@pytest.mark.parametrize("level", ["app", "pages"])
def test_pages_draw_no_figures_and_read_no_files_themselves(level: str) -> None:
    wrong = {
        str(file) for file in _files(level) if _imported(file) & {"plotly", "keras", "tensorflow", "pathlib", "os"}
    }
    assert not wrong


def test_what_the_pages_import_does_not_load_tensorflow() -> None:
    modules = [".".join(file.relative_to(PROJECT).with_suffix("").parts) for file in _files("ui")]
    program = f"import sys, importlib; [importlib.import_module(name) for name in {modules}]; "
    program += "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True).returncode == 0


@pytest.mark.parametrize("level", _LEVELS)
def test_every_file_says_what_it_is_and_fits_one_sitting(level: str) -> None:
    most = 150 if level in ("pages", "app") else 400
    for file in _files(level):
        text = file.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), file
        assert len(text.splitlines()) <= most, file
