"""The screens on new images: their numbers follow the controls, and are NumPy's."""

from __future__ import annotations

import re
import threading
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.concepts.generalization import LearningCurves
from model_lib.datasets.loading import load_dataset
from tests.pages.test_how_it_works import open_screen, settle
from ui.how_it_works.generalization import overfitting


def _text(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info])


def test_without_dropout_each_step_has_the_same_sum_and_with_it_the_mean_is_near() -> None:
    app = open_screen(screen="dropout")
    sums = r"is \*\*(-?[\d.]+)\*\* in this step, without dropout (-?[\d.]+); over 1,000 steps it is \*\*(-?[\d.]+)"
    step, full, mean = (float(number) for number in re.search(sums, _text(app)).groups())  # type: ignore[union-attr]
    assert abs(mean - full) < 0.1 * abs(full)
    app.button(key="dropout_step").click().run()
    assert re.search(sums, _text(app))[1] != f"{step:.2f}"  # type: ignore[index]
    app.select_slider(key="dropout_rate").set_value(0.0).run()
    step, other, mean = (float(number) for number in re.search(sums, _text(app)).groups())  # type: ignore[union-attr]
    assert step == other == mean == full


def test_gamma_and_beta_are_the_deviation_and_the_mean_afterwards() -> None:
    app = open_screen(screen="batch_normalization")
    app.slider(key="normalization_gamma").set_value(2.0).run()
    app.slider(key="normalization_beta").set_value(1.0).run()
    assert re.search(r"\| mean \| \S+ \| 1\.000 \|", _text(app))
    assert re.search(r"\| standard deviation \| \S+ \| (2\.000|1\.99\d) \|", _text(app))
    data = load_dataset("mnist")
    black = data.train.images.max(axis=0) == 0
    inked = (data.test.images[:, black] > 0).any(axis=1).sum()
    assert f"{black.sum()} of the 784 pixels" in _text(app)
    assert f"Test images with ink there: {inked} of 10,000." in _text(app)
    value = int(data.test.images[:, black].max())
    assert f"**{value / np.sqrt(0.001):,.0f}**" in _text(app)


def test_few_images_are_overfitted_and_many_are_not() -> None:
    app = open_screen(screen="overfitting")
    found = re.search(r"smallest after \*\*(\d+) steps\*\*: ([\d.]+)\. .* it is \*\*([\d.]+)\*\*", _text(app))
    assert found is not None
    assert float(found[2]) < float(found[3])
    settle(app.select_slider(key="overfitting_count").set_value(5_000).run())
    many = re.search(r"steps it is \*\*([\d.]+)\*\*|last step, ([\d.]+),", _text(app))
    assert many is not None
    assert float(many[1] or many[2]) < float(found[2])


def test_while_it_is_trained_the_page_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_screen(screen="overfitting")
    may_train, train = threading.Event(), overfitting.learning_curves

    def wait_and_train(*arguments: Any, **options: Any) -> LearningCurves:
        may_train.wait(10.0)
        return train(*arguments, **options)

    monkeypatch.setattr(overfitting, "learning_curves", wait_and_train)
    app.select_slider(key="overfitting_count").set_value(50).run()
    assert not app.exception
    assert app.get("progress") and not app.get("plotly_chart")
    app.radio(key="how_it_works_answer_overfitting").set_value(1).run()
    assert app.success
    may_train.set()
    assert settle(app).get("plotly_chart")


def test_choosing_among_more_networks_makes_the_figure_more_too_good() -> None:
    app = open_screen(screen="test_set")
    excess = r"\*\*(-?[\d.]+) percentage points\*\*"
    many = float(re.search(excess, _text(app))[1])  # type: ignore[index]
    app.select_slider(key="selection_models").set_value(1).run()
    assert re.search(excess, _text(app))[1] == "0.0"  # type: ignore[index]
    assert many > 2.0, "the spread of 100 images at 80 % is 4 points, and the best of 20 lies far out"
    app.button(key="selection_draw").click().run()
    assert not app.exception
