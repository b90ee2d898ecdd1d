"""app.py -> pages -> ui -> model_lib, one way; and no page loads Keras before its first picture stands."""

from __future__ import annotations

import ast
import graphlib
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
_LEVELS = ("model_lib", "ui", "pages", "app")

# Which room may import which, imports within functions included. A room is a folder, or a file beside the folders.
_LIBRARY_OF_PAGES = {
    "model_lib.comparison",
    "model_lib.compute",
    "model_lib.concepts",
    "model_lib.config",
    "model_lib.datasets",
    "model_lib.diagnostics",
    "model_lib.divergence",
    "model_lib.drawing",
    "model_lib.evaluation",
    "model_lib.export",
    "model_lib.figure_code",
    "model_lib.figures",
    "model_lib.image_sets",
    "model_lib.inference",
    "model_lib.interpretability",
    "model_lib.layers",
    "model_lib.networks",
    "model_lib.number_format",
    "model_lib.own_networks",
    "model_lib.predictions",
    "model_lib.pretrained",
    "model_lib.programs",
    "model_lib.runs",
    "model_lib.storage",
    "model_lib.sweeps",
}
ALLOWED: dict[str, set[str]] = {
    "model_lib": set(),
    "model_lib.files": set(),
    "model_lib.environment": set(),
    "model_lib.divergence": set(),
    "model_lib.number_format": set(),
    "model_lib.concepts": {"model_lib.datasets"},
    "model_lib.datasets": {"model_lib.environment", "model_lib.files"},
    "model_lib.config": {"model_lib.datasets"},
    "model_lib.networks": {"model_lib.config", "model_lib.datasets"},
    "model_lib.predictions": {
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.divergence",
        "model_lib.files",
        "model_lib.inference",
        "model_lib.networks",
    },
    "model_lib.image_sets": {"model_lib.datasets", "model_lib.drawing", "model_lib.files"},
    "model_lib.drawing": {"model_lib.datasets"},  # the side of an image; where the pen digits lie
    "model_lib.diagnostics": {"model_lib.config"},
    "model_lib.engine": {
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.diagnostics",
        "model_lib.environment",
        "model_lib.networks",
    },
    "model_lib.storage": {"model_lib.config", "model_lib.environment", "model_lib.files", "model_lib.networks"},
    "model_lib.inference": {"model_lib.config", "model_lib.datasets", "model_lib.environment", "model_lib.storage"},
    "model_lib.compute": {
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.engine",
        "model_lib.environment",
        "model_lib.evaluation",
        "model_lib.interpretability",
        "model_lib.layers",
        "model_lib.predictions",
        "model_lib.storage",
    },
    "model_lib.evaluation": {
        "model_lib.datasets",
        "model_lib.divergence",
        "model_lib.files",
        "model_lib.inference",
        "model_lib.number_format",
        "model_lib.predictions",
        "model_lib.storage",
    },
    "model_lib.comparison": {
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.evaluation",
        "model_lib.files",
        "model_lib.number_format",
        "model_lib.storage",
    },
    "model_lib.sweeps": {
        "model_lib.comparison",
        "model_lib.config",
        "model_lib.files",
        "model_lib.number_format",
        "model_lib.runs",
        "model_lib.storage",
        "model_lib.training",  # how many workers there are
    },
    "model_lib.export": {
        "model_lib.comparison",
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.environment",
        "model_lib.evaluation",
        "model_lib.figures",
        "model_lib.files",
        "model_lib.inference",
        "model_lib.networks",
        "model_lib.number_format",
        "model_lib.predictions",
        "model_lib.pretrained",
        "model_lib.storage",
    },
    "model_lib.own_networks": {
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.diagnostics",
        "model_lib.environment",
        "model_lib.evaluation",
        "model_lib.files",
        "model_lib.inference",
        "model_lib.predictions",
        "model_lib.storage",
    },
    "model_lib.layers": {"model_lib.config", "model_lib.datasets", "model_lib.inference"},
    "model_lib.interpretability": {"model_lib.config", "model_lib.datasets", "model_lib.layers"},
    "model_lib.figures": {
        "model_lib.comparison",
        "model_lib.concepts",
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.diagnostics",
        "model_lib.evaluation",
        "model_lib.interpretability",
        "model_lib.layers",
        "model_lib.number_format",
        "model_lib.storage",
        "model_lib.sweeps",
    },
    "model_lib.figure_code": {"model_lib.datasets", "model_lib.environment"},
    "model_lib.training": {
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.diagnostics",
        "model_lib.divergence",
        "model_lib.engine",
        "model_lib.environment",
        "model_lib.evaluation",
        "model_lib.number_format",
        "model_lib.storage",
    },
    "model_lib.pretrained": {
        "model_lib.storage",
        "model_lib.config",
        "model_lib.datasets",
        "model_lib.drawing",
        "model_lib.evaluation",
        "model_lib.files",
        "model_lib.inference",
        "model_lib.networks",
        "model_lib.predictions",
    },
    "model_lib.programs": {"model_lib.config"},
    "model_lib.runs": {"model_lib.config", "model_lib.storage", "model_lib.training"},
    "model_lib.train": {
        "model_lib.config",
        "model_lib.datasets",  # what the test sets are called
        "model_lib.diagnostics",
        "model_lib.engine",
        "model_lib.environment",
        "model_lib.number_format",
        "model_lib.predictions",
        "model_lib.pretrained",
        "model_lib.runs",
        "model_lib.storage",
        "model_lib.training",
    },
    "ui": set(),
    "ui.shared": _LIBRARY_OF_PAGES,
    "ui.shell": _LIBRARY_OF_PAGES | {"model_lib.engine", "model_lib.environment", "model_lib.training", "ui.shared"},
    "ui.train": _LIBRARY_OF_PAGES | {"model_lib.training", "ui.shared"},
    "ui.draw": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.look_inside": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.mistakes": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.data": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.compare": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.own_networks": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.sweep": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.take_home": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.how_it_works": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.own_images": _LIBRARY_OF_PAGES | {"ui.shared"},
    "ui.programs": _LIBRARY_OF_PAGES | {"ui.shared"},
    "pages": _LIBRARY_OF_PAGES
    | {
        "ui.compare",
        "ui.data",
        "ui.draw",
        "ui.how_it_works",
        "ui.look_inside",
        "ui.mistakes",
        "ui.own_images",
        "ui.own_networks",
        "ui.programs",
        "ui.shared",
        "ui.shell",
        "ui.sweep",
        "ui.take_home",
        "ui.train",
    },
    "app": {"ui.draw", "ui.shared", "ui.shell"},  # the route that answers while the pen is down; the menu that closes
}
# Which rooms may load TensorFlow or Keras, within functions included; imports for types alone do not count.
MAY_LOAD_TENSORFLOW = {
    "model_lib.datasets",
    "model_lib.engine",
    "model_lib.export",  # in a process of its own
    "model_lib.figure_code",  # its programs, which the app shows as text and nothing imports
    "model_lib.interpretability",
    "model_lib.networks",
    "model_lib.predictions",
    "model_lib.pretrained",
    "model_lib.train",
}
_MOST_MODULES = 18
_MOST_AT_THE_TOP = 12


