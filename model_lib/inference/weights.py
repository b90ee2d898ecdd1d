"""Reads a network's weights without Keras: out of a run's folder, and out of a `.keras` file, trusting nothing in it.

Keras's own loader runs or fetches what a file names (CVE-2025-1550, CVE-2025-9905 and others), reads files that an
HDF5 external storage or virtual data set points to (CVE-2026-1669, CVE-2026-12480) and believes any size that a shape
claims (CVE-2026-0897). Here the description in the file is not even read: the spec says which arrays there must be.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import NetworkSpec
from model_lib.inference.weight_shapes import BoundLayer, WeightsError, bound_layers
from model_lib.storage.checkpoints import load_weights
from model_lib.storage.run import Run

WEIGHTS_MEMBER: Final = "model.weights.h5"
# What a `.keras` file of Keras 3 consists of; networks of this app have no assets.
MEMBERS: Final = frozenset({"metadata.json", "config.json", WEIGHTS_MEMBER})
# Five million parameters with two slots of an optimizer are 60 MB.
LARGEST_BYTES: Final = 64 * 1024 * 1024

# Keras numbers a file's groups by class, whatever the layers are called. Only these kinds hold weights.
_GROUPS: Final[Mapping[str, str]] = {
    "Conv2D": "conv2d",
    "BatchNormalization": "batch_normalization",
    "Dense": "dense",
}


def read_run_weights(run: Run, epoch: int | None = None) -> list[NDArray[np.float32]]:
    """Reads the weights of a run, also of one that is still being trained.

    Args:
        run: the run.
        epoch: one of `run.epochs_done`; None for the newest weights there are.

    Returns:
        float32 arrays in the order of `network.get_weights()`.

    Raises:
        RunError: if the run has no weights yet, or the file is damaged or gone.
        NetworkError: if its spec cannot be built.
    """
    shapes = [shape for layer in bound_layers(run.spec) for shape in layer.weight_shapes.values()]
    return [np.asarray(weight, np.float32) for weight in load_weights(run, shapes, epoch)]


def read_keras_weights(file: Path, spec: NetworkSpec) -> list[NDArray[np.float32]]:
    """Reads the weights of a network out of the file that Keras's `save` wrote.

    Args:
        file: the `.keras` file, at most 64 MiB, also unpacked.
        spec: the network that it must hold the weights of.

    Returns:
        float32 arrays in the order of `network.get_weights()`.

    Raises:
        WeightsError: if it is no such file, is damaged, or holds other arrays than the network's.
        NetworkError: if the spec cannot be built.
        OSError: if the file cannot be read.
    """
    layers = bound_layers(spec)
    with file.open("rb") as stream:
        content = read_keras_member(stream, WEIGHTS_MEMBER)
    return list(_read_hdf5(content, layers))


def read_keras_member(stream: BinaryIO, member: str) -> bytes:
    """Unpacks one part of a `.keras` file into memory.

    Args:
        stream: the file; it may be anything.
        member: one of `MEMBERS`.

    Raises:
        WeightsError: for anything else than a zip file with these members, each once, of at most 64 MiB together.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if len(archive.infolist()) != len(entries) or not {member} <= set(entries) <= MEMBERS:
                names = ", ".join(repr(entry.filename) for entry in archive.infolist()[:5])
                raise WeightsError(f"A .keras file must hold {', '.join(sorted(MEMBERS))}. Received: {names:.300}.")
            size = sum(entry.file_size for entry in entries.values())
            if size > LARGEST_BYTES:
                raise WeightsError(f"The unpacked file must have at most {LARGEST_BYTES:,} bytes. Received: {size:,}.")
            with archive.open(entries[member]) as part:
                content = part.read(LARGEST_BYTES + 1)
    except WeightsError:
        raise
    except Exception as error:  # zipfile and zlib each have their own words for "damaged", and for "encrypted"
        raise WeightsError(f"The file is no whole .keras file: {error}") from error
    if len(content) > LARGEST_BYTES:
        raise WeightsError(f"{member} must have at most {LARGEST_BYTES:,} bytes. Received: more.")
    return content


def _read_hdf5(content: bytes, layers: list[BoundLayer]) -> Iterator[NDArray[np.float32]]:
    try:
        root = h5py.File(io.BytesIO(content), "r")
    except Exception as error:
        raise WeightsError(f"{WEIGHTS_MEMBER} is no HDF5 file: {error}") from error
    with root:
        counts: dict[str, int] = {}
        for layer in layers:
            if not layer.weight_shapes:
                continue
            number = counts.get(layer.kind, 0)
            counts[layer.kind] = number + 1
            group = _GROUPS[layer.kind] + (f"_{number}" if number else "")
            for place, (name, shape) in enumerate(layer.weight_shapes.items()):
                yield read_plain_array(root, ("layers", group, "vars", str(place)), shape, f"{layer.name}/{name}")


def read_plain_array(root: h5py.File, path: tuple[str, ...], shape: tuple[int, ...], title: str) -> NDArray[np.float32]:
    """Reads one array that lies plainly in an HDF5 file: no link, no other file, no filter, of this shape and type.

    Args:
        root: the file; anything may stand in it.
        path: the names of the groups and of the data set.
        shape: the only one that is taken, compared before anything is read.
        title: of the array, for the message.

    Raises:
        WeightsError: for anything else.
    """
    return _read_dataset(_follow(root, path, title), shape, title)


def _follow(root: h5py.File, path: tuple[str, ...], title: str) -> h5py.Dataset:
    """Returns the data set at a path all of whose links are hard ones: a soft or external one may lead anywhere."""
    found: Any = root
    for name in path:
        link = None
        with suppress(Exception):  # h5py raises nearly anything for a damaged file
            link = found.get(name, getlink=True) if isinstance(found, h5py.Group) else None
        if not isinstance(link, h5py.HardLink):
            raise WeightsError(
                f"{title} must stand under {'/'.join(path)} in {WEIGHTS_MEMBER}. Received: no hard link {name!r} there."
            )
        try:
            found = found[name]
        except Exception as error:
            raise WeightsError(f"{title} cannot be opened: {error}") from error
    if not isinstance(found, h5py.Dataset):
        raise WeightsError(f"{title} must be a data set. Received: {type(found).__name__}.")
    return found


def _read_dataset(dataset: h5py.Dataset, shape: tuple[int, ...], title: str) -> NDArray[np.float32]:
    """Reads a data set whose numbers all lie plainly in this very file."""
    try:
        received = f"{dataset.dtype} of {dataset.shape}"
        if dataset.shape != shape or dataset.dtype != np.dtype("<f4"):
            raise WeightsError(f"{title} must be float32 of shape {shape}. Received: {received:.200}.")
        properties = dataset.id.get_create_plist()
        # No chunks, so no filter either: HDF5 would load one from a plug-in, and unpack without a limit.
        is_plain = properties.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
        if not is_plain or properties.get_external_count() or dataset.id.get_storage_size() != dataset.nbytes:
            raise WeightsError(f"{title} must stand in {WEIGHTS_MEMBER} itself, whole and not compressed.")
        return np.asarray(dataset[()], np.float32)
    except WeightsError:
        raise
    except Exception as error:  # h5py raises nearly anything for a damaged file
        raise WeightsError(f"{title} cannot be read: {error}") from error
