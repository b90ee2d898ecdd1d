"""Runs the programs that pages show below their figures, all in one process, as a person would who copied them."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).parent.parent.parent
# In place of a window of the browser each figure is kept. The library of this project cannot be imported.
_RUNNER: Final = """
import pickle, sys, traceback
from pathlib import Path
import plotly.graph_objects as go

sys.path = [each for each in sys.path if each not in ("", ".", sys.argv[3])]
shown, results = [], []

def keep(figure, *arguments, **options):
    traces = [{key: trace[key] for key in "xyz" if key in trace and trace[key] is not None} for trace in figure.data]
    frames = [{"frame": [each.x0, each.x1, each.y0, each.y1]} for each in figure.layout.shapes]
    shown.append(traces + frames)

go.Figure.show = keep
for text in pickle.loads(Path(sys.argv[1]).read_bytes()):
    shown.clear()
    try:
        exec(compile(text, "program.py", "exec"), {"__name__": "__main__"})
        (figure,) = shown
        results.append(figure)
    except Exception as error:  # the messages of Plotly are pages long
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "program.py"]
        results.append(f"line {lines}: {type(error).__name__}: {str(error):.500}")
assert "model_lib" not in sys.modules
Path(sys.argv[2]).write_bytes(pickle.dumps(results))
"""


def figures_of(
    programs: Sequence[str], folder: Path, working_folder: Path = PROJECT
) -> list[list[dict[str, Any]] | str]:
    """Runs programs one after the other.

    Args:
        programs: texts of them.
        folder: for the files by which they and their figures are handed over.
        working_folder: where the programs run.

    Returns:
        Of each the arrays x, y and z of the traces of its figure, as far as they have them, and of each "frame" its
        sides x0, x1, y0, y1; of one that failed why.
    """
    asked, answered = folder / "programs.pickle", folder / "figures.pickle"
    asked.write_bytes(pickle.dumps(list(programs)))
    done = subprocess.run(
        [sys.executable, "-c", _RUNNER, asked, answered, PROJECT],
        cwd=working_folder,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    figures: list[list[dict[str, Any]] | str] = pickle.loads(answered.read_bytes())
    return figures
