"""The scripts and notebooks of Take it home, run by themselves: their test accuracy beside that of the runs.

python -m benchmarks.training.exported_scripts --presets mlp,cnn_3x3 --python clean/bin/python --jupyter jup/bin/python

--python names an interpreter in whose environment TensorFlow alone is installed, --jupyter one that has TensorFlow
and ipykernel: a notebook runs in Jupyter, which brings the display that its pictures are shown by, so the notebook's
cells are run by nbclient in a kernel of that interpreter and not in plain Python. Without them this interpreter runs
both, and the accuracies say nothing of a clean environment.

"within" says whether the accuracy could be that of one more seed: whether it lies in the interval in which one more
value of the same normal distribution lies with a probability of 95 %, mean +- t * s * sqrt(1 + 1/n), with the mean
and the standard deviation s of the n runs and Student's t for n - 1 degrees of freedom. Of three seeds that is
4.97 * s to both sides; a fixed number of standard deviations would be too narrow, as s of three values is often far
too small. One in twenty falls outside by chance. The script and its notebook begin with the same seed, so they are
nearly one trial and not two. The images are the same in all of them: their chance plays no part in it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import percent, print_heading, print_table
from benchmarks.training.exported_runs import NETWORKS, check_networks, finished_run
from model_lib.datasets.loading import MNIST_FILE
from model_lib.export.cells import IMAGES_VARIABLE
from model_lib.export.exported import ExportedNetwork
from model_lib.export.keras_script import keras_script
from model_lib.export.notebook import notebook_bytes

_COLUMNS = ("network", "epochs", "runs, each seed", "one more seed", "script", "within", "notebook", "within")
_CONFIDENCE = 0.95
_KERNEL = "exported"
_PACKAGES = "import importlib.metadata as m; print(*sorted({d.metadata['Name'] for d in m.distributions()}))"


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", default=",".join(NETWORKS), help="separated by commas")
    parser.add_argument("--epochs", type=int, help="of each training; without it the network's own")
    parser.add_argument("--seeds", type=int, default=3, help="how many runs of each")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs the scripts")
    parser.add_argument("--jupyter", default=sys.executable, help="the interpreter whose kernel runs the notebooks")
    parser.add_argument("--runs", type=Path, help="where the runs are kept, and taken from; default: nowhere")
    options = parser.parse_args(arguments)
    names = options.presets.split(",")
    check_networks(names)
    environment = _plain_environment()
    print_heading("Scripts and notebooks of Take it home, beside the runs")
    for what, python in (("scripts", options.python), ("notebooks", options.jupyter)):
        print(f"Packages beside the {what}: {_packages(python)}\n", flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        root = options.runs or Path(folder)
        for name in names:
            runs = [finished_run(name, root, seed, options.epochs) for seed in range(1, options.seeds + 1)]
            accuracies = [run.outcome.test_accuracy for run in runs if run.outcome is not None]
            program = ExportedNetwork(str(runs[0].folder)).program()
            script = _run_script(keras_script(program), options.python, environment)
            notebook = _run_notebook(notebook_bytes(program), options.jupyter, environment)
            interval = another_seed(accuracies)
            rows.append(
                (
                    name,
                    str(runs[0].config.epochs),
                    ", ".join(f"{100 * accuracy:.2f}" for accuracy in accuracies),
                    "unknown" if interval is None else f"{100 * interval[0]:.2f} to {100 * interval[1]:.2f}",
                    *_cells(script, interval),
                    *_cells(notebook, interval),
                )
            )
            print(*rows[-1], flush=True)
    print()
    print_table(_COLUMNS, rows)


def another_seed(accuracies: Sequence[float]) -> tuple[float, float] | None:
    """Returns the interval in which the accuracy of one more seed lies with a probability of 95 %.

    Args:
        accuracies: of the seeds that there are.

    Returns:
        Lowest and highest, from 0 to 1; None for fewer than two seeds.
    """
    from scipy.stats import t

    count = len(accuracies)
    if count < 2:
        return None
    mean, deviation = float(np.mean(accuracies)), float(np.std(accuracies, ddof=1))
    reach = float(t.ppf((1 + _CONFIDENCE) / 2, count - 1)) * deviation * (1 + 1 / count) ** 0.5
    return max(0.0, mean - reach), min(1.0, mean + reach)


def _cells(accuracy: float, interval: tuple[float, float] | None) -> tuple[str, str]:
    if interval is None:
        return percent(accuracy), "unknown"
    return percent(accuracy), "yes" if interval[0] <= accuracy <= interval[1] else "no"


def _plain_environment() -> dict[str, str]:
    """Returns the environment as a terminal has it: without what this project sets for TensorFlow, with the images."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "KERAS_", "PYTHON"))}
    return plain | {IMAGES_VARIABLE: str(MNIST_FILE)}


def _packages(python: str) -> str:
    done = subprocess.run([python, "-I", "-c", _PACKAGES], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _run_script(script: str, python: str, environment: dict[str, str]) -> float:
    """Runs a script in a folder of its own, with nothing of this project on its path, and returns its accuracy."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "program.py").write_text(script, encoding="utf-8")
        command = [python, "-I", "program.py"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return _accuracy(done.stdout)


def _run_notebook(content: bytes, python: str, environment: dict[str, str]) -> float:
    """Runs a notebook's cells in a kernel of an interpreter, in a folder of its own, and returns its accuracy.

    Raises:
        CellExecutionError: if one of them fails.
    """
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    notebook = nbformat.reads(content.decode(), 4)
    with tempfile.TemporaryDirectory() as folder:
        kernels, place = Path(folder) / "kernels", Path(folder) / "notebook"
        (kernels / _KERNEL).mkdir(parents=True)
        place.mkdir()
        command = [python, "-I", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        described = {"argv": command, "display_name": _KERNEL, "language": "python"}
        (kernels / _KERNEL / "kernel.json").write_text(json.dumps(described), encoding="utf-8")
        manager = AsyncKernelManager(
            kernel_name=_KERNEL, kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernels)])
        )
        client = NotebookClient(notebook, km=manager, timeout=None, resources={"metadata": {"path": str(place)}})
        client.execute(env=environment, stderr=subprocess.DEVNULL)  # what TensorFlow logs there
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return _accuracy("".join(output.text for output in outputs if output.get("name") == "stdout"))


def _accuracy(printed: str) -> float:
    found = re.search(r"test accuracy ([\d.]+)$", printed, re.M)
    assert found is not None, "the program prints it"
    return float(found[1])


if __name__ == "__main__":
    main()
