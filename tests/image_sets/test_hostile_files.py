"""A file made to do harm gives a sentence, takes little memory and no long time, and the good images are kept."""

from __future__ import annotations

import contextlib
import gzip
import io
import stat
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from model_lib.datasets.loading import load_dataset
from model_lib.image_sets import archive
from model_lib.image_sets.reading import LARGEST_BYTES, LARGEST_UNPACKED_BYTES, ImageFileError, read_images
from tests.image_sets.files import csv_of, png, png_that_claims, zip_of, zip_of_split

TEST = load_dataset("mnist").test
GOOD = png(TEST.images[0])
_MB = 1024 * 1024


def reason_of(content: bytes, name: str, framing: str = "as_is") -> str:
    """The reason for which one member is skipped; the good picture beside it is read."""
    found = read_images(content, framing)  # type: ignore[arg-type]
    assert found.names == ("7/good.png",)
    assert [each.name for each in found.skipped] == [name]
    return found.skipped[0].reason


def peak_bytes(content: bytes, framing: str = "as_is", refusal: str = "") -> int:
    """How much memory a file takes that is read or, where that is named, refused."""
    tracemalloc.start()
    try:
        with pytest.raises(ImageFileError, match=refusal) if refusal else contextlib.nullcontext():
            read_images(content, framing)  # type: ignore[arg-type]
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n\n", b"hello", b"PK", b"PK\x03\x04 and no more", b"\x1f\x8b\x08", b"\x89PNG\r\n\x1a\n", bytes(5000)],
)
def test_what_is_no_such_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(ImageFileError, match=r"Expected is a zip|damaged or cut off"):
        read_images(content)


def test_a_file_beyond_the_size_of_an_upload_is_refused_unread() -> None:
    with pytest.raises(ImageFileError, match=r"at most 10 MB. Received: 10\.0 MB"):
        read_images(bytes(LARGEST_BYTES + 1))


@pytest.mark.parametrize("length", [30, 100, 2000, -30, -1])
def test_a_truncated_zip_or_gzip_is_refused_in_words(length: int) -> None:
    for content in (zip_of_split(TEST.images[:20], TEST.labels[:20]), gzip.compress(csv_of(*_part(20)).encode())):
        with pytest.raises(ImageFileError, match="damaged or cut off"):
            read_images(content[:length])


def _part(count: int) -> tuple[np.ndarray, np.ndarray]:
    return TEST.images[:count], TEST.labels[:count]


@pytest.mark.parametrize("kind", ["gzip", "csv in a zip", "many pictures"])
def test_a_bomb_is_refused_before_it_is_unpacked(kind: str) -> None:
    zeros = bytes(LARGEST_UNPACKED_BYTES + 1)
    made = {
        "gzip": gzip.compress(zeros),
        "csv in a zip": zip_of({"a.csv": zeros}),
        "many pictures": zip_of({f"7/{place}.png": zeros[: 9 * _MB] for place in range(8)}),
    }[kind]
    assert len(made) < _MB
    # gzip claims no size that could be trusted: it is unpacked up to the limit.
    assert peak_bytes(made, refusal="64 MB once it is unpacked") < (
        4 * LARGEST_UNPACKED_BYTES if kind == "gzip" else 4 * _MB
    )


def test_one_member_that_unpacks_to_far_more_than_a_picture_is_skipped_unread() -> None:
    content = zip_of({"7/good.png": GOOD, "7/bomb.png": bytes(9 * _MB)})
    assert reason_of(content, "7/bomb.png") == "it unpacks to far more than any picture does"
    assert peak_bytes(content) < 2 * _MB


def test_a_size_that_is_a_lie_gives_no_more_bytes_than_it_claims() -> None:
    bomb = zip_of({"7/good.png": GOOD, "7/bomb.png": bytes(9 * _MB)})
    claimed = struct.pack("<I", 9 * _MB)
    assert bomb.count(claimed) == 2
    lie = bomb.replace(claimed, struct.pack("<I", 500))
    assert reason_of(lie, "7/bomb.png") in ("it is damaged", "it is no PNG or JPEG picture that can be read")
    assert peak_bytes(lie) < 2 * _MB


def test_members_that_claim_huge_sizes_are_refused() -> None:
    huge = zip_of({"7/good.png": GOOD, "7/a.png": b"x" * 77}).replace(
        struct.pack("<I", 77) + struct.pack("<HH", 7, 0), struct.pack("<I", 0xFFFFFFF0) + struct.pack("<HH", 7, 0)
    )
    with pytest.raises(ImageFileError, match="64 MB once it is unpacked"):
        read_images(huge)


