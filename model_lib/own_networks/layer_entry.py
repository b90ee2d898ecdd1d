"""One layer as a `.keras` file describes it, and whether the layers form a chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_lib.own_networks.archive import OwnNetworkError, printable


@dataclass(frozen=True)
class LayerEntry:
    """One layer as the file has it."""

    kind: str
    name: str
    config: Mapping[str, Any]

    @property
    def title(self) -> str:
        return f"The layer “{printable(self.name)}” ({self.kind})"

    def refuse(self, reason: str) -> OwnNetworkError:
        return OwnNetworkError(f"{self.title} {reason}")

    def expect(self, option: str, allowed: tuple[Any, ...]) -> None:
        """Refuses another value of an option than these; a missing one has Keras's default, the first."""
        value = self.config.get(option, allowed[0])
        if not any(type(value) is type(each) and value == each for each in allowed):
            raise self.refuse(f"has {option} = {printable(value)}, which this app's layers cannot express.")

    def whole(self, option: str, most: int) -> int:
        """Returns a whole number from 1, also of a pair of the same ones."""
        value = self.config.get(option)
        pair = value if isinstance(value, list) else [value]
        if not 1 <= len(pair) <= 2 or any(type(each) is not int or each != pair[0] for each in pair):
            raise self.refuse(f"has {option} = {printable(value)}; expected is one whole number, or a square.")
        number = int(pair[0] or 0)
        if not 1 <= number <= most:
            raise self.refuse(f"has {option} = {printable(number)}; allowed is 1 to {most:,}.")
        return number


def check_chain(config: Mapping[str, Any], layers: list[dict[str, Any]], entries: list[LayerEntry]) -> None:
    """Makes sure that each layer reads the one before it and nothing else."""
    if entries[0].kind != "InputLayer":
        raise entries[0].refuse("comes first, where an InputLayer is expected.")
    for before, layer, entry in zip(entries, layers[1:], entries[1:], strict=False):
        if _sources_of(layer.get("inbound_nodes"), entry) != [before.name]:
            raise entry.refuse(f"does not read “{before.name}” alone. Only a plain chain of layers is read.")
    for key, name in (("input_layers", entries[0].name), ("output_layers", entries[-1].name)):
        ends = config.get(key)
        if isinstance(ends, list) and len(ends) == 1:
            ends = ends[0]
        if ends != [name, 0, 0]:
            raise OwnNetworkError(f"The network must have one input and one output, at the ends of its chain ({key}).")


def _sources_of(nodes: object, entry: LayerEntry) -> list[object]:
    """Returns the names of the layers that a layer reads, as Keras 3 or Keras 2 writes them; none if it is unclear."""
    if not isinstance(nodes, list) or len(nodes) != 1:
        raise entry.refuse("is used more than once, or not at all. Only a plain chain of layers is read.")
    node = nodes[0]
    options: object = {}
    history: Any = None
    if isinstance(node, dict):  # Keras 3
        args, options = node.get("args"), node.get("kwargs", {})
        if isinstance(args, list) and len(args) == 1 and isinstance(args[0], dict):
            tensor: Any = args[0].get("config")
            is_tensor = args[0].get("class_name") == "__keras_tensor__" and isinstance(tensor, dict)
            history = tensor["keras_history"] if is_tensor and "keras_history" in tensor else None
    elif isinstance(node, list) and len(node) == 1 and isinstance(node[0], list) and len(node[0]) == 4:  # Keras 2
        history, options = node[0][:3], node[0][3]
    if not isinstance(options, dict) or any(
        name not in ("training", "mask") or value not in (None, False) for name, value in options.items()
    ):
        raise entry.refuse("is called with options that a plain chain of layers does not have.")
    if not isinstance(history, list) or len(history) != 3 or history[1:] != [0, 0]:
        return []
    return history[:1]
