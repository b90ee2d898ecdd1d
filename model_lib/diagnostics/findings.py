"""What is conspicuous in the statistics of a training: dead units, gradients that explode or vanish, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from model_lib.config.layer_kinds import layer_title
from model_lib.diagnostics.statistics import LayerStatistics, NetworkStatistics

# From which share of a layer's units on dead ones are mentioned: fewer are usual, also before any training.
SOME_DEAD: Final = 0.1
# From which share on they are a warning. "As much as 40 % of your network can be dead if the learning rate is set too
# high" (Stanford's course CS231n, notes on neural networks, part 1, activation functions).
MANY_DEAD: Final = 0.4
# Norm of the whole gradient. That of the untrained presets is below 20, and it falls while they are trained:
# tests/diagnostics/test_findings.py measures them.
EXPLODING_NORM: Final = 100.0
# How many times smaller the norm in the first layer is than the largest of all layers (X. Glorot, Y. Bengio,
# "Understanding the difficulty of training deep feedforward neural networks", 2010, compare layers so). In the
# untrained presets it is at most 10 times smaller.
VANISHING_RATIO: Final = 100.0
# Loss, in nats, below which a gradient may be as small as it likes: the network has learnt.
_LEARNT_LOSS: Final = 1.0

Kind = Literal["dead", "exploding", "vanishing"]


@dataclass(frozen=True)
class Finding:
    """Something that is conspicuous in a training.

    Args:
        kind: what it is.
        text: for the visitor, whole sentences.
        is_warning: whether it keeps the network from learning, or may do so.
    """

    kind: Kind
    text: str
    is_warning: bool


def findings_of(measured: Sequence[NetworkStatistics]) -> list[Finding]:
    """Returns what is conspicuous in a training so far, the gravest first; nothing without a measurement.

    Args:
        measured: in the order of the steps.
    """
    if not measured:
        return []
    found = [*_exploding(measured), *_dead(measured), *_vanishing(measured[-1])]
    return sorted(found, key=lambda finding: not finding.is_warning)


def first_explosion(measured: Sequence[NetworkStatistics]) -> str | None:
    """Says after which step and in which layer the gradient exploded; None if it did not.

    Args:
        measured: in the order of the steps.
    """
    for number, each in enumerate(measured):
        if each.gradient_norm is not None and each.gradient_norm < EXPLODING_NORM:
            continue
        layer = _largest(each)
        if layer is not None:
            return _exploded_in(layer, each.step, measured[0])
        # A number too large for float32 makes NaN of all gradients at once: what was before it tells more.
        before = measured[number - 1] if number else None
        layer = None if before is None else _largest(before)
        if before is None or layer is None:
            return f"{_when(each.step).capitalize()} the gradient is no number."
        return (
            f"The gradient is no longer a number {_when(each.step)}; {_when(before.step)} it was largest in "
            f"{_title(layer)}, with a norm of {_text(layer.gradient_norm)}."
        )
    return None


def _exploded_in(layer: LayerStatistics, step: int, first: NetworkStatistics) -> str:
    norm = _text(layer.gradient_norm)
    if not step:
        return (
            f"The gradient is very large before any training: its norm in {_title(layer)} is {norm}. The numbers that "
            "go into the network may be too large; pixels from 0 to 1 are usual."
        )
    text = f"The gradient exploded {_when(step)}, most of all in {_title(layer)}: its norm there was {norm}"
    before = next((old.gradient_norm for old in first.layers if old.name == layer.name), None)
    if before is None or first.step == step:
        return f"{text}."
    return f"{text}, and {_text(before)} {_when(first.step)}."


def _exploding(measured: Sequence[NetworkStatistics]) -> list[Finding]:
    text = first_explosion(measured)
    return [] if text is None else [Finding("exploding", text, is_warning=True)]


def _dead(measured: Sequence[NetworkStatistics]) -> list[Finding]:
    found = []
    # A network of weights that are no numbers has no outputs to count.
    latest = next((each for each in reversed(measured) if each.gradient_norm is not None), measured[-1])
    for layer in latest.layers:
        share = (layer.dead or 0) / layer.units
        if layer.dead is None or share < SOME_DEAD:
            continue
        is_all, noun = layer.dead == layer.units, "filters" if layer.kind == "Conv2D" else "units"
        number = f"All {layer.units:,}" if is_all else f"{layer.dead:,} of {layer.units:,}"
        text = f"{number} {noun} of {_title(layer)} never fire (dead {noun}): output 0 on all {latest.images} images"
        before = next((old.dead for old in measured[0].layers if old.name == layer.name), None)
        text += "." if before is None or len(measured) < 2 else f", before training {before:,}."
        if is_all:
            text += " Nothing of the image gets through, and no gradient comes back: this cannot mend itself."
        found.append(Finding("dead", text, is_warning=share >= MANY_DEAD))
    return found


def _vanishing(latest: NetworkStatistics) -> list[Finding]:
    layers = [layer for layer in latest.layers if layer.kind != "BatchNormalization"]
    largest = _largest(latest)
    if len(layers) < 2 or largest is None or latest.loss is None or latest.loss < _LEARNT_LOSS:
        return []
    if any(layer.dead == layer.units for layer in layers):
        return []  # said of the layer
    first, most = layers[0].gradient_norm or 0.0, largest.gradient_norm or 0.0
    if first * VANISHING_RATIO > most or not most:
        return []
    times = f"{most / first:,.0f} times smaller than in {_title(largest)}" if first else "0"
    return [
        Finding(
            "vanishing",
            f"The gradient vanishes on its way back to the image: in {_title(layers[0])} its norm is {times}. "
            "The first layers hardly learn.",
            is_warning=True,
        )
    ]


def _largest(measured: NetworkStatistics) -> LayerStatistics | None:
    """Returns the layer with the largest gradient; None if any is not finite."""
    norms = [layer.gradient_norm for layer in measured.layers]
    if not norms or None in norms:
        return None
    return max(measured.layers, key=lambda layer: layer.gradient_norm or 0.0)


def _title(layer: LayerStatistics) -> str:
    return layer_title(layer.kind, layer.name)


def _steps(step: int) -> str:
    return f"{step:,} step{'' if step == 1 else 's'}"


def _when(step: int) -> str:
    return f"after {_steps(step)}" if step else "before any training"


def _text(norm: float | None) -> str:
    """Writes a norm with three significant digits: "0.0123", "2,110", "2.09e+14"."""
    if norm is None:
        return "no number"
    return f"{norm:,.0f}" if 1_000 <= norm < 1e6 else f"{norm:.3g}"
