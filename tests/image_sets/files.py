"""Files of labelled images, made with `zipfile` and Pillow alone."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png(pixels: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def zip_of(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def zip_of_split(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> bytes:
    """The pictures in folders by label, in the order of the arrays."""
    pairs = zip(images, labels.tolist(), strict=True)
    return zip_of({f"digits/{label}/{place}.png": png(image) for place, (image, label) in enumerate(pairs)})


def csv_of(images: NDArray[np.uint8], labels: NDArray[np.uint8], separator: str = ",") -> str:
    """The lines as NumPy writes them, without column names."""
    stream = io.StringIO()
    table = np.column_stack([labels, images.reshape(len(labels), -1)])
    np.savetxt(stream, table, "%d", separator)
    return stream.getvalue()


def png_that_claims(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header claims a size; its pixels are not there, or other ones."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest
