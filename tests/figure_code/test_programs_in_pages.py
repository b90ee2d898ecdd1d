"""Every figure of the pages has its program below it, and the programs are the visitor's to carry away."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from model_lib.figure_code.programs import FOLDER, figure_names
from tests.support.figure_programs import PROJECT

_CHARTS: Final = ("show_chart", "clickable_chart", "clickable_charts")
# Figures without a program, by the function that shows them, and why.
WITHOUT: Final = {
    "ui/draw/details.py:_show_moments": "the visitor's strokes lie in no file",
    "ui/look_inside/feature_visualization.py:_show_found": "of each filter the first of the nine images below, cut out",
    "ui/look_inside/convolution_demo.py:_sheet": "one program for both sheets: _show_sixteen",
    "ui/look_inside/trace.py:show_trace": "one program for all figures of the arithmetic: output.py",
    "ui/look_inside/trace.py:_convolution": "the same",
    "ui/look_inside/trace.py:_max_pooling": "the same",
    "ui/look_inside/trace.py:_dense": "the same",
    "ui/compare/chance/all_pairs.py:_show_intervals": "of several runs at once, whose numbers stand in the table above",
    "ui/compare/chance/gallery.py:_show_sheet": "of two runs at once; each image has its programs",
    "ui/compare/chance/seeds.py:_show_pairs": "of several runs at once, whose numbers stand in their event logs",
    "ui/data/augmentation.py:_show_original": "the image above, once more",
    "ui/data/augmentation.py:show_variants": "the augmentation is the training's own code, drawn by chance",
    "ui/compare/vote_result.py:show_accuracies": "of several runs, while a program reads the files of one",
    "ui/compare/vote_images.py:show_sheet": "the same",
    "ui/own_images/preview.py:show_images": "of files that lie on the visitor's own machine",
    "ui/programs/results.py:_show_images": "its program stands beside it: that is what the page is about",
    "ui/programs/run_results.py:_show_confusion": "the same",
    "ui/programs/run_results.py:_show_curve": "the same",
    "ui/programs/run_results.py:_show_hundred": "the same",
    "ui/compare/curves.py:_live": "it is redrawn all the time; the program stands below it: show_curves",
    "ui/compare/cost.py:show_cost": "multiplications are counted by the app's own table of layers",
    "ui/sweep/view.py:_live": "it is redrawn all the time, from the folders of many runs",
    "ui/sweep/view.py:_show_details": "the table beside it has its numbers",
    "ui/train/run_view.py:_live": "it is redrawn all the time; the program stands below it: show_run",
}
# The pictures of ideas follow a slider; what they show stands beside them as numbers and formulas.
_IDEAS: Final = "ui/how_it_works/"
# What a program may import: the constraint that makes it one's own.
_LIBRARIES: Final = {"keras", "numpy", "plotly"}
_MORE: Final = {
    "tensorflow": "Keras has no function of its own for gradients",
    "sklearn": "t-SNE would be longer than all other programs",
}


def _functions(file: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _calls(function: ast.FunctionDef) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def test_every_figure_of_a_page_has_its_program_or_a_reason() -> None:
    without = set()
    for file in [*(PROJECT / "pages").glob("*.py"), *(PROJECT / "ui").rglob("*.py")]:
        for function in _functions(file):
            calls = list(_calls(function))
            has_fold = any(name == "show_code" for name, _ in calls)
            for name, call in calls:
                if name in _CHARTS and not has_fold and "code" not in [each.arg for each in call.keywords]:
                    without.add(f"{file.relative_to(PROJECT).as_posix()}:{function.name}")
    assert {name for name in without if not name.startswith(_IDEAS)} == set(WITHOUT)


def test_every_program_is_shown_by_a_page() -> None:
    texts = "\n".join(file.read_text(encoding="utf-8") for file in (PROJECT / "ui").rglob("*.py"))
    names = {name.rpartition("/")[2] for name in figure_names()}
    # Put together from a name and a choice.
    names -= {"embedding_pca", "embedding_tsne"}
    assert 'f"further_inside/embedding_{method}"' in texts
    assert {name for name in names if f'{name}"' not in texts} == set()


@pytest.mark.parametrize("name", figure_names())
def test_a_program_imports_only_what_it_says_and_shows_one_figure(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names | _LIBRARIES | set(_MORE)
    assert ast.unparse(tree.body[-1]) == "figure.show()"
    assert ast.get_docstring(tree)


def test_nothing_imports_a_program() -> None:
    imported = set()
    for place in ("pages", "ui", "model_lib", "benchmarks", "tests"):
        for file in (PROJECT / place).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            imported |= set(re.findall(r"^ *(?:from|import) model_lib\.figure_code([\w.]*)(?=\s)", text, re.M))
    assert imported == {".image_source", ".programs"}
