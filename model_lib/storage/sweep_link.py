"""Which point of which sweep a run belongs to: kept in the run's folder, from its first moment on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from model_lib.files import read_json, write_json

SWEEP_FILE: Final = "sweep.json"


@dataclass(frozen=True)
class SweepLink:
    """What a run is in its sweep.

    Args:
        sweep: id of the sweep.
        point: index of its point in the plan, from 0.
        seed: its random seed.
        stopped_at: the epoch after which successive halving stopped it; None if it did not.
    """

    sweep: str
    point: int
    seed: int
    stopped_at: int | None = None


def read_link(folder: Path) -> SweepLink | None:
    """Reads the link in a run's folder; None if there is none, or a damaged one."""
    try:
        entry = read_json(folder / SWEEP_FILE)
        stopped_at = entry.get("stopped_at")
        return SweepLink(
            str(entry["sweep"]),
            int(entry["point"]),
            int(entry["seed"]),
            None if stopped_at is None else int(stopped_at),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_link(folder: Path, link: SweepLink) -> None:
    """Writes the link into a run's folder, atomically.

    Raises:
        OSError: if it cannot be written.
    """
    write_json(folder / SWEEP_FILE, {name: value for name, value in asdict(link).items() if value is not None})
