"""What the figures of a training's inside show, in a sentence: their text alternatives."""

from __future__ import annotations

from collections.abc import Sequence

from model_lib.config.layer_kinds import layer_title
from model_lib.diagnostics.statistics import PROBABILITIES, NetworkStatistics, Quantity


def describe_distribution(measured: Sequence[NetworkStatistics], name: str, quantity: Quantity) -> str:
    """Says where the numbers lie, e.g. "weights of Dense 1: median 0.001, from -0.08 to 0.08 by step 900"."""
    for each in reversed(measured):
        for layer in each.layers:
            quantiles = layer.quantiles(quantity)
            if layer.name == name and quantiles is not None:
                middle = quantiles[len(PROBABILITIES) // 2]
                span = f"from {quantiles[0]:.3g} to {quantiles[-1]:.3g}"
                title = layer_title(layer.kind, name)
                return f"{quantity} of {title}: median {middle:.3g}, {span}, after {each.step:,} steps"
    return f"{quantity}: nothing yet"


def describe_dead_units(measured: Sequence[NetworkStatistics]) -> str:
    """Says how many units of each layer are dead at the last step."""
    if not measured:
        return "dead units: nothing yet"
    counts = [
        f"{layer.dead:,} of {layer.units:,} in {layer_title(layer.kind, layer.name)}"
        for layer in measured[-1].layers
        if layer.dead is not None
    ]
    return f"dead units after {measured[-1].step:,} steps: {', '.join(counts)}"


def describe_gradient_norms(measured: Sequence[NetworkStatistics]) -> str:
    """Says what the norms of the gradients are, layer by layer, at the last step at which they are finite."""
    for each in reversed(measured):
        if each.gradient_norm is not None:
            norms = [f"{layer_title(layer.kind, layer.name)} {layer.gradient_norm:.3g}" for layer in each.layers]
            return f"norms of the gradients after {each.step:,} steps: {', '.join(norms)}"
    return "norms of the gradients: nothing yet"
