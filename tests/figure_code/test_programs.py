"""Each program that a page shows draws the numbers that the page draws: all run in one process, without the library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_lib.storage.checkpoints import save_network
from model_lib.storage.run import Run
from tests.figure_code.cases import Case, data_cases, mistake_cases
from tests.figure_code.comparison_cases import comparison_cases
from tests.figure_code.network_cases import curve_cases, network_cases
from tests.support.figure_programs import figures_of
from tests.support.sample_networks import ALL_KINDS, AVERAGED, finished_run, network_with_random_weights


@pytest.fixture(scope="module")
def untrained_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Runs of networks of all kinds of layers, with the files that a training leaves."""
    runs = []
    for spec in (ALL_KINDS, AVERAGED):
        run = finished_run(spec, tmp_path_factory.mktemp("runs"))
        save_network(run.folder, network_with_random_weights(spec, 1))
        runs.append(run)
    return runs[0], runs[1]


def test_each_program_draws_what_the_app_draws_for_the_same_choice(tmp_path: Path) -> None:
    _run_all([*data_cases(), *mistake_cases(), *curve_cases(tmp_path)], tmp_path)


def test_so_does_the_program_of_runs_side_by_side(tmp_path: Path) -> None:
    _run_all(comparison_cases(tmp_path), tmp_path)


def test_so_does_each_program_that_opens_a_network(
    untrained_runs: tuple[Run, Run], trained_run: Run, tmp_path: Path
) -> None:
    _run_all(network_cases(*untrained_runs, trained_run), tmp_path)


def _run_all(cases: Sequence[Case], folder: Path) -> None:
    figures = figures_of([case.program for case in cases], folder)
    problems = [
        f"{case.program}\n{problem}\n"
        for case, figure in zip(cases, figures, strict=True)
        if (problem := _difference(case, figure))
    ]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def _difference(case: Case, figure: list[dict[str, Any]] | str) -> str:
    """Returns how the figure of a program differs from the app's; "" if it does not."""
    if isinstance(figure, str):
        return figure
    found, expected = (
        [np.asarray(each, np.float64) for each in case.compared(arrays)]
        for arrays in ([trace[case.key] for trace in figure if case.key in trace], case.expected())
    )
    if [each.shape for each in found] != [each.shape for each in expected]:
        return f"shapes {[each.shape for each in found]} instead of {[each.shape for each in expected]}"
    for number, (one, other) in enumerate(zip(found, expected, strict=True)):
        reach = float(np.nanmax(np.abs(other)))
        if not np.allclose(one, other, rtol=0, atol=case.tolerance * reach, equal_nan=True):
            return f"trace {number}: off by {np.nanmax(np.abs(one - other)):.3g} of {reach:.3g}"
    return ""
