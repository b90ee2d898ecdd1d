"""Reads the zip of a run, and the archives of arrays in it, trusting nothing: neither a name nor a size nor a type."""

from __future__ import annotations

import io
import json
import math
import re
import stat
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20
# Some sixty bytes a member; the list is read whole before anything else is.
_LARGEST_LIST_BYTES: Final = 64 * 1024
_LARGEST_RATIO: Final = 200
_SMALL_BYTES: Final = 64 * 1024
_LARGEST_HEADER_BYTES: Final = 1000

Arrays = dict[str, NDArray[Any]]


class RunZipError(Exception):
    """A zip that is no run, or not a whole one; the message is for the visitor."""


class NoPlaceError(RunZipError):
    """No fault of the zip: its run finds no place here now. Once there is some, the same zip can be brought."""


@dataclass(frozen=True)
class Wanted:
    """What an array must be.

    Args:
        dtype: NumPy's short name of its type, for example "<f4"; "U" for a text.
        shape: its shape; None for a length that is free up to `longest`.
        longest: the largest free length, or the longest text.
    """

    dtype: str
    shape: tuple[int | None, ...] = ()
    longest: int = 0

    @property
    def most_bytes(self) -> int:
        """The most bytes that its numbers may take."""
        lengths = [self.longest if side is None else side for side in self.shape]
        item = 4 * self.longest if self.dtype == "U" else np.dtype(self.dtype).itemsize
        return item * math.prod(lengths)