def test_members_that_share_the_same_bytes_count_each() -> None:
    content = zip_of({f"7/{place}.png": GOOD for place in range(2)})
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        second = opened.infolist()[1].header_offset
    # Both entries of the directory point to the first picture.
    overlapping = content.replace(struct.pack("<I", second) + b"7/1.png", struct.pack("<I", 0) + b"7/1.png")
    assert overlapping != content
    found = read_images(overlapping)
    assert found.names == ("7/0.png",)
    assert [each.reason for each in found.skipped] == ["it is damaged"]


@pytest.mark.parametrize("framing", ["as_is", "photograph"])
@pytest.mark.parametrize("size", [(100_000, 100_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1), (1, 5_000_000)])
def test_a_picture_of_a_billion_pixels_costs_nothing(size: tuple[int, int], framing: str) -> None:
    beside = png(np.pad(TEST.images[0], 6)) if framing == "photograph" else GOOD
    content = zip_of({"7/good.png": beside, "7/huge.png": png_that_claims(*size)})
    reason = reason_of(content, "7/huge.png", framing)
    assert "pixels" in reason or "times as long as wide" in reason or "no PNG" in reason
    assert peak_bytes(content, framing) < 8 * _MB


def test_pictures_that_are_small_in_the_archive_are_decoded_up_to_a_number_of_pixels_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "MOST_PIXELS", 1_000_000)
    page = np.full((300, 300), 255, np.uint8)
    page[100:200, 120:170] = 0
    found = read_images(zip_of({f"1/{place}.png": png(page) for place in range(14)}), "photograph")
    assert len(found.names) == 1_000_000 // 300**2
    assert {each.reason for each in found.skipped} == {"all photographs together have more than 200 million pixels"}


def test_a_picture_with_the_pixels_of_another_size_is_damaged() -> None:
    content = zip_of({"7/good.png": GOOD, "7/odd.png": png_that_claims(28, 28, bytes(100))})
    assert reason_of(content, "7/odd.png") == "it is damaged"


def test_links_absolute_paths_and_paths_upwards_are_skipped() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("7/good.png", GOOD)
        link = zipfile.ZipInfo("7/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        for name in ("/7/a.png", "../7/a.png", "x/../../7/a.png", "C:/7/a.png", "..\\7\\a.png"):
            made.writestr(name, GOOD)
    found = read_images(stream.getvalue())
    assert found.names == ("7/good.png",)
    assert [each.reason for each in found.skipped] == [
        "it is a link, not a picture",
        *["its path leads out of the archive"] * 5,
    ]


def test_a_locked_member_is_skipped() -> None:
    content = bytearray(zip_of({"7/good.png": GOOD, "7/locked.png": GOOD}))
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(marker) + offset] |= 1
    assert reason_of(bytes(content), "7/locked.png") == "it is locked by a password"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_packing_are_not_unpacked(method: int) -> None:
    with pytest.raises(ImageFileError, match="packed by a method that is not read here"):
        read_images(zip_of({"7/a.png": GOOD}, method))


def test_more_members_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 200)
    with pytest.raises(ImageFileError, match="more than 20,000 images"):
        read_images(zip_of(dict.fromkeys(map(str, range(201)), b""), zipfile.ZIP_STORED))


@pytest.mark.parametrize("line", [b"\n", b"1\n", b"1,2,3\n"])
def test_a_csv_of_100_001_lines_is_refused(line: bytes) -> None:
    with pytest.raises(ImageFileError, match="more than 20,000 images"):
        read_images(b"1,2,3\n" + line * 100_001)


def test_one_endless_line_is_refused_without_being_taken_apart() -> None:
    content = b"label\n" + b"0," * (4 * _MB)
    assert peak_bytes(content, refusal="longer than any with 785 numbers") < 20 * _MB


def test_names_are_kept_as_text_without_control_characters_and_short() -> None:
    names = ["=1+1", "<img src=x onerror=alert(1)>", "a\u202eb\x07", "n" * 3000]
    found = read_images(zip_of({f"7/{name}.png": GOOD for name in names}))
    assert found.names[0] == "7/=1+1.png"
    assert found.names[1] == "7/<img src=x onerror=alert(1)>.png"
    assert found.names[2] == "7/a?b?.png"
    assert len(found.names[3]) == 120


@pytest.mark.parametrize("kind", ["zip", "csv", "gzip"])
def test_whatever_bytes_are_put_anywhere_into_a_file_it_is_read_or_refused(kind: str) -> None:
    images, labels = _part(6)
    text = csv_of(images, labels).encode()
    content = {"zip": zip_of_split(images, labels), "csv": text, "gzip": gzip.compress(text)}[kind]
    rng = np.random.default_rng(7)
    for _ in range(150):
        place, noise = int(rng.integers(len(content))), rng.bytes(int(rng.integers(1, 60)))
        try:
            found = read_images(content[:place] + noise + content[place + len(noise) :])
        except ImageFileError:
            continue
        assert found.split.images.shape == (len(found.names), 28, 28)
        assert found.split.labels.max() <= 9
