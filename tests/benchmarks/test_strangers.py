"""The cross-validation over writers, with five copies of one network: then it must find what that network reads."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawing import strangers
from model_lib.drawing.pen_digits import STROKES_FILE, read_drawings
from model_lib.drawing.strokes import strokes_to_image
from model_lib.predictions import load_pretrained, predict


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
    drawings, labels, _ = read_drawings(STROKES_FILE, 120)
    images = np.stack([np.asarray(strokes_to_image(drawing.strokes)) for drawing in drawings])
    share = f"{100 * (predict(load_pretrained(), images).argmax(axis=1) == labels).mean():.2f}"
    (redrawn,) = [row for row in rows if row[0] == "Redrawn with MNIST's pen"]
    assert redrawn[1] == redrawn[2]
    assert redrawn[1].startswith(share)
    for table in ("digit", "writer"):
        (first,) = [place for place, row in enumerate(rows) if row[0] == table]
        before, after = rows[first + 2], rows[first + 3]
        assert (before[0], after[0]) == ("before", "after")
        assert before[1:] == after[1:]
