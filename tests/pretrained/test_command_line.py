"""The command line refuses what would write the wrong network, or the wrong answers, beside the bundled one."""

from __future__ import annotations

import sys

import pytest

from model_lib.pretrained.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("train", "train needs --images FOLDER"),
        ("train --images pictures --fold 2", "--fold goes with train --file FILE"),
        ("measure --file network.keras --fold 2", "--fold goes with train --file FILE"),
        ("train --images pictures --file network.keras --fold 5", "invalid choice: 5"),
        ("evaluate --file network.keras", "evaluate takes no --file"),
    ],
)
def test_what_means_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["pretrained", *arguments.split()])
    with pytest.raises(SystemExit) as refusal:
        main()
    assert refusal.value.code == 2
    assert expected in capsys.readouterr().err
