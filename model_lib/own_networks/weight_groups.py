"""Where the arrays of a layer stand in `model.weights.h5`, which not all versions of Keras write alike."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import h5py

# The list of layers in Keras 3 and 2.15, and in 2.12 to 2.14. In 2.12 and 2.13 a layer with weights counts twice in it:
# the second Dense is dense_2, and there is no dense_1.
_LAYERS: Final = "layers"
_LAYERS_BEFORE_2_15: Final = "_layer_checkpoint_dependencies"


def group_of(root: h5py.File, kind: str, number: int) -> tuple[str, ...]:
    """Returns the names that lead to a layer's group, which need not be there.

    Args:
        root: the file; anything may stand in it.
        kind: name of the layer's class, as Keras writes it there.
        number: how many layers of this class come before it.
    """
    name = f"{kind}_{number}" if number else kind
    for container in (_LAYERS, _LAYERS_BEFORE_2_15):
        for join in (_in_a_group, _by_backslash):
            if not _has(root, join(container, kind)):
                continue
            if number and container != _LAYERS and not _has(root, join(container, f"{kind}_1")):
                name = f"{kind}_{2 * number}"
            return join(container, name)
    return _in_a_group(_LAYERS, name)


def _in_a_group(container: str, name: str) -> tuple[str, ...]:
    return (container, name)


def _by_backslash(container: str, name: str) -> tuple[str, ...]:
    """Joins them as Keras 2 does on Windows; to HDF5 that is one name."""
    return (f"{container}\\{name}",)


def _has(root: h5py.File, path: tuple[str, ...]) -> bool:
    """Returns whether hard links lead there; others are not followed."""
    found: Any = root
    with suppress(Exception):  # h5py raises nearly anything for a damaged file
        for name in path:
            if not isinstance(found.get(name, getlink=True), h5py.HardLink):
                return False
            found = found[name]
        return isinstance(found, h5py.Group)
    return False
