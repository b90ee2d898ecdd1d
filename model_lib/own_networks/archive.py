"""The outside of a `.keras` file that a stranger brings: a zip of exactly three members, within limits, in memory."""

from __future__ import annotations

import io
import stat
import zipfile
from typing import Final

# As `server.maxUploadSize` allows; five million parameters without an optimizer's state are 20 MB.
LARGEST_FILE_BYTES: Final = 25 * 1024 * 1024
_MB: Final = 1024 * 1024
# No version of Keras that writes this format heeds `include_optimizer=False` for it; a network made of the same layers
# has no optimizer.
WITHOUT_OPTIMIZER: Final = 'keras.Model(model.inputs, model.outputs).save("network.keras")'
_CONFIGURATION: Final = "config.json"
_WEIGHTS: Final = "model.weights.h5"
# The three members that Keras writes, each with the most bytes that it may unpack to.
_LARGEST: Final = {"metadata.json": 64 * 1024, _CONFIGURATION: _MB, _WEIGHTS: 64 * _MB}
_LARGEST_RATIO: Final = 100
# Keras packs nothing, and packed text becomes a tenth: only what is larger is judged by its ratio.
_SMALL_BYTES: Final = 256 * 1024
_ENTRY: Final = b"PK\x01\x02"
_MOST_ENTRIES: Final = 50
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
# What lies at a place in files of other formats.
_OTHER_FORMATS: Final = (
    (4, b"TFL3", "a .tflite file"),
    (0, b"\x80\x02", "a pickle"),
    (0, b"\x80\x03", "a pickle"),
    (0, b"\x80\x04", "a pickle"),
    (0, b"\x80\x05", "a pickle"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x08", "an .onnx or .pb file"),
    (0, b"\x93NUMPY", "a NumPy array"),
)
_CONVERT: Final = (
    "This page reads .keras files. Where the network was made, write one with Keras: "
    'keras.models.load_model(...).save("network.keras").'
)


class OwnNetworkError(ValueError):
    """A file that is not taken; the message is for the visitor and says what was expected."""


def unpack(content: bytes) -> tuple[bytes, bytes]:
    """Takes the three parts of a `.keras` file apart.

    Args:
        content: its bytes; they may be anything.

    Returns:
        What stands in `config.json` and in `model.weights.h5`.

    Raises:
        OwnNetworkError: for another format, other members than Keras writes, or more than the limits.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise OwnNetworkError(
            f"The file may have at most {LARGEST_FILE_BYTES // _MB} MB. Received: {len(content) / _MB:.1f} MB. "
            f"Save it without the optimizer's state: {WITHOUT_OPTIMIZER}."
        )
    if content[:2] != b"PK":
        raise OwnNetworkError(_what_else(content))
    if content.count(_ENTRY) > _MOST_ENTRIES:
        raise OwnNetworkError("The zip has far more members than the three of a .keras file.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_names(members)
            parts = {member.filename: _read(archive, member) for member in members}
    except OwnNetworkError:
        raise
    except Exception as error:  # zipfile and zlib raise exceptions of many kinds for what is damaged
        raise OwnNetworkError("The file is damaged or cut off. Save the network and upload it again.") from error
    return parts[_CONFIGURATION], parts[_WEIGHTS]


def printable(text: object) -> str:
    """Returns a text of the file for a message: one short line of printable characters."""
    return "".join(each if each.isprintable() else "?" for each in str(text)[:60])


def _what_else(content: bytes) -> str:
    if not content:
        return f"The file is empty. {_CONVERT}"
    if content.startswith(_HDF5):
        return (
            "This is an .h5 file, not a .keras file, and is not opened, whatever its name says. Where the network was "
            "made, rename it to network.h5 if it has another name, and write a .keras file with Keras 2.13 or later: "
            'keras.models.load_model("network.h5").save("network.keras").'
        )
    for place, signature, name in _OTHER_FORMATS:
        if content[place : place + len(signature)] == signature:
            return f"This is {name}, not a .keras file, and is not opened. {_CONVERT}"
    return f"This is not a .keras file. {_CONVERT}"


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if any(name.endswith("saved_model.pb") for name in names):
        raise OwnNetworkError(f"This is a SavedModel, not a .keras file, and is not opened. {_CONVERT}")
    if any(name.endswith(".pkl") for name in names):
        raise OwnNetworkError(f"There is a pickle in this file, and it is not opened. {_CONVERT}")
    if len(set(names)) != len(names):
        raise OwnNetworkError("A member stands twice in the zip. A .keras file has each of its three once.")
    for name in names:
        if name not in _LARGEST:
            raise OwnNetworkError(
                f"The zip holds “{printable(name)}”. A .keras file has exactly {', '.join(_LARGEST)}; others, such as "
                "assets, are not read."
            )
    if missing := [name for name in _LARGEST if name not in names]:
        raise OwnNetworkError(f"{missing[0]} is missing: this zip is not a whole .keras file. {_CONVERT}")


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Returns the bytes of a member, never more than it claims, which is within the limits."""
    name, size = member.filename, member.file_size
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise OwnNetworkError(f"{name} is a link or another special file, not a plain one.")
    if member.flag_bits & 0x1:
        raise OwnNetworkError(f"{name} is locked by a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OwnNetworkError(f"{name} is packed by a method that Keras does not use.")
    if size > _LARGEST[name]:
        raise OwnNetworkError(f"{name} unpacks to {size:,} bytes; at most {_LARGEST[name]:,} are read.")
    if size > max(_SMALL_BYTES, _LARGEST_RATIO * member.compress_size):
        raise OwnNetworkError(f"{name} unpacks to more than {_LARGEST_RATIO} times its size, as no network does.")
    with archive.open(member) as part:
        content = part.read(size)
        if len(content) != size or part.read(1):
            raise OwnNetworkError(f"{name} is damaged: it has another length than the zip says.")
    return content
