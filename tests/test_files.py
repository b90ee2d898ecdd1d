"""Files are replaced as a whole or not at all, also while a reader on Windows has the old one open."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from model_lib.files import read_json, write_atomic, write_json


class _BusyTarget:
    """`Path.replace` as on Windows while a reader has the target open for the first attempts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failures: int) -> None:
        self.attempts = 0
        replace = Path.replace

        def busy_replace(source: Path, target: Path) -> Path:
            self.attempts += 1
            if self.attempts <= failures:
                raise PermissionError(13, "Access is denied")
            return replace(source, target)

        monkeypatch.setattr(Path, "replace", busy_replace)


def test_a_target_that_is_open_for_two_attempts_is_replaced_by_the_third(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.json"
    write_json(file, {"state": "queued"})
    busy = _BusyTarget(monkeypatch, failures=2)
    write_json(file, {"state": "running"})
    assert busy.attempts == 3
    assert read_json(file) == {"state": "running"}
    assert list(tmp_path.iterdir()) == [file]


def test_a_target_that_stays_open_is_an_error_and_keeps_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.json"
    write_json(file, {"state": "queued"})
    _BusyTarget(monkeypatch, failures=1000)
    with pytest.raises(PermissionError, match="Access is denied"):
        write_json(file, {"state": "running"})
    assert read_json(file) == {"state": "queued"}
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_half_way_leaves_the_old_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    write_json(file, {"state": "queued"})

    def fail_half_way(stream: BinaryIO) -> None:
        stream.write(b"{")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomic(file, fail_half_way)
    assert read_json(file) == {"state": "queued"}
    assert list(tmp_path.iterdir()) == [file]
