"""The process that opens a stranger's `.keras` file: it has little memory, may open and write no file, and ends soon.

`python -m model_lib.own_networks.child` reads the file from standard input and writes an `.npz` to standard output:
`answer`, JSON with either `error` or the network's `layers`, `scale` and `notes`, and its weights. Keras is not loaded.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.inference.weight_shapes import WeightsError, bound_layers
from model_lib.inference.weights import read_plain_array
from model_lib.own_networks.archive import LARGEST_FILE_BYTES, OwnNetworkError, unpack
from model_lib.own_networks.configuration import Description, read_configuration
from model_lib.own_networks.weight_groups import group_of

# Beside what the libraries take: the file, its weights unpacked, and their arrays.
_MEMORY_BYTES: Final = 300 * 1024 * 1024
_SECONDS: Final = 20


def main() -> None:
    """Answers one file."""
    content = sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1)
    _warm_up()
    _limit()
    try:
        answer, weights = _read(content)
    except OwnNetworkError as error:
        answer, weights = {"error": str(error)}, []
    except MemoryError:
        answer, weights = {"error": "The file asks for more memory than any network here needs."}, []
    stream = io.BytesIO()
    arrays: dict[str, NDArray[Any]] = {f"weight_{place}": array for place, array in enumerate(weights)}
    np.savez(stream, answer=np.frombuffer(json.dumps(answer).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
    sys.stdout.buffer.write(stream.getbuffer())
    sys.stdout.buffer.flush()


def _read(content: bytes) -> tuple[dict[str, Any], list[NDArray[np.float32]]]:
    configuration, hdf5 = unpack(content)
    described = read_configuration(configuration)
    try:
        spec = NetworkSpec("brought", tuple(described.layers))
        weights = list(_weights(described, spec, hdf5))
    except (NetworkError, WeightsError) as error:
        raise OwnNetworkError(str(error)) from error
    answer = {
        "layers": [layer.as_dict() for layer in described.layers],
        "scale": described.scale,
        "notes": described.notes,
    }
    return answer, weights


def _weights(described: Description, spec: NetworkSpec, hdf5: bytes) -> Iterator[NDArray[np.float32]]:
    layers = [layer for layer in bound_layers(spec) if layer.weight_shapes]
    try:
        root = h5py.File(io.BytesIO(hdf5), "r")
    except Exception as error:  # h5py raises nearly anything for a damaged file
        raise OwnNetworkError("model.weights.h5 is no HDF5 file that can be read.") from error
    with root:
        for layer, source in zip(layers, described.sources, strict=True):
            group, place = group_of(root, source.kind, source.number), 0
            for (name, shape), is_present in zip(layer.weight_shapes.items(), source.present, strict=True):
                if not is_present:
                    yield np.full(shape, 1.0 if name == "gamma" else 0.0, np.float32)
                    continue
                path = (*group, "vars", str(place))
                array = read_plain_array(root, path, shape, f"{source.title}, {name},")
                if not np.isfinite(array).all():
                    raise OwnNetworkError(f"{source.title} has weights that are not numbers (NaN or infinite).")
                yield array
                place += 1


def _warm_up() -> None:
    """Uses every library once: what they load or look up must be there before no file can be opened any more."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["layers/dense/vars/0"] = np.ones((2, 2), np.float32)
    with h5py.File(io.BytesIO(stream.getvalue()), "r") as file:
        read_plain_array(file, ("layers", "dense", "vars", "0"), (2, 2), "")
        with contextlib.suppress(WeightsError):
            read_plain_array(file, ("layers", "dense", "vars", "1"), (2, 2), "")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", '{"a": "\\u00e9"}')
    with zipfile.ZipFile(packed) as archive:
        json.loads(archive.read("config.json"))
    with contextlib.suppress(OwnNetworkError):
        unpack(packed.getvalue())
    np.savez(io.BytesIO(), answer=np.zeros(1, np.uint8))


def _limit() -> None:
    """Takes memory, time and all files away from this process; Windows knows no such limits."""
    try:
        import resource
    except ImportError:
        return
    used = 0
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        used = int(file.read().split()[0]) * resource.getpagesize()
    limits = {"RLIMIT_CPU": _SECONDS, "RLIMIT_FSIZE": 0, "RLIMIT_NOFILE": 0, "RLIMIT_CORE": 0}
    if used:
        limits["RLIMIT_AS"] = used + _MEMORY_BYTES
    for name, value in limits.items():
        with contextlib.suppress(OSError, ValueError, AttributeError):
            resource.setrlimit(getattr(resource, name), (value, value))


if __name__ == "__main__":
    main()
