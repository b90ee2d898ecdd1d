"""The documents name what there is, and nothing that is not there; the README's program runs."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig

PROJECT = Path(__file__).parent.parent
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "data").glob("*.md")])
README = (PROJECT / "README.md").read_text(encoding="utf-8")
_LONGEST_README = 120


def _named(document: str) -> set[str]:
    """Returns what a document sets in backticks."""
    return set(re.findall(r"`([^`\n]+)`", (PROJECT / "docs" / document).read_text(encoding="utf-8")))


def _page_titles() -> set[str]:
    tree = ast.parse((PROJECT / "app.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.Page"]
    return {ast.literal_eval(keyword.value) for call in calls for keyword in call.keywords if keyword.arg == "title"}


def test_no_heading_of_the_navigation_repeats_its_only_page() -> None:
    tree = ast.parse((PROJECT / "app.py").read_text(encoding="utf-8"))
    call = next(
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and "navigation" in ast.unparse(node.func)
    )
    headings = {ast.literal_eval(key): pages for key, pages in zip(call.args[0].keys, call.args[0].values, strict=True)}
    assert list(headings) == ["", "Compare", "Take home, bring along", "Understand", "Your digits", "Further inside"]
    for heading, pages in headings.items():
        assert len(pages.elts) > 1
        assert f"title='{heading}'" not in ast.unparse(pages)


def test_the_readme_is_read_in_two_minutes() -> None:
    assert len(README.splitlines()) <= _LONGEST_README


def test_the_readmes_tour_names_every_page() -> None:
    titles = _page_titles()
    assert titles
    assert titles <= set(re.findall(r"^\| [^|]*\| ([^|]+) \|", README, re.M))


def test_every_preset_is_documented() -> None:
    assert set(PRESETS) <= _named("training.md")


def test_the_readme_counts_the_presets() -> None:
    words = ("Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen")
    assert f"{words[len(PRESETS) - 6]} networks are ready" in README


def test_every_setting_is_documented() -> None:
    assert {field.name for field in dataclasses.fields(TrainingConfig)} <= _named("training.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text(encoding="utf-8"))
    assert not {target for target in targets if not (document.parent / target).exists()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_the_files_and_programs_that_a_document_names_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    files = re.findall(r"`((?:model_lib|ui|pages|tests|benchmarks|data|docs|scripts)/[\w./-]+\.\w+)`", text)
    assert not {file for file in files if not (PROJECT / file).exists()}
    programs = re.findall(r"python -m ((?:model_lib|benchmarks)[\w.]*\w)", text)
    assert not {program for program in programs if importlib.util.find_spec(program) is None}


def test_the_readmes_program_runs_in_another_folder_once_the_library_is_installed(tmp_path: Path) -> None:
    program = re.search(r"```python\n(.*?)```", README, re.S)
    assert program is not None
    (tmp_path / "program.py").write_text(program[1], encoding="utf-8")
    # An environment of its own, in which the dependencies are those of this one and only the library is installed.
    environment = venv.EnvBuilder()
    environment.create(tmp_path / "venv")
    python = environment.ensure_directories(tmp_path / "venv").env_exe
    (site,) = (tmp_path / "venv").glob("[lL]ib/**/site-packages")
    here = Path(pytest.__file__).parent.parent
    (site / "dependencies.pth").write_text(f"{here}\n", encoding="utf-8")
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", PROJECT]
    subprocess.run(install, check=True, capture_output=True)
    done = subprocess.run([python, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=150)
    assert done.stdout.splitlines()[0] == "7"  # the first test image of MNIST shows a seven
    assert done.stdout.splitlines()[1].startswith("finished "), done.stderr
    assert done.stderr == ""
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_the_upload_limit_that_the_server_document_names_is_the_one_that_is_set() -> None:
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    text = (PROJECT / "docs" / "server.md").read_text(encoding="utf-8")
    assert re.findall(r"larger than (\d+) MB", text) == [str(settings["server"]["maxUploadSize"])]


def test_importing_the_public_names_prints_nothing_and_loads_no_tensorflow() -> None:
    program = (
        "import sys; import model_lib.datasets, model_lib.networks, model_lib.drawing, model_lib.predictions, "
        "model_lib.runs; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
