"""The cross-validation over writers, with five copies of one network: then it must find what that network reads."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawing import strangers
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.strokes import strokes_to_image
from model_lib.predictions import load_pretrained, predict
from model_lib.pretrained.cross_validation import MNIST_NETWORK_FILE, load_bundled_network
from model_lib.pretrained.digit_detector import look_like_digits


def test_five_copies_of_the_bundled_network_read_what_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(strangers, "fold_networks", lambda folder, seed: [load_pretrained()] * 5)
    monkeypatch.setattr(sys, "argv", ["strangers", "--folder", str(tmp_path), "--digits", "120"])
    strangers.main()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("|")
    ]
    drawings, labels, writers = read_drawings(STROKES_FILE, 120)
    images = np.stack([np.asarray(strokes_to_image(drawing.strokes)) for drawing in drawings])
    (redrawn,) = [row for row in rows if row[0] == "Redrawn with MNIST's pen"]
    is_right = {}
    for column, network in ((1, load_bundled_network(MNIST_NETWORK_FILE)), (2, load_pretrained())):
        is_right[column] = predict(network, images).argmax(axis=1) == labels
        assert redrawn[column].startswith(f"{100 * is_right[column].mean():.2f}")
    for table, groups in (("digit", labels), ("writer", writers.astype(int))):
        (first,) = [place for place, row in enumerate(rows) if row[0] == table]
        for column, row in ((1, rows[first + 2]), (2, rows[first + 3])):
            assert row[0] == ("before", "after")[column - 1]
            found = np.unique(groups)
            assert row[1:-1] == [f"{100 * is_right[column][groups == group].mean():.1f}" for group in found]
    (refused,) = [row for row in rows if row[0] == "all"]
    # Other factors of the logits than the bundled network's: about as many, not the same.
    assert refused[1] == "120"
    expected = ~look_like_digits(images, predict(load_pretrained(), images))
    assert float(refused[2]) == pytest.approx(100 * expected.mean(), abs=2)
