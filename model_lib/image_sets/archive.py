"""Reads labelled images from a zip: pictures in folders named 0 to 9, or one CSV. Nothing is unpacked onto the disk."""

from __future__ import annotations

import io
import stat
import warnings
import zipfile
from pathlib import PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_lib.datasets.image_sets import MOST_IMAGES
from model_lib.datasets.loading import IMAGE_SIDE, ProgressCallback
from model_lib.drawing.photos import frame_picture
from model_lib.drawing.picture_file import PictureError, read_brightness
from model_lib.image_sets.reading import (
    LARGEST_UNPACKED_BYTES,
    Framing,
    ImageFileError,
    ReadImages,
    Skipped,
    finish,
    printable,
    too_large_unpacked,
    too_many_images,
)
from model_lib.image_sets.table import read_table

# Folders and hidden files included.
MOST_MEMBERS: Final = 2 * MOST_IMAGES
# Each takes a few hundredths of a second.
MOST_PHOTOGRAPHS: Final = 500
LARGEST_PHOTOGRAPH_PIXELS: Final = 20_000_000
# Of all photographs together: each is decoded, whatever little it has in the archive.
MOST_PIXELS: Final = 200_000_000
# A picture of 28 x 28 pixels has some 300 bytes; a photograph, packed already, hardly gets smaller.
LARGEST_PICTURE_BYTES: Final = 10 * 1024 * 1024
_LARGEST_RATIO: Final = 200
_SMALL_BYTES: Final = 64 * 1024
_FORMATS: Final = ("PNG", "JPEG")
_PICTURES: Final = (".png", ".jpg", ".jpeg")
_ARCHIVES: Final = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".npz", ".jar")
_REPORT_EVERY: Final = 50


class _UnusableError(Exception):
    """A member that gives no image; the message is the reason."""


def read_archive(
    content: bytes, framing: Framing = "as_is", progress: ProgressCallback = lambda share: None
) -> ReadImages:
    """Reads the pictures of a zip, or the one CSV in it.

    Args:
        content: its bytes.
        framing: see `read_images`.
        progress: called with 0 to 1.

    Raises:
        ImageFileError: if it is damaged or locked, too large once unpacked, has too many members, or no picture that
            can be used.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive, framing, progress)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, UnicodeError, ValueError) as error:
        if isinstance(error, ImageFileError):
            raise
        raise ImageFileError("This zip is damaged or cut off. Pack or download it again.") from error


def _read(archive: zipfile.ZipFile, framing: Framing, progress: ProgressCallback) -> ReadImages:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise too_many_images()
    files = [member for member in members if not member.is_dir() and not _is_hidden(member.filename)]
    # By the sizes that the archive claims: `_unpack` takes no byte more than these.
    if sum(member.file_size for member in files) > LARGEST_UNPACKED_BYTES:
        raise too_large_unpacked()
    tables = [member for member in files if member.filename.lower().endswith(".csv")]
    if len(tables) == 1 and not any(member.filename.lower().endswith(_PICTURES) for member in files):
        return _read_one_table(archive, tables[0], progress)
    images: list[NDArray[np.uint8]] = []
    labels, names, skipped = [], [], []
    reader = _PictureReader(framing)
    for place, member in enumerate(files):
        if place % _REPORT_EVERY == 0 or framing == "photograph":
            progress(place / len(files))
        name = printable(member.filename)
        try:
            label = _label_of(member)
            image = reader.read(_unpack(archive, member))
        except _UnusableError as error:
            skipped.append(Skipped(name, str(error)))
            continue
        if len(images) >= MOST_IMAGES:
            raise too_many_images()
        images.append(image)
        labels.append(label)
        names.append(name)
    return finish(images, labels, names, skipped)


def _read_one_table(archive: zipfile.ZipFile, member: zipfile.ZipInfo, progress: ProgressCallback) -> ReadImages:
    try:
        content = _unpack(archive, member, LARGEST_UNPACKED_BYTES)
    except _UnusableError as error:
        raise ImageFileError(f"The CSV in this zip cannot be read: {error}.") from error
    return read_table(content, progress)


def _is_hidden(path: str) -> bool:
    """Whether an operating system put this file there, not the visitor."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts) or (
        bool(parts) and parts[-1].lower() in ("thumbs.db", "desktop.ini")
    )


