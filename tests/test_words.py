"""The field's terms hold: no private word comes back as an identifier or a phrase, and the glossary names them all."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
_GLOSSARY = PROJECT / "docs" / "glossary.md"
_PLACES = ("app.py", "model_lib", "ui", "pages", "benchmarks", "tests")

# Banned everywhere, as whole identifiers; the glossary says what stands in their place.
IDENTIFIERS = frozenset(
    [
        "SILENCE_OF_THE_LIVING_SECONDS",
        "born",
        "last_words",
        "write_whole",
        "Likeness",
        "Favourites",
        "find_favourites",
        "ascend",
        "middle_field",
        "dreamt_figure",
        "principal_plane",
        "neighbour_map",
        "Mixup",
        "good_ones",
        "Suspect",
        "Verdict",
        "Bent",
        "PassedOn",
        "LargestOfBlock",
        "UnitSum",
        "rivals",
        "computed",
        "shared_out",
        "share_out_cores",
        "shares_of",
        "WeightParts",
        "RISING",
        "drive",
        "LayerMaps",
        "_FOLLOWERS",
        "Opened",
        "_adopt_specks",
        "shaken_network",
    ]
)
# Common words that are private only as the name of a function or a method, or as an attribute of one's own.
ENGINE_DEFINITIONS = frozenset(["take", "give", "cut", "join", "of", "connect", "drop", "normalise"])
ENGINE_ATTRIBUTES = frozenset(["numbers"])
INTERPRETABILITY_ATTRIBUTES = frozenset(["number", "before", "after"])

PHRASES = (
    "it is out of breath",
    "Which process holds a run, and whether that process still lives",
    "the process's last words",
    "failed without a word",
    "nothing can be written, and the silence will tell",
    "The journal of a run",
    "What a run's journal tells, as numbers to be drawn",
    "the plane between digits and everything else",
    "has no say: its mistakes are its own",
    "the arithmetic of training, and nothing else",
    "Lends an untrained network and its steps",
    "steps that remember nothing",
    "the chance of this step",
    "None means that nothing is being learnt",
    "Names these very weights for as long as the process lives",
    "only behind them is a filter's answer finished",
    "The start of all chance",
    "where all chance comes from",
    "Files that exist only when they are whole",
    "Evaluations made anew",
    "Numbers as a picture of squares",
    "which a browser shows in no time",
    "What is made ready in the background",
    "it is found out by itself",
    "An augmented epoch is made while the one before is learnt",
    "the whole story in a line",
)

# Banned in whatever a visitor reads; the glossary says, in quotes, what stands in their place.
VISITOR_PHRASES = (
    "by heart",
    "comes along",
    "coffee break",
    "excites",
    "favourites",
    "filters that never answer",
    "image made for it",
    "Keras computed",
    "Laid out by",
    "Learning rate over time",
    "learns nothing",
    "may refuse",
    "misread",
    "networks say",
    "of all differences",
    "Other habits of writing",
    "Out of the queue",
    "people it learnt from",
    "read as",
    "read right",
    "reminds the network",
    "slope of the score",
    "softmax shares out",
    "speak for",
    "speak of",
    "The worst confusions",
    "What a filter is for",
    "What a filter likes",
    "What it saw",
    "Where the images lie",
    "Why this answer",
    "wired to",
)
# Common words that are private only as a whole label.
VISITOR_LABELS = frozenset(
    [
        "10 x 10",
        "as it says",
        "Certainty",
        "Confusions and images",
        "endless",
        "Framing",
        "makes",
        "ONNX Runtime computed",
        "Patience, epochs",
        "stays",
        "Why, or why not",
        "Winner",
    ]
)


@cache
def _files() -> tuple[Path, ...]:
    roots = [PROJECT / place for place in _PLACES]
    files = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.py")))]
    return tuple(file for file in files if file != Path(__file__))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _identifiers(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(_tree(file)):
        for field in ("id", "attr", "name", "arg", "asname", "module"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                found |= set(value.split("."))
    return found


def _text(file: Path) -> str:
    """Returns the text with line breaks, comment marks and joined string literals as single spaces."""
    text = re.sub(r"\n\s*#\s?", " ", file.read_text(encoding="utf-8"))
    text = re.sub(r"\"\s*\n\s*f?\"", "", text)
    return re.sub(r"\s+", " ", text).lower()


def _inside(*rooms: str) -> list[Path]:
    return [file for file in _files() if any(room in file.parts for room in rooms)]


def test_no_private_identifier_comes_back() -> None:
    found = {str(file.relative_to(PROJECT)): IDENTIFIERS & _identifiers(file) for file in _files()}
    assert {file: sorted(names) for file, names in found.items() if names} == {}


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_private_phrase_comes_back(phrase: str) -> None:
    assert [str(file.relative_to(PROJECT)) for file in _files() if phrase.lower() in _text(file)] == []


@cache
def _shown_texts() -> dict[str, tuple[str, ...]]:
    """Returns what a visitor may read, by file: string literals that are no docstrings, scripts, the six programs
    with what is said of them, README, changelog.
    """
    shown = {name: ((PROJECT / name).read_text(encoding="utf-8"),) for name in ("README.md", "CHANGELOG.md")}
    files = [file for kind in ("*.js", "*.toml") for file in (PROJECT / "ui").rglob(kind)]
    files += (PROJECT / "programs").glob("*.[pt]*")
    shown |= {file.name: (file.read_text(encoding="utf-8"),) for file in files}
    for file in _files():
        if file.relative_to(PROJECT).parts[0] in ("app.py", "pages", "ui", "model_lib"):
            shown[str(file.relative_to(PROJECT))] = tuple(_literals(_tree(file)))
    return shown


def _literals(tree: ast.Module) -> list[str]:
    """Returns the string literals of a module but docstrings; values within an f-string as {}."""
    passed_over: set[int] = set()
    found = []
    for node in ast.walk(tree):  # from the outside to the inside
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed_over.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            passed_over |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
            found.append("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed_over:
            found.append(node.value)
    return found


@pytest.mark.parametrize("phrase", VISITOR_PHRASES)
def test_no_private_phrase_is_shown_to_a_visitor(phrase: str) -> None:
    pattern = re.compile(rf"\b{re.escape(phrase)}\b", re.IGNORECASE)
    found = {file: [text for text in texts if pattern.search(text)] for file, texts in _shown_texts().items()}
    assert {file: texts for file, texts in found.items() if texts} == {}


def test_no_private_label_is_shown_to_a_visitor() -> None:
    found = {file: VISITOR_LABELS & set(texts) for file, texts in _shown_texts().items()}
    assert {file: texts for file, texts in found.items() if texts} == {}


def test_the_engine_names_its_functions_and_attributes_by_the_fields_terms() -> None:
    wrong = set()
    for file in (PROJECT / "model_lib" / "engine").glob("*.py"):
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.FunctionDef) and node.name in ENGINE_DEFINITIONS | ENGINE_ATTRIBUTES:
                wrong.add(f"{file.name}: {node.name}")
            is_own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
            if is_own and node.attr in ENGINE_ATTRIBUTES:
                wrong.add(f"{file.name}: .{node.attr}")
    assert not wrong


def test_layers_outputs_have_the_fields_names() -> None:
    wrong = set()
    for file in _inside("interpretability", "layers", "look_inside", "figures"):
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.Attribute) and node.attr in INTERPRETABILITY_ATTRIBUTES:
                wrong.add(f"{file.relative_to(PROJECT)}: .{node.attr}")
    assert not wrong


def test_the_glossary_names_every_banned_word() -> None:
    glossary = set(re.findall(r"`([^`]+)`", _GLOSSARY.read_text(encoding="utf-8")))
    banned = IDENTIFIERS | ENGINE_DEFINITIONS | ENGINE_ATTRIBUTES | INTERPRETABILITY_ATTRIBUTES
    assert banned - glossary == set()


def test_the_glossary_quotes_only_words_that_no_visitor_reads() -> None:
    rows = [line for line in _GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| **")]
    quoted = {word for row in rows for word in re.findall(r'"([^"]+)"', re.split(r"(?<!\\)\|", row)[-2])}
    assert quoted
    assert quoted - set(VISITOR_PHRASES) - VISITOR_LABELS == set()


def test_the_glossary_has_each_term_once_with_three_columns() -> None:
    rows = [line for line in _GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| **")]
    terms = [re.match(r"\| \*\*(.+?)\*\*", row)[1] for row in rows]
    assert len(terms) > 60
    assert len(set(terms)) == len(terms)
    assert terms == sorted(terms, key=str.casefold)
    for row in rows:
        columns = [column.strip() for column in re.split(r"(?<!\\)\|", row)[1:-1]]
        assert len(columns) == 4, row
        assert columns[1].endswith("."), row


def test_the_names_in_the_glossarys_code_exist() -> None:
    """The identifiers that the glossary offers, in its definitions, are identifiers of the library."""
    offered = set()
    for line in _GLOSSARY.read_text(encoding="utf-8").splitlines():
        if line.startswith("| **"):
            offered |= set(re.findall(r"`(\w+)`", re.split(r"(?<!\\)\|", line)[2]))
    known = set().union(*(_identifiers(file) for file in _files()))
    assert offered - known == set()
