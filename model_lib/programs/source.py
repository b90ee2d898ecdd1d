"""The source of a program, divided into the parts that are explained one by one."""

from __future__ import annotations

import functools
import io
import keyword
import re
import textwrap
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from model_lib.config.presets import PRESETS
from model_lib.config.summary import LayerSummary, summarise

PROGRAMS: Final = ("mlp", "mlp_batchnorm", "cnn_5x5", "cnn_3x3", "mnist_cnn", "two_conv")
PROGRAMS_FOLDER: Final = Path(__file__).parent.parent.parent / "programs"
# The part above the first marker.
IMPORTS: Final = "imports"

# A cell's marker as editors know it ("percent format"): the id of the part, then what it does.
_MARKER: Final = re.compile(r"# %% (\w+): \S")
_LAYER: Final = re.compile(r"\b(?:layers|keras)\.(\w+)\(")
# Called like layers, but none that a summary lists.
_BESIDE_LAYERS: Final = {"Input": "input", "Reshape": "reshape"}

Kind = Literal["", "comment", "string", "number", "keyword"]


@dataclass(frozen=True)
class Part:
    """Lines of a program that are explained together.

    Args:
        id: unique in its program: the marker's, or the name of a layer as in the summary, e.g. "conv2d_1".
        lines: their numbers, from 1, ascending; other parts may lie between them.
        layer: the row of the summary, if it is a layer that has one.
        inputs: what that layer is given: (height, width, channels) or (units,); empty without a layer.
        kind: under which name its explanation stands: the Keras class of a layer, otherwise the id.
    """

    id: str
    lines: tuple[int, ...]
    layer: LayerSummary | None = None
    inputs: tuple[int, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class Program:
    """A program.

    Args:
        name: the preset's id.
        text: the whole file.
        parts: in the order of their first lines; each line but blank ones at a part's end belongs to one.
    """

    name: str
    text: str
    parts: tuple[Part, ...]

    @property
    def lines(self) -> list[str]:
        """Its lines, without line ends."""
        return self.text.splitlines()

    def part(self, name: str) -> Part | None:
        """Returns a part by its id; None if there is none."""
        return next((part for part in self.parts if part.id == name), None)

    def excerpt(self, names: Sequence[str]) -> str:
        """Returns the lines of some parts without their markers, as they follow each other in the program.

        What indents all lines of a stretch without gaps is left out.
        """
        lines = self.lines
        numbers = sorted(number for part in self.parts if part.id in names for number in part.lines)
        stretches: list[list[str]] = []
        for place, number in enumerate(numbers):
            if place == 0 or number - 1 != numbers[place - 1]:
                stretches.append([])
            if not _MARKER.match(lines[number - 1]):
                stretches[-1].append(lines[number - 1])
        return "\n".join(textwrap.dedent("\n".join(stretch)).strip("\n") for stretch in stretches)


@functools.cache
def load_program(name: str) -> Program:
    """Reads a program and divides it into its parts.

    Args:
        name: one of `PROGRAMS`.

    Raises:
        ValueError: if its layers are not those of the preset of this name.
    """
    text = (PROGRAMS_FOLDER / f"{name}.py").read_text(encoding="utf-8")
    return Program(name, text, _divide(name, text))


def _divide(name: str, text: str) -> tuple[Part, ...]:
    # The program takes raw pixels where the preset multiplies them back.
    rows = [row for row in summarise(PRESETS[name]) if row.kind != "Rescaling"]
    left = list(zip(rows, [(28, 28, 1), *(row.output_shape for row in rows)], strict=False))
    lines: dict[str, list[int]] = {IMPORTS: []}
    layers: dict[str, tuple[LayerSummary, tuple[int, ...]]] = {}
    section = IMPORTS
    for number, line in enumerate(text.splitlines(), 1):
        marker, call = _MARKER.match(line), _LAYER.search(line)
        if marker:
            section = marker[1]
        part = section
        if call and call[1] in _BESIDE_LAYERS:
            part = _BESIDE_LAYERS[call[1]]
        elif call and left and call[1] == left[0][0].kind:
            row, inputs = left.pop(0)
            part = row.name
            layers[part] = row, inputs
        lines.setdefault(part, []).append(number)
    if left:
        raise ValueError(f"The program {name} must have the layers of its preset. Missing: {left[0][0].name}.")
    return tuple(_part(part, _without_blank_end(numbers, text), layers.get(part)) for part, numbers in lines.items())


def _part(name: str, lines: tuple[int, ...], layer: tuple[LayerSummary, tuple[int, ...]] | None) -> Part:
    if layer is None:
        return Part(name, lines, kind=name)
    row, inputs = layer
    return Part(name, lines, row, inputs, "output" if row.name == "output" else row.kind)


def _without_blank_end(numbers: list[int], text: str) -> tuple[int, ...]:
    lines = text.splitlines()
    while numbers and not lines[numbers[-1] - 1].strip():
        numbers = numbers[:-1]
    return tuple(numbers)


@functools.cache
def tokens(name: str) -> tuple[tuple[tuple[str, Kind], ...], ...]:
    """Returns each line of a program as pieces of text, each with what it is, for typography.

    Args:
        name: one of `PROGRAMS`.
    """
    text = load_program(name).text
    marks: dict[int, list[tuple[int, int, Kind]]] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = _kind(token)
        if kind and token.start[0] == token.end[0]:
            marks.setdefault(token.start[0], []).append((token.start[1], token.end[1], kind))
    return tuple(_pieces(line, marks.get(number, [])) for number, line in enumerate(text.splitlines(), 1))


def _kind(token: tokenize.TokenInfo) -> Kind:
    if token.type == tokenize.COMMENT:
        return "comment"
    if token.type == tokenize.NUMBER:
        return "number"
    if token.type == tokenize.STRING or token.type in _PARTS_OF_F_STRINGS:
        return "string"
    return "keyword" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else ""


# From Python 3.12 on an f-string is several tokens.
_PARTS_OF_F_STRINGS: Final = tuple(
    getattr(tokenize, name) for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END") if hasattr(tokenize, name)
)


def _pieces(line: str, marks: list[tuple[int, int, Kind]]) -> tuple[tuple[str, Kind], ...]:
    pieces: list[tuple[str, Kind]] = []
    end = 0
    for start, stop, kind in marks:
        if start > end:
            pieces.append((line[end:start], ""))
        pieces.append((line[start:stop], kind))
        end = stop
    if end < len(line):
        pieces.append((line[end:], ""))
    return tuple(pieces)


def parameter_arithmetic(part: Part) -> str:
    """Returns how many numbers a layer holds, worked out from its shapes: "(784 + 1) x 128 = 100,480"; "0" for none.

    Args:
        part: one with a layer.
    """
    layer = part.layer
    if layer is None or not layer.parameters:
        return "0"
    if layer.kind == "BatchNormalization":
        fixed = layer.parameters - layer.trainable
        return f"4 x {part.inputs[-1]:,} = {layer.parameters:,}, of them {fixed:,} not trained"
    outputs = layer.output_shape[-1]
    window = round((layer.parameters / outputs - 1) / part.inputs[-1]) if layer.kind == "Conv2D" else 1
    side = round(window**0.5)
    inputs = f"{side} x {side} x {part.inputs[-1]}" if layer.kind == "Conv2D" else f"{part.inputs[-1]:,}"
    return f"({inputs} + 1) x {outputs} = {layer.parameters:,}"
