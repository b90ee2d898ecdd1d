"""The JSON of a `.keras` file: read within limits, and refused where it names anything but Keras's own things."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from model_lib.own_networks.archive import OwnNetworkError, printable

_MOST_VALUES: Final = 50_000
_DEEPEST: Final = 40
_LONGEST_TEXT: Final = 500
# Where classes of an ordinary file come from. Nothing is ever imported by these names: a file that has others is not
# what it seems.
_MODULES: Final = re.compile(
    r"(keras|tf_keras)(\.src)?(\.(activations|constraints|dtype_policies|initializers|layers|losses|metrics|models"
    r"|engine|mixed_precision|optimizers|regularizers)(\.[a-z0-9_]+)*)?"
)
# Functions by name in a compiled network: Keras's own losses and metrics, and activations.
_FUNCTION: Final = re.compile(
    r"(sparse_)?(categorical|binary|top_k_categorical)_(crossentropy|accuracy)|mean_(squared|absolute)_error|mse|mae"
    r"|accuracy|linear|relu|leaky_relu|elu|gelu|silu|swish|sigmoid|tanh|softmax"
)
_TENSOR: Final = "__keras_tensor__"
# As Keras writes a number that is NumPy's, such as the options of ReLU in Keras 2.12.
_NUMBER: Final = "__numpy__"
_NUMBER_TYPES: Final = ("float16", "float32", "float64", "int32", "int64")


def read_json_object(content: bytes, name: str) -> dict[str, Any]:
    """Reads an object out of JSON that a stranger wrote.

    Args:
        content: at most some MB.
        name: of the file, for messages.

    Raises:
        OwnNetworkError: if it is no JSON object, too large or deep, or names what is not Keras's own.
    """
    try:
        found = json.loads(content, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except OwnNetworkError:
        raise
    except (ValueError, RecursionError) as error:
        raise OwnNetworkError(f"{name} is no JSON that can be read, or it is nested too deeply.") from error
    if not isinstance(found, dict):
        raise OwnNetworkError(f"{name} must hold one JSON object.")
    _check(found, name)
    return found


def _object(pairs: list[tuple[str, Any]]) -> Any:
    """Returns an object without a name that stands twice; a single NumPy number becomes a plain one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise OwnNetworkError("A name stands twice in an object of config.json, which may mean two things.")
    if found.get("class_name") == _NUMBER and set(found) == {"class_name", "config"}:
        config = found["config"]
        if isinstance(config, dict) and set(config) == {"value", "dtype"}:
            value, dtype = config["value"], config["dtype"]
            if type(value) in (int, float) and isinstance(dtype, str) and dtype in _NUMBER_TYPES:
                return value
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise OwnNetworkError(f"{printable(text)} in config.json is not a number.")


def _check(root: dict[str, Any], name: str) -> None:
    """Looks at every value, in a loop: a deep nesting costs no stack."""
    waiting: list[tuple[Any, int]] = [(root, 1)]
    count = 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if count > _MOST_VALUES or depth > _DEEPEST:
            raise OwnNetworkError(f"{name} has more values, or is nested deeper, than that of any network here.")
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            raise OwnNetworkError(f"{name} holds a text of {len(value):,} characters, such as packed program code.")
        if isinstance(value, dict):
            _check_object(value)
            waiting.extend((each, depth + 1) for each in value.values())
        elif isinstance(value, list):
            waiting.extend((each, depth + 1) for each in value)


def _check_object(entry: dict[str, Any]) -> None:
    """Refuses an object that names a class or a function which is not Keras's own."""
    if "class_name" not in entry:
        if "module" in entry or "registered_name" in entry:
            raise OwnNetworkError("An object of config.json names a module without a class.")
        return
    kind, module, registered = entry["class_name"], entry.get("module"), entry.get("registered_name")
    if kind == _TENSOR and module is None:
        return
    if kind == "function":
        function = entry.get("config")
        if isinstance(function, str) and _FUNCTION.fullmatch(function) and registered in (None, "function"):
            return
        raise _refused("function", function if isinstance(function, str) else kind)
    if not isinstance(kind, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,59}", kind):
        raise _refused("class", kind)
    if kind == "Lambda":
        raise OwnNetworkError(f"{_layer_title(entry)} is a Lambda layer: it holds program code, which is never run.")
    if module is not None and not (isinstance(module, str) and _MODULES.fullmatch(module)):
        raise OwnNetworkError(
            f"{_layer_title(entry)} comes from the module “{printable(module)}”. Only Keras's own layers are read."
        )
    if registered not in (None, kind):
        raise OwnNetworkError(
            f"{_layer_title(entry)} is an object of one's own (custom object, “{printable(registered)}”). "
            "Only Keras's own layers, losses and metrics are read."
        )


def _refused(what: str, name: object) -> OwnNetworkError:
    return OwnNetworkError(
        f"config.json names the {what} “{printable(name)}”, which is not one of Keras's own that are known here."
    )


def _layer_title(entry: dict[str, Any]) -> str:
    config = entry.get("config")
    name = config.get("name") if isinstance(config, dict) else None
    kind = printable(entry["class_name"])
    return f"“{printable(name)}” ({kind})" if isinstance(name, str) else kind
