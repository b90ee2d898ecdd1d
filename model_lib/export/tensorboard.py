"""A run's curves as TensorBoard's event files, written without TensorBoard and without TensorFlow.

A file is a sequence of records: length (8 bytes), masked CRC-32C of these bytes (4), an `Event` message of Protocol
Buffers, masked CRC-32C of the message (4); numbers little-endian.
Source: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto, RFC 3720 (CRC-32C).
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from model_lib.export.keras_script import file_stem
from model_lib.storage.history import History

_VERSION: Final = b"brain.Event:2"
_POLYNOMIAL: Final = 0x82F63B78  # of CRC-32C, bits reversed
_MASK: Final = 0xA282EAD8
# Archives of the same run are equal: a zip file knows no time before 1980.
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Scalar:
    """A number at one step.

    Args:
        tag: what it is a number of.
        step: where it stands, from 0.
        value: the number.
        wall_time: when it was measured, in seconds since 1970.
    """

    tag: str
    step: int
    value: float
    wall_time: float


def tensorboard_zip(history: History, run_id: str) -> bytes:
    """Returns a zip archive of a folder for `tensorboard --logdir`, with a subfolder for each kind of images.

    Tags are those of Keras's own callback: `epoch_loss` and `epoch_accuracy` at epochs from 0; besides, of the training
    images, `batch_loss` and `batch_accuracy` over the steps, means of at most 500 intervals.

    Args:
        history: the run's curves.
        run_id: names the folder.
    """
    stem, stream = file_stem([run_id]), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for split, scalars in (("train", _training(history)), ("validation", _validation(history))):
            if scalars:
                name = f"{stem}/{split}/events.out.tfevents.{int(scalars[0].wall_time):010d}.{stem}"
                archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), event_file(scalars), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def event_file(scalars: Iterable[Scalar]) -> bytes:
    """Returns the content of an event file."""
    scalars = list(scalars)
    start = scalars[0].wall_time if scalars else 0.0
    records = [_double(1, start) + _bytes(3, _VERSION)]
    for scalar in scalars:
        value = _bytes(1, scalar.tag.encode()) + _key(2, 5) + struct.pack("<f", scalar.value)
        summary = _bytes(1, value)
        records.append(_double(1, scalar.wall_time) + _key(2, 0) + _varint(scalar.step) + _bytes(5, summary))
    return b"".join(_record(each) for each in records)


def _training(history: History) -> list[Scalar]:
    epochs = list(history.epochs)
    if not epochs:
        return []
    scalars = [Scalar("epoch_loss", each.epoch - 1, each.loss, each.time) for each in epochs]
    scalars += [Scalar("epoch_accuracy", each.epoch - 1, each.accuracy, each.time) for each in epochs]
    started = epochs[0].time - epochs[0].seconds
    known_steps = [0, *(each.epoch * history.steps_per_epoch for each in epochs)]
    known_times = [started, *(each.time for each in epochs)]
    for measure in ("loss", "accuracy"):
        steps, values = history.curve(measure)
        times = np.interp(steps, known_steps, known_times)
        scalars += [
            Scalar(f"batch_{measure}", int(step) - 1, float(value), float(time))
            for step, value, time in zip(steps, values, times, strict=True)
        ]
    return sorted(scalars, key=lambda each: each.wall_time)


def _validation(history: History) -> list[Scalar]:
    scalars = []
    for each in list(history.epochs):
        if each.validation_loss is not None:
            scalars.append(Scalar("epoch_loss", each.epoch - 1, each.validation_loss, each.time))
        if each.validation_accuracy is not None:
            scalars.append(Scalar("epoch_accuracy", each.epoch - 1, each.validation_accuracy, each.time))
    return scalars


def _record(message: bytes) -> bytes:
    length = struct.pack("<Q", len(message))
    checksums = [struct.pack("<I", _masked(crc32c(part))) for part in (length, message)]
    return length + checksums[0] + message + checksums[1]


def _masked(checksum: int) -> int:
    return (((checksum >> 15) | (checksum << 17)) + _MASK) & 0xFFFFFFFF


def _checksum_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE: Final = tuple(_checksum_of_byte(byte) for byte in range(256))


def crc32c(content: bytes) -> int:
    """Returns the checksum CRC-32C (Castagnoli)."""
    checksum = 0xFFFFFFFF
    for byte in content:
        checksum = checksum >> 8 ^ _TABLE[(checksum ^ byte) & 0xFF]
    return checksum ^ 0xFFFFFFFF


def _key(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _bytes(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _varint(len(content)) + content


def _double(field: int, value: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", value)
