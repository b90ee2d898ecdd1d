"""Vote: how the networks vote, on which images, the image that was opened, and networks that cannot vote together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.datasets.loading import DatasetError
from model_lib.evaluation.evaluation import Evaluation
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run
from tests.support.patience import run_until_computed


def _open(runs: list[Run], **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120).switch_page("pages/vote_together.py")
    for name, value in {"runs": ",".join(run.id for run in runs), **address}.items():
        app.query_params[name] = value
    return run_until_computed(app.run())


def _accuracy(app: AppTest) -> str:
    return str(next(each.value for each in app.metric if each.label == "Accuracy of the vote"))


def _sure(wrong: int, probability: float) -> Evaluation:
    """Returns answers that are all equally sure; the first so many are wrong."""
    labels = answers(300).labels
    told = labels.astype(np.int64)
    told[:wrong] = (told[:wrong] + 1) % 10
    probabilities = np.full((len(labels), 10), (1 - probability) / 9, np.float32)
    probabilities[np.arange(len(labels)), told] = probability
    return Evaluation(probabilities, labels, "mnist")


def test_the_majority_overrules_one_sure_network_and_the_mean_does_not(runs_folder: Path) -> None:
    # Two unsure networks are right everywhere; one that is surer than both together is wrong on 500 of 10,000 images.
    runs = [finished_run(runs_folder, each) for each in (_sure(0, 0.3), _sure(0, 0.3), _sure(500, 0.95))]
    app = _open(runs)
    assert _accuracy(app) == "95.00 %"
    app.segmented_control(key="vote-rule").set_value("majority").run()
    run_until_computed(app)
    assert "majority" in app.query_params["how"]
    assert _accuracy(app) == "100.00 %"


def test_on_other_peoples_digits_the_vote_is_measured_too(runs_folder: Path) -> None:
    other = answers(45, dataset="pen_digits")
    runs = [finished_run(runs_folder, answers(300, seed), other) for seed in (1, 2)]
    app = _open(runs)
    own = _accuracy(app)
    name = next(each.key for each in app.segmented_control if str(each.key).startswith("vote-test-set"))
    app.segmented_control(key=name).set_value("pen_digits").run()
    run_until_computed(app)
    assert "pen_digits" in app.query_params["on"]
    # Both answer alike, so the vote does too.
    assert _accuracy(app) == f"{100 * (1 - 45 / len(other.labels)):.2f} %" != own


def test_a_test_set_that_not_all_were_tested_on_is_said_and_the_own_one_shown(runs_folder: Path) -> None:
    runs = [
        finished_run(runs_folder, answers(300, 1), answers(45, dataset="pen_digits")),
        finished_run(runs_folder, answers(300, 2)),
    ]
    app = _open(runs, on="pen_digits")
    assert any("Not all of these networks were tested" in each.value for each in app.info)
    assert any("10,000 test images" in each.value for each in app.caption)


@pytest.mark.parametrize("rule", ["mean", "majority"])
def test_an_image_of_the_sheet_is_opened_with_its_label(runs_folder: Path, rule: str) -> None:
    runs = [finished_run(runs_folder, answers(300, seed)) for seed in (1, 2, 3)]
    app = _open(runs, how=rule)
    sheet = next(each for each in app.selectbox if each.label == "Open an image of this sheet")
    index = sheet.options[0].removeprefix("test image ").split(":")[0]
    sheet.select_index(0).run()
    run_until_computed(app)
    label = answers(300).labels[int(index)]
    assert f"Test image {index}, label {label}" in [each.value for each in app.subheader]
    assert any("of the 3 networks predict it correctly" in each.value for each in app.markdown)


def test_a_vote_whose_images_are_not_on_this_machine_shows_what_it_can_and_says_what_is_missing(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise DatasetError("train-images of Fashion-MNIST are missing.")

    monkeypatch.setattr("ui.compare.vote_images.dataset_of", missing)
    app = _open([finished_run(runs_folder, answers(300, seed)) for seed in (1, 2)])
    assert not app.exception
    assert app.metric[0].label == "Accuracy of the vote"
    assert [each.value for each in app.error] == ["train-images of Fashion-MNIST are missing."]


def test_networks_of_an_unknown_data_set_are_told_that_they_cannot_vote(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(300, seed)) for seed in (1, 2)]
    for run in runs:
        config = run.folder / "config.json"
        config.write_text(config.read_text().replace('"mnist"', '"kmnist"'))
    app = _open(runs)
    assert any("`kmnist`, a data set that this version does not know" in each.value for each in app.info)


def test_networks_of_different_data_sets_are_told_that_they_have_no_vote(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(300, dataset=name)) for name in ("mnist", "mnist_and_pen_digits")]
    app = _open(runs)
    assert "different data sets" in app.warning[0].value
    assert "MNIST digits" in app.warning[0].value
    assert "MNIST and pen digits" in app.warning[0].value
    assert not app.metric


def test_one_network_is_asked_for_another(runs_folder: Path) -> None:
    app = _open([finished_run(runs_folder, answers(300))])
    assert any("needs at least 2 trained networks" in each.value for each in app.info)


def test_a_damaged_evaluation_is_said_and_the_drawing_still_has_its_canvas(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(300, seed)) for seed in (1, 2)]
    next(runs[0].folder.glob("evaluation*.npz")).write_bytes(b"nothing")
    app = _open(runs)
    assert "missing or damaged" in app.error[0].value
    assert "Draw a digit for the vote" in [each.value for each in app.header]
