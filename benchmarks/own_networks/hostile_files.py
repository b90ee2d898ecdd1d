"""The hostile files of the tests: what Bring a network says of each, its memory and time, and what modelscan says.

python -m benchmarks.own_networks.hostile_files --folder hostile --modelscan scan/bin/modelscan

modelscan is no dependency, and wants an environment of its own: `python -m venv scan`, then
`scan/bin/pip install "modelscan[tensorflow,h5py]"`. Without --modelscan its column is left out. Nothing here opens a
file with Keras, and code in a file would only write a canary into the folder.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.report import print_heading
from model_lib.own_networks.archive import OwnNetworkError
from model_lib.own_networks.reading import read_network
from tests.own_networks.files import hostile_files, keras_file

_ORDINARY = "an ordinary file, to compare"
# modelscan chooses its scanners by the ending of a file's name.
_ENDINGS = ((b"\x89HDF", ".h5"), (b"\x80\x04", ".pkl"))
_LONGEST_MESSAGE = 150


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the files are written; without it a temporary one")
    parser.add_argument("--modelscan", help="the program modelscan, in an environment of its own")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        _run(folder.resolve(), options.modelscan)


def _run(folder: Path, modelscan: str | None) -> None:
    canary = folder / "canary"
    canary.unlink(missing_ok=True)
    contents = {_ORDINARY: keras_file(), **hostile_files(str(canary))}
    files = {name: _write(folder, name, content) for name, content in contents.items()}
    verdicts = _verdicts(modelscan, folder, files) if modelscan else {}
    print_heading(f"{len(contents) - 1} hostile files, read as the page reads them")
    rows = []
    for name, content in contents.items():
        # A process for each: the peak that is told of is that of all children that a process has had.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            message, kilobytes, seconds = pool.submit(_read, content).result()
        row = [name, _cell(message), f"{kilobytes / 1024:.0f}", f"{seconds:.1f}"]
        rows.append(row + ([verdicts[name]] if modelscan else []))
    columns = ["file", "message", "MB", "s", "modelscan"][: len(rows[0])]
    for row in (columns, ["---"] * len(columns), *rows):
        print(f"| {' | '.join(row)} |")
    refused, most = sum(row[1] != "read" for row in rows), max(int(row[2]) for row in rows)
    print(f"\nRefused: {refused} of {len(rows)}, one of which is ordinary. Most memory: {most} MB.")
    if modelscan:
        print(f"modelscan finds something in {sum(row[4].startswith('found') for row in rows)} of them.")
    print("The canary was " + ("WRITTEN: code in a file was run." if canary.exists() else "not written."))


def _write(folder: Path, name: str, content: bytes) -> Path:
    ending = next((ending for start, ending in _ENDINGS if content.startswith(start)), ".keras")
    file = folder / (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + ending)
    file.write_bytes(content)
    return file


def _read(content: bytes) -> tuple[str, int, float]:
    """Returns what the reader says, the peak memory of its child in kB (on Linux), and how long it took."""
    start = time.perf_counter()
    try:
        read_network(content)
        message = "read"
    except OwnNetworkError as error:
        message = str(error)
    seconds = time.perf_counter() - start
    if sys.platform == "win32":
        return message, 0, seconds
    import resource

    return message, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, seconds


def _cell(message: str) -> str:
    text = message.replace("|", "/")
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 1].rsplit(' ', 1)[0]} …"


def _verdicts(modelscan: str, folder: Path, files: Mapping[str, Path]) -> dict[str, str]:
    """Returns modelscan's verdict on each file: all of them in one run, as it loads TensorFlow first."""
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.json"
        command = [modelscan, "-p", str(folder), "-r", "json", "-o", str(report), "--show-skipped"]
        done = subprocess.run(command, capture_output=True, text=True)
        if not report.exists():
            raise RuntimeError(f"modelscan wrote no report: {done.stderr[-500:] or done.stdout[-500:]}")
        found = json.loads(report.read_text(encoding="utf-8"))
    return {name: _verdict(found, file.name) for name, file in files.items()}


def _verdict(report: Mapping[str, Any], file: str) -> str:
    """Returns what a report says of a file and of its members, which it calls `file:member`."""
    parts = (f"{file}:", file)
    if issues := [each for each in report["issues"] if each["source"].startswith(parts)]:
        return "found: " + ", ".join(f"{each['operator']} ({each['severity'].lower()})" for each in issues)
    if errors := [each for each in report["errors"] if each["source"].startswith(parts)]:
        return f"error: {errors[0]['description']:.60}"
    if [each for each in report["summary"]["skipped"]["skipped_files"] if each["source"] == file]:
        return "not scanned"
    return "no issue"


if __name__ == "__main__":
    main()