def _label_of(member: zipfile.ZipInfo) -> int:
    """Returns the label that a member's folder stands for.

    Raises:
        _UnusableError: if it is no picture in such a folder.
    """
    path = member.filename.replace("\\", "/")
    parts = PurePosixPath(path).parts
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _UnusableError("it is a link, not a picture")
    if path.startswith("/") or ".." in parts or ":" in path.split("/")[0]:
        raise _UnusableError("its path leads out of the archive")
    if path.lower().endswith(_ARCHIVES):
        raise _UnusableError("it is an archive within the archive")
    if not path.lower().endswith(_PICTURES):
        raise _UnusableError("it is no PNG or JPEG picture")
    folder = parts[-2] if len(parts) > 1 else ""
    if len(folder) != 1 or folder not in "0123456789":
        raise _UnusableError("it lies in no folder named 0 to 9")
    return int(folder)


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int = LARGEST_PICTURE_BYTES) -> bytes:
    """Returns the bytes of a member, in memory.

    Raises:
        _UnusableError: if it is locked, too large, or damaged.
    """
    if member.flag_bits & 0x1:
        raise _UnusableError("it is locked by a password")
    # The others may ask for a lot of memory before the first byte.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _UnusableError("it is packed by a method that is not read here")
    if member.file_size > most:
        raise _UnusableError(f"it has more than {most // 1024**2} MB")
    is_picture = most == LARGEST_PICTURE_BYTES
    if is_picture and member.file_size > max(_SMALL_BYTES, _LARGEST_RATIO * member.compress_size):
        raise _UnusableError("it unpacks to far more than any picture does")
    try:
        with archive.open(member) as file:
            # No byte more than it claims: `read` of more would unpack that before it is cut off.
            return file.read(member.file_size)
    except Exception as error:  # zipfile and zlib raise exceptions of many kinds for what is damaged
        raise _UnusableError("it is damaged") from error


class _PictureReader:
    """Decodes the pictures of one archive, within limits for each and for all together.

    Args:
        framing: see `read_images`.
    """

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._photographs = 0
        self._pixels = 0

    def read(self, content: bytes) -> NDArray[np.uint8]:
        """Returns the image (28, 28) of a picture's bytes.

        Raises:
            _UnusableError: if it cannot be used.
        """
        width, height = _size_of(content)
        if self._framing == "as_is":
            # Before anything is decoded: a picture of a billion pixels costs nothing.
            if (width, height) != (IMAGE_SIDE, IMAGE_SIDE):
                raise _UnusableError(f"it has {width:,} x {height:,} pixels, not 28 x 28")
            return self._decode(content)
        self._photographs += 1
        self._pixels += width * height
        if width * height > LARGEST_PHOTOGRAPH_PIXELS:
            raise _UnusableError(f"it has {width:,} x {height:,} pixels, more than 20 million")
        if self._photographs > MOST_PHOTOGRAPHS:
            raise _UnusableError(f"only the first {MOST_PHOTOGRAPHS} photographs are read")
        if self._pixels > MOST_PIXELS:
            raise _UnusableError("all photographs together have more than 200 million pixels")
        try:
            image = frame_picture(content).image
        except PictureError as error:
            raise _UnusableError(str(error).rstrip(".")) from error
        return np.asarray(np.rint(image * 255), np.uint8)

    def _decode(self, content: bytes) -> NDArray[np.uint8]:
        try:
            return np.asarray(np.rint(read_brightness(content) * 255), np.uint8)
        except PictureError as error:
            raise _UnusableError("it is damaged") from error


def _size_of(content: bytes) -> tuple[int, int]:
    """Returns width and height from a picture's header; nothing is decoded.

    Raises:
        _UnusableError: if it is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(content), formats=_FORMATS).size
    except Image.DecompressionBombError as error:
        raise _UnusableError("it has far too many pixels") from error
    except Exception as error:  # Pillow's decoders raise nearly anything for a damaged file
        raise _UnusableError("it is no PNG or JPEG picture that can be read") from error
