"""What people say of a run: a name, a nickname, a note, a star. Kept in its folder, and never read by a training."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from model_lib.files import read_json, write_json

NOTES_FILE: Final = "notes.json"
# Most characters of each text; longer ones are cut off.
LONGEST: Final = {"title": 60, "nickname": 30, "note": 2000}


@dataclass(frozen=True)
class RunNotes:
    """What people say of a run; all of it may be empty.

    Args:
        title: in place of the title made of network and time.
        nickname: who trained it, as they want to be called.
        note: anything.
        is_starred: whether it is marked.
    """

    title: str = ""
    nickname: str = ""
    note: str = ""
    is_starred: bool = False


def read_notes(folder: Path) -> RunNotes:
    """Reads the notes in a run's folder; a missing or damaged file, or an entry of another type, counts as empty."""
    try:
        entry = read_json(folder / NOTES_FILE)
    except (OSError, ValueError):
        return RunNotes()
    known = {each.name: type(each.default) for each in fields(RunNotes)}
    return _within_limits(
        RunNotes(**{name: entry[name] for name, kind in known.items() if isinstance(entry.get(name), kind)})
    )


def write_notes(folder: Path, notes: RunNotes) -> None:
    """Writes the notes into a run's folder, cut to their longest.

    Raises:
        OSError: if it cannot be written.
    """
    write_json(folder / NOTES_FILE, asdict(_within_limits(notes)))


def _within_limits(notes: RunNotes) -> RunNotes:
    texts = {name: str(getattr(notes, name)).strip()[:most] for name, most in LONGEST.items()}
    # They stand within lines of others.
    one_line = {name: " ".join(texts[name].split()) for name in ("title", "nickname")}
    return RunNotes(**texts | one_line, is_starred=notes.is_starred)
