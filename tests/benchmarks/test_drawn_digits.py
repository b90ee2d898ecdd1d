"""The benchmark of drawn digits on the ten digits of the tests."""

import gzip
import json
import sys
from pathlib import Path

import pytest

from benchmarks.drawing import drawn_digits
from tests.support.drawn_digits import DRAWN_DIGITS


def _write(file: Path) -> Path:
    entries = [
        {"digit": digit, "writer": "0" if digit < 5 else "1", "strokes": [stroke.tolist() for stroke in strokes]}
        for digit, strokes in DRAWN_DIGITS.items()
    ]
    file.write_bytes(gzip.compress(json.dumps(entries).encode()))
    return file


def test_the_benchmark_prints_accuracy_by_framing_digit_and_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path / "digits.json.gz")
    monkeypatch.setattr(sys, "argv", ["drawn_digits", str(file), "--epochs", "0", "--runs", str(tmp_path / "runs")])
    drawn_digits.main()
    printed = capsys.readouterr().out
    assert "10 digits by 2 people" in printed
    rows = [line.split() for line in printed.splitlines()]
    (mnist_only,) = [row for row in rows if row[:1] == ["mnist_only"]]
    assert mnist_only[-1] == "100.00"  # redrawn with MNIST's pen: all ten are read
    assert sum(row[-1:] == ["100.00"] for row in rows) >= 13  # the network, ten digits, two writers


@pytest.mark.parametrize("content", [b"", b"[", b"{}", b'[{"digit": 1}]', b"\x1f\x8bxx"])
def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    file = tmp_path / "digits.json"
    file.write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["drawn_digits", str(file), "--epochs", "0"])
    with pytest.raises(SystemExit, match="cannot be read as drawn digits"):
        drawn_digits.main()