def _imported(file: Path) -> set[str]:
    """Returns the top-level names that a file imports, wherever in it."""
    return {name.split(".")[0] for name in _imported_modules(file)}


def _imported_modules(file: Path) -> set[str]:
    """Returns what a file imports, wherever in it, as dotted names; those of `from a import b` as `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _loads_tensorflow(file: Path) -> bool:
    """Returns whether a file imports TensorFlow or Keras when it runs."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for_types = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for part in ast.walk(node)
    }
    names = [
        name
        for node in ast.walk(tree)
        if id(node) not in for_types
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    return any(name.split(".")[0] in ("keras", "tensorflow") for name in names)


def _room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] in ("model_lib", "ui") else parts[0]


def _files(level: str) -> list[Path]:
    return [PROJECT / "app.py"] if level == "app" else sorted((PROJECT / level).rglob("*.py"))


def _modules() -> list[tuple[str, Path]]:
    files = [file for level in _LEVELS for file in _files(level)]
    return [
        (".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"), file) for file in files
    ]


def test_each_room_imports_only_what_the_table_allows() -> None:
    wrong = set()
    for module, file in _modules():
        room = _room(module)
        for name in _imported_modules(file):
            other = _room(name)
            if other.split(".")[0] in _LEVELS and other != room and other not in ALLOWED[room]:
                wrong.add(f"{module} -> {other}")
    assert not wrong


def test_the_table_has_no_circle_and_no_arrow_that_nothing_needs() -> None:
    graphlib.TopologicalSorter(ALLOWED).prepare()  # raises for a circle
    used: dict[str, set[str]] = {}
    for module, file in _modules():
        used.setdefault(_room(module), set()).update(_room(name) for name in _imported_modules(file))
    library = {room for room in ALLOWED if room.startswith("model_lib")}
    unused = {f"{room} -> {other}" for room in library for other in ALLOWED[room] - used.get(room, set())}
    assert not unused


def test_only_the_rooms_of_the_table_load_tensorflow_and_each_of_them_does() -> None:
    assert {_room(module) for module, file in _modules() if _loads_tensorflow(file)} == MAY_LOAD_TENSORFLOW


def test_the_rooms_are_small_and_few_files_lie_at_the_top() -> None:
    top = [*(PROJECT / "model_lib").glob("*.py"), *(PROJECT / "ui").glob("*.py")]
    assert len(top) <= _MOST_AT_THE_TOP
    for level in ("model_lib", "ui"):
        for folder in [PROJECT / level, *(PROJECT / level).rglob("*/")]:
            assert len(list(folder.glob("*.py"))) <= _MOST_MODULES, folder


def test_the_library_knows_no_streamlit() -> None:
    assert not {
        str(file) for file in _files("model_lib") if _imported(file) & {"streamlit", "streamlit_drawable_canvas"}
    }


@pytest.mark.parametrize(
    "door",
    [
        "model_lib.datasets.load_dataset",
        "model_lib.networks.PRESETS",
        "model_lib.networks.build_network",
        "model_lib.drawing.strokes_to_image",
        "model_lib.predictions.load_pretrained",
        "model_lib.predictions.predict",
        "model_lib.runs.start_run",
        "model_lib.runs.list_runs",
    ],
)
def test_the_public_names_are_where_they_have_always_been(door: str) -> None:
    module, _, name = door.rpartition(".")
    assert hasattr(importlib.import_module(module), name)


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
