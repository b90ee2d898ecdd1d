"""The fold "Inside while it learns" of the Train page: sentences, charts when it is open, and runs without a log."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.diagnostics.log import append_statistics
from model_lib.diagnostics.statistics import LayerStatistics, NetworkStatistics
from model_lib.runs import create_run
from model_lib.storage.events import Started, append_event
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.copied_runs import copy_of

pytestmark = pytest.mark.usefixtures("no_workers")
_OLD_RUNS = PROJECT / "tests" / "data" / "runs_of_2026_11"
_QUANTILES = (-0.4, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.5)


def _open(run: Run, is_open: bool = True) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60)
    app.query_params["run"] = run.id
    app.run()
    if is_open:
        # What a click on the fold sends.
        app.session_state["inside"] = True
        app.run()
    assert not app.exception
    return app


def _charts(app: AppTest) -> list[str]:
    """Returns what the charts of the fold show, in words."""
    alts = [chart.proto.alt for chart in app.get("plotly_chart")]
    return [alt for alt in alts if "by epoch" not in alt and "by step" not in alt and not alt.endswith("nothing yet")]


def _text(app: AppTest) -> str:
    return " ".join(str(each.value) for kind in (app.markdown, app.info, app.warning, app.error) for each in kind)


def _measured_run(root: Path, dead: int = 3, norm: float | None = 0.5) -> Run:
    """A run with measurements as a training would leave them."""
    run = create_run(PRESETS["mlp"], TrainingConfig(epochs=1), root)
    append_event(
        run.folder, Started(steps_per_epoch=1500, epochs=1, images=48_000, parameters=101_770, epoch=0, step=0)
    )
    hidden = LayerStatistics(
        name="dense_1",
        kind="Dense",
        units=128,
        dead=0,
        gradient_norm=0.5,
        weights=_QUANTILES,
        biases=_QUANTILES,
        activations=_QUANTILES,
        gradients=_QUANTILES,
    )
    output = dataclasses.replace(hidden, name="output", units=10, dead=None)
    for step in (0, 300, 900):
        layers = (dataclasses.replace(hidden, dead=dead if step else 0), output)
        append_statistics(run.folder, [NetworkStatistics(step=step, images=128, loss=0.4, layers=layers)])
    broken = dataclasses.replace(output, gradient_norm=norm)
    append_statistics(run.folder, [NetworkStatistics(step=901, images=128, loss=0.4, layers=(layers[0], broken))])
    run.set_state("finished")
    return run


def test_the_charts_are_made_when_the_fold_is_open(trained_run: Run, runs_folder: Path) -> None:
    run = copy_of(trained_run, runs_folder)
    assert _charts(_open(run, is_open=False)) == []
    app = _open(run)
    # Before them a chart of the dead units, where there ever were any.
    assert [alt.split(":")[0] for alt in _charts(app)][-2:] == ["activations of Dense 1", "activations of Output"]
    assert "Nothing conspicuous" in _text(app)


def test_the_picker_shows_other_numbers_and_one_layer(runs_folder: Path) -> None:
    app = _open(_measured_run(runs_folder))
    control = next(each for each in app.get("button_group") if each.proto.label == "Which numbers")
    control.set_value("gradients").run()
    assert [alt.split(":")[0] for alt in _charts(app)] == [
        "norms of the gradients after 901 steps",
        "gradients of Dense 1",
        "gradients of Output",
    ]
    app.selectbox(key="inside_layer").set_value("output").run()
    assert [alt.split(":")[0] for alt in _charts(app)][1:] == ["gradients of Output"]
    assert not app.exception


def test_dead_units_are_said_also_while_the_fold_is_closed(runs_folder: Path) -> None:
    app = _open(_measured_run(runs_folder, dead=61), is_open=False)
    (warning,) = [each.value for each in app.warning]
    assert "61 of 128 units of Dense 1 never fire" in warning


def test_few_dead_units_are_said_in_the_fold(runs_folder: Path) -> None:
    run = _measured_run(runs_folder, dead=20)
    assert not _open(run, is_open=False).warning
    assert "20 of 128 units of Dense 1 never fire" in _text(_open(run))


def test_a_run_that_diverged_says_where_once_and_what_to_try(runs_folder: Path) -> None:
    run = _measured_run(runs_folder, norm=None)
    run.fail("The training diverged: the loss is no longer a number since epoch 1, step 902.", "diverged")
    app = _open(run)
    assert [each.value for each in app.warning] == []
    assert "since epoch 1, step 902" in app.error[0].value
    assert "What to try" in _text(app)
    assert "0.0001, instead of 0.001" in _text(app)
    assert any(button.label == "Again with one change" for button in app.button)
    assert _charts(app)[0] == "dead units after 901 steps: 3 of 128 in Dense 1"
    assert len(_charts(app)) == 3


def test_a_run_of_an_older_version_says_that_nothing_was_measured(runs_folder: Path) -> None:
    (finished,) = (folder for folder in _OLD_RUNS.iterdir() if (folder / "evaluation.npz").exists())
    run = Run(shutil.copytree(finished, runs_folder / finished.name))
    app = _open(run)
    assert "Nothing was measured in this training" in _text(app)
    assert _charts(app) == []


def test_a_run_in_the_queue_says_when_the_first_measurement_comes(runs_folder: Path) -> None:
    run = create_run(PRESETS["mlp"], TrainingConfig(), runs_folder)
    assert "The first measurement comes when the training begins" in _text(_open(run))