class RunZip:
    """The members of a run's zip, each unpacked when it is asked for, within its own limit.

    Args:
        content: the zip.
        patterns: regular expressions, one of which each name must match.
        most_bytes: that all members together may have.

    Raises:
        RunZipError: if it is no whole zip, has a member that no run has, or unpacks to more.
    """

    def __init__(self, content: bytes, patterns: tuple[str, ...], most_bytes: int) -> None:
        self._archive = open_zip(content, "This file")
        entries = self._archive.infolist()
        for entry in entries:
            name = shown(entry.filename)
            if not any(re.fullmatch(pattern, entry.filename, re.ASCII) for pattern in patterns):
                raise RunZipError(
                    f"This zip has a file that no run has: {name}. Bring a zip as Take it home writes it, not packed "
                    "again."
                )
            mode = entry.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise RunZipError(f"{name} in this zip is a link or a folder, not a file.")
            if entry.flag_bits & 0x1:
                raise RunZipError(f"{name} in this zip is locked by a password.")
            # The others may ask for a lot of memory before the first byte.
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise RunZipError(f"{name} in this zip is packed by a method that is not read here.")
        self._entries = {entry.filename: entry for entry in entries}
        if len(self._entries) != len(entries):
            raise RunZipError("This zip has two files of one name.")
        unpacked = sum(entry.file_size for entry in entries)  # no member gives more than it claims
        if unpacked > most_bytes:
            raise RunZipError(f"This zip may unpack to up to {most_bytes:,} bytes. Received: {unpacked:,}.")

    @property
    def names(self) -> tuple[str, ...]:
        """What it consists of."""
        return tuple(self._entries)

    def __contains__(self, name: str) -> bool:
        """Whether it has a member of this name."""
        return name in self._entries

    def read(self, name: str, most_bytes: int) -> bytes:
        """Unpacks a member, into memory.

        Raises:
            RunZipError: if it is missing, damaged, or has more bytes.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise RunZipError(f"This zip is no whole run: {name} is missing.")
        if entry.file_size > most_bytes:
            raise RunZipError(f"{name} may have up to {most_bytes:,} bytes. Received: {entry.file_size:,}.")
        return _unpack(self._archive, entry, name)

    def read_json(self, name: str, most_bytes: int) -> dict[str, Any]:
        """Reads a member that holds a JSON object.

        Raises:
            RunZipError: if it does not.
        """
        try:
            content = json.loads(self.read(name, most_bytes).decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise RunZipError(f"{name} in this zip is damaged: it is no JSON.") from error
        if not isinstance(content, dict):
            raise RunZipError(f"{name} in this zip is damaged: it must hold an object.")
        return content

    def read_arrays(self, name: str, wanted: Mapping[str, Wanted]) -> Arrays:
        """Reads a member that holds arrays: exactly those that are wanted, of exactly these types and shapes.

        Raises:
            RunZipError: if it holds anything else.
        """
        room = sum(each.most_bytes + 2 * _LARGEST_HEADER_BYTES for each in wanted.values()) + _END_BYTES
        archive = open_zip(self.read(name, room), f"{name} in this zip")
        entries = {entry.filename: entry for entry in archive.infolist()}
        if len(entries) != len(archive.infolist()) or set(entries) != {f"{each}.npy" for each in wanted}:
            received = ", ".join(sorted(map(shown, entries)))
            raise RunZipError(
                f"{name} in this zip must hold the arrays {', '.join(wanted)}. Received: {received:.300}."
            )
        return {
            each: _read_array(archive, entries[f"{each}.npy"], one, f"{each} of {name}") for each, one in wanted.items()
        }


def open_zip(content: bytes, title: str) -> zipfile.ZipFile:
    """Opens a zip whose list of members is short.

    Args:
        content: its bytes.
        title: what a message calls it.

    Raises:
        RunZipError: if it is none, or has so many members that their list alone would fill the memory.
    """
    end = content[-_END_BYTES:]
    locator = content[-_END_BYTES - _LOCATOR_BYTES : -_END_BYTES]
    if len(end) < _END_BYTES or end[:4] != _END or end[-2:] != b"\0\0" or locator[:4] == _LOCATOR:
        raise RunZipError(f"{title} is no whole zip of a run. It may have been cut off: download it again.")
    (list_bytes,) = struct.unpack("<L", end[12:16])
    if list_bytes > _LARGEST_LIST_BYTES:
        raise RunZipError(f"{title} has far more members than any run.")
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:  # zipfile raises errors of many kinds for what is damaged
        raise RunZipError(f"{title} is damaged. Download it again.") from error


def finite(arrays: Arrays, file: str) -> Arrays:
    """Returns the arrays of a member.

    Raises:
        RunZipError: if one of them has values that are no numbers.
    """
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise RunZipError(f"{name} of {file} in this zip has values that are no numbers.")
    return arrays


def shown(text: str) -> str:
    """Returns a name from the file as a message may show it: short, with neither Markdown nor control characters."""
    return re.sub(r"[^\w./ -]", "?", text[:60], flags=re.ASCII) or "(without a name)"


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, title: str) -> bytes:
    """Returns no byte more than the member claims to have."""
    if entry.file_size > max(_SMALL_BYTES, _LARGEST_RATIO * entry.compress_size):
        raise RunZipError(f"{title} unpacks to far more than any file of a run.")
    try:
        with archive.open(entry) as file:
            content = file.read(entry.file_size)
            # Only now the checksum is looked at.
            is_whole = len(content) == entry.file_size and not file.read(1)
    except Exception as error:  # zipfile and zlib raise errors of many kinds for what is damaged
        raise RunZipError(f"{title} in this zip is damaged. Download it again.") from error
    if not is_whole:
        raise RunZipError(f"{title} in this zip is damaged: it has another size than it claims.")
    return content


def _read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, wanted: Wanted, title: str) -> NDArray[Any]:
    """Reads one array: its header first, and its numbers only if type, shape and size are those that are wanted."""
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 0x1:
        raise RunZipError(f"{title} must be stored as it is.")
    if entry.file_size > wanted.most_bytes + _LARGEST_HEADER_BYTES:
        raise RunZipError(f"{title} has more bytes than such an array.")
    stream = io.BytesIO(_unpack(archive, entry, title))
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("another version of the format")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream, _LARGEST_HEADER_BYTES)
    except Exception as error:  # NumPy parses the header as Python, within limits, and raises nearly anything
        raise RunZipError(f"{title} is damaged: it has no header of an array.") from error
    is_text = wanted.dtype == "U" and dtype.kind == "U" and dtype.itemsize <= 4 * wanted.longest
    is_type = is_text or (wanted.dtype != "U" and dtype == np.dtype(wanted.dtype) and not dtype.hasobject)
    is_shape = len(shape) == len(wanted.shape) and all(
        side == own if own is not None else 0 <= side <= wanted.longest
        for side, own in zip(shape, wanted.shape, strict=True)
    )
    # One row or column is both orders.
    is_order = not is_fortran or len(shape) < 2
    if not (is_type and is_shape and is_order):
        expected = " x ".join("any" if side is None else str(side) for side in wanted.shape) or "one value"
        raise RunZipError(f"{title} must be {wanted.dtype} of {expected}. Received: {dtype!s:.40} of {shape!s:.60}.")
    content = stream.read()
    if len(content) != dtype.itemsize * math.prod(shape):
        raise RunZipError(f"{title} is cut off.")
    return np.frombuffer(content, dtype).reshape(shape).copy()
