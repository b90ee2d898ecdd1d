"""What to try after a training that diverged, from its network and its settings."""

from __future__ import annotations

from model_lib.config.network import NetworkSpec
from model_lib.config.training import TrainingConfig


def what_to_try(spec: NetworkSpec, config: TrainingConfig) -> list[str]:
    """Returns what keeps such a training from diverging, the likeliest first, a line each for the visitor."""
    rate = config.rate
    lines = [f"A smaller learning rate: a tenth, {rate / 10:g}, instead of {rate:g}."]
    kinds = [layer.kind for layer in spec.layers]
    if spec.pixel_scale > 1.0 and "BatchNormalization" not in kinds[:1]:
        lines.append(f"Scaled pixels: this network multiplies them by {spec.pixel_scale:g}; 0 to 1 is usual.")
    if config.optimizer == "sgd":
        lines.append(
            "The optimizer Adam: it divides each step by the size of the last gradients, which SGD does not."
            if config.momentum == 0
            else f"Less momentum than {config.momentum:g}, or the optimizer Adam, whose steps keep their size."
        )
    if "BatchNormalization" not in kinds:
        lines.append("A BatchNormalization layer behind the first layer: it keeps the numbers of a layer about 0.")
    return lines
