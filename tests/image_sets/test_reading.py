"""Images come out of a zip or a CSV as Pillow and NumPy read them, and what cannot be used is named."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from model_lib.datasets.loading import load_dataset
from model_lib.drawing.photos import frame_picture
from model_lib.image_sets.examples import example_csv, example_zip
from model_lib.image_sets.reading import ImageFileError, ReadImages, read_images
from tests.image_sets.files import csv_of, png, zip_of, zip_of_split

TEST = load_dataset("mnist").test
IMAGES, LABELS = TEST.images[:60], TEST.labels[:60]


def reasons_of(found: ReadImages) -> dict[str, str]:
    return {each.name: each.reason for each in found.skipped}


def test_a_zip_of_pictures_gives_exactly_their_pixels_and_their_folders_labels() -> None:
    found = read_images(zip_of_split(IMAGES, LABELS))
    np.testing.assert_array_equal(found.split.images, IMAGES)
    np.testing.assert_array_equal(found.split.labels, LABELS)
    assert found.names[0] == f"digits/{LABELS[0]}/0.png"
    assert found.skipped == () and found.notes == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("packed", ["plain", "gzip", "zip", "with a byte order mark", "with Windows lines"])
def test_a_csv_gives_the_numbers_that_numpy_reads(separator: str, packed: str) -> None:
    content = csv_of(IMAGES, LABELS, separator).encode()
    table = np.loadtxt(io.BytesIO(content), np.uint8, delimiter=separator)
    made = {
        "plain": content,
        "gzip": gzip.compress(content),
        "zip": zip_of({"archive/mnist_test.csv": content, "__MACOSX/._mnist_test.csv": b"\0\5"}),
        "with a byte order mark": b"\xef\xbb\xbf" + content,
        "with Windows lines": content.replace(b"\n", b"\r\n"),
    }[packed]
    found = read_images(made)
    np.testing.assert_array_equal(found.split.images.reshape(-1, 784), table[:, 1:])
    np.testing.assert_array_equal(found.split.labels, table[:, 0])
    assert found.names[-1] == "line 60"


def test_a_line_of_column_names_is_recognised_and_may_say_that_the_label_stands_last() -> None:
    lines = csv_of(IMAGES, LABELS).splitlines()
    pixels = [f"pixel{place}" for place in range(784)]
    first = read_images("\n".join([",".join(["label", *pixels]), *lines]).encode())
    last = [
        ",".join([*pixels, '"class"']),
        *(f"{rest},{label}" for label, _, rest in (x.partition(",") for x in lines)),
    ]
    for found in (first, read_images("\n".join(last).encode())):
        np.testing.assert_array_equal(found.split.images, IMAGES)
        np.testing.assert_array_equal(found.split.labels, LABELS)
        assert found.names[0] == "line 2"
        assert any("names of the columns" in note for note in found.notes)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",".join(["3", *["0"] * 783]), "784 columns, not 785: the labels are missing"),
        (",".join(["3", *["0"] * 785]), "786 columns"),
        (",".join(["10", *["0"] * 784]), "label is not a whole number from 0 to 9"),
        (",".join(["-1", *["0"] * 784]), "label is not"),
        (",".join(["3.0", *["0"] * 784]), "label is not"),
        (",".join(["", *["0"] * 784]), "label is not"),
        (",".join(["3", "256", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "-1", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "nan", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "0.5", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "1e2", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "1_0", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "1 2", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "9" * 5000, *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "=1+1", *["0"] * 783]), "whole numbers from 0 to 255"),
        (",".join(["3", "٣", *["0"] * 783]), "whole numbers from 0 to 255"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(line: str, reason: str) -> None:
    lines = csv_of(IMAGES, LABELS).splitlines()
    found = read_images("\n".join([*lines[:5], line, "", *lines[5:]]).encode())
    assert list(reasons_of(found)) == ["line 6"]
    assert reason in reasons_of(found)["line 6"]
    np.testing.assert_array_equal(found.split.images, IMAGES)
    assert found.names[5] == "line 8", "an empty line is no error, and counts"


def test_what_a_zip_holds_besides_pictures_in_folders_is_named_but_for_hidden_files() -> None:
    image = png(IMAGES[0])
    found = read_images(
        zip_of(
            {
                "7/good.png": image,
                "deep/er/7/good.PNG": image,
                "windows\\7\\good.png": image,
                "__MACOSX/7/._good.png": b"x",
                "7/.DS_Store": b"x",
                "7/Thumbs.db": b"x",
                "good.png": image,
                "seven/good.png": image,
                "17/good.png": image,
                "٣/good.png": image,
                "7/notes.txt": b"a text",
                "7/picture.gif": b"GIF89a",
                "7/more.zip": zip_of({"7/a.png": image}),
                "7/broken.png": image[:60],
                "7/text.png": b"no picture",
                "7/large.png": png(np.zeros((29, 28), np.uint8)),
            }
        )
    )
    assert found.names == ("7/good.png", "deep/er/7/good.PNG", "windows/7/good.png") or len(found.names) == 3
    reasons = reasons_of(found)
    assert reasons["good.png"] == reasons["seven/good.png"] == "it lies in no folder named 0 to 9"
    assert reasons["17/good.png"] == reasons["٣/good.png"] == "it lies in no folder named 0 to 9"
    assert reasons["7/notes.txt"] == reasons["7/picture.gif"] == "it is no PNG or JPEG picture"
    assert reasons["7/more.zip"] == "it is an archive within the archive"
    assert reasons["7/broken.png"] == "it is damaged"
    assert reasons["7/text.png"] == "it is no PNG or JPEG picture that can be read"
    assert reasons["7/large.png"] == "it has 28 x 29 pixels, not 28 x 28"
    assert len(reasons) == 10
    assert any("very same pixels" in note for note in found.notes)


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1", "RGBA", "I;16"])
def test_pictures_of_every_mode_give_the_same_image(mode: str) -> None:
    black_and_white = np.where(IMAGES[0] > 127, 255, 0).astype(np.uint8)
    picture = Image.fromarray(black_and_white)
    if mode == "I;16":
        picture = Image.fromarray(black_and_white.astype(np.uint16) * 257)
    elif mode != "L":
        picture = picture.convert(mode)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    found = read_images(zip_of({"7/a.png": stream.getvalue()}))
    np.testing.assert_array_equal(found.split.images[0], black_and_white)


def test_black_on_white_is_recognised_inverted_and_said() -> None:
    found = read_images(zip_of_split(255 - IMAGES, LABELS))
    np.testing.assert_array_equal(found.split.images, IMAGES)
    assert any("black on white" in note for note in found.notes)
    mixed = IMAGES.copy()
    mixed[3] = 255 - mixed[3]
    found = read_images(csv_of(mixed, LABELS).encode())
    np.testing.assert_array_equal(found.split.images, mixed)
    assert any("1 image with a light border" in note for note in found.notes)


def test_pictures_of_any_size_are_preprocessed_like_photographs_where_that_is_chosen() -> None:
    paper = Image.fromarray(255 - IMAGES[0]).resize((200, 200), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    paper.save(stream, "PNG")
    content = zip_of({"7/a.png": stream.getvalue(), "7/empty.png": png(np.full((90, 90), 255, np.uint8))})
    with pytest.raises(ImageFileError, match="200 x 200 pixels, not 28 x 28"):
        read_images(content)
    found = read_images(content, "photograph")
    expected = np.rint(frame_picture(stream.getvalue()).image * 255)
    np.testing.assert_array_equal(found.split.images[0], expected)
    assert reasons_of(found)["7/empty.png"].startswith("Nothing stands out")


def test_progress_rises_from_nothing_to_all() -> None:
    shares: list[float] = []
    read_images(zip_of_split(np.repeat(IMAGES, 3, axis=0), np.repeat(LABELS, 3)), progress=shares.append)
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] <= 1


def test_both_example_files_hold_the_same_hundred_pen_digits() -> None:
    from_zip, from_csv = read_images(example_zip()), read_images(example_csv().encode())
    np.testing.assert_array_equal(from_zip.split.images, from_csv.split.images)
    np.testing.assert_array_equal(from_zip.split.labels, np.repeat(np.arange(10), 10))
    pen_digits = {image.tobytes() for image in load_dataset("pen_digits").test.images}
    assert all(image.tobytes() in pen_digits for image in from_zip.split.images)
    with zipfile.ZipFile(io.BytesIO(example_zip())) as archive:
        assert len(archive.namelist()) == 100
    assert [len(row) for row in csv.reader(io.StringIO(example_csv()))] == [785] * 101
