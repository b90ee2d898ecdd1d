"""The screens on training: what their controls change is what NumPy computes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from model_lib.concepts.training.loss_surface import FILE
from model_lib.datasets.loading import load_dataset
from tests.pages.test_how_it_works import open_screen
from tests.support.patience import run_until_computed

_TRAIN = load_dataset("mnist").train


def _says(app: AppTest, text: str) -> bool:
    return any(text in each.value for each in app.markdown)


def _columns(app: AppTest) -> dict[str, list[object]]:
    return {name: column.tolist() for name, column in app.dataframe[0].value.items()}


# One training step ------------------------------------------------------------------------------------------------


def _first_step(rate: float) -> dict[str, NDArray[np.float64]]:
    """Computes the step on the first four training images, with weights that the screen says are random."""
    limit = np.sqrt(6 / 794)
    weights = np.random.default_rng(0).uniform(-limit, limit, (784, 10))
    images, labels = _TRAIN.images[:4].reshape(4, 784) / 255, _TRAIN.labels[:4]
    exponentials = np.exp(images @ weights)
    probabilities = exponentials / exponentials.sum(1, keepdims=True)
    losses = -np.log(probabilities[range(4), labels])
    errors = (probabilities - np.eye(10)[labels]) / 4
    new = weights - rate * images.T @ errors
    exponentials = np.exp(images @ new - rate * errors.sum(0))
    after = -np.log(exponentials[range(4), labels] / exponentials.sum(1))
    return {"losses": losses, "gradient": images.T @ errors, "weights": weights, "new": new, "after": after}


def test_the_button_leads_through_the_stages_of_a_step_whose_numbers_are_numpys() -> None:
    app = open_screen(screen="training_step")
    app.select_slider(key="training_step_rate").set_value(0.1).run()
    step = _first_step(0.1)
    for stage in ("probabilities", "loss", "gradient", "update", "again"):
        app.button(key="training_step_next").click().run()
        assert not app.exception
        assert app.get("button_group")[0].value == stage
        if stage == "loss":
            assert _says(app, f"/ 4 = **{step['losses'].mean():.4f}**")
        if stage == "gradient":
            table = _columns(app)
            for shown, measured in zip(table["Gradient"], table["Measured"], strict=True):
                assert float(shown) == pytest.approx(float(measured), abs=2e-8)
            # The brightest pixel of the four, and the label of the first, 5.
            pixel = (_TRAIN.images[:4].astype(int).sum(0)).argmax()
            assert float(table["Gradient"][0]) == pytest.approx(step["gradient"][pixel, 5], abs=1e-8)
            assert float(table["Gradient"][2]) == 0.0
        if stage == "update":
            table = _columns(app)
            assert float(table["Weight after"][0]) == pytest.approx(step["new"][pixel, 5], abs=1e-6)
            assert float(table["Change"][0]) == pytest.approx(-0.1 * step["gradient"][pixel, 5], abs=1e-6)
    assert _says(app, f"goes from {step['losses'].mean():.4f} to **{step['after'].mean():.4f}**")
    app.button(key="training_step_next").click().run()
    assert app.get("button_group")[0].value == "sums"


@pytest.mark.parametrize("address", ["99999", "-3", "x"])
def test_a_batch_in_the_address_that_does_not_exist_is_replaced_by_one_that_does(address: str) -> None:
    app = open_screen(screen="training_step", batch=address)
    assert app.get("plotly_chart")
    app.button(key="training_step_batch").click().run()
    assert not app.exception
    assert "batch" in app.query_params


# Gradient descent and optimizers ----------------------------------------------------------------------------------


def _plane_loss(point: tuple[float, float]) -> float:
    """Computes the loss at a point from the stored weights, all pixels and all 12,730 weights anew."""
    with np.load(FILE, allow_pickle=False) as stored:
        names = ("hidden_kernel", "hidden_bias", "kernel", "bias")
        one, two, three = (
            np.concatenate([stored[name][place].astype(float).ravel() for name in names]) for place in range(3)
        )
    right = two - one
    up = (three - one) - (three - one) @ right / (right @ right) * right
    up *= np.linalg.norm(right) / np.linalg.norm(up)
    flat = one + point[0] * right + point[1] * up
    hidden_kernel, hidden_bias, kernel, bias = np.split(flat, np.cumsum([784 * 16, 16, 160]))
    hidden = np.maximum(_TRAIN.images[:1000].reshape(1000, 784) / 255 @ hidden_kernel.reshape(784, 16) + hidden_bias, 0)
    logits = hidden @ kernel.reshape(16, 10) + bias
    return float((np.log(np.exp(logits).sum(1)) - logits[range(1000), _TRAIN.labels[:1000]]).mean())


def _plane_gradient(x: float, y: float) -> tuple[float, float]:
    bit = 1e-5
    return (
        (_plane_loss((x + bit, y)) - _plane_loss((x - bit, y))) / (2 * bit),
        (_plane_loss((x, y + bit)) - _plane_loss((x, y - bit))) / (2 * bit),
    )


def test_a_step_of_gradient_descent_is_the_learning_rate_times_the_slope_that_numpy_measures() -> None:
    app = open_screen(screen="gradient_descent")
    app.slider(key="surface_x").set_value(0.3).run()
    app.slider(key="surface_y").set_value(-0.2).run()
    app.select_slider(key="gradient_descent_rate").set_value(0.05).run()
    app.slider(key="surface_steps").set_value(1).run()
    assert not app.exception
    assert app.query_params["start"] == "0.3,-0.2"
    slope = _plane_gradient(0.3, -0.2)
    table = _columns(app)
    assert table["loss"][0] == pytest.approx(_plane_loss((0.3, -0.2)), abs=1e-4)
    assert (table["Gradient, x"][0], table["Gradient, y"][0]) == pytest.approx(slope, abs=1e-3)
    end = (0.3 - 0.05 * slope[0], -0.2 - 0.05 * slope[1])
    assert (table["x"][1], table["y"][1]) == pytest.approx(end, abs=1e-4)
    assert _says(app, f"to **{_plane_loss(end):.4g}**")


def test_the_largest_learning_rate_makes_the_loss_rise_as_the_question_has_it() -> None:
    app = open_screen(screen="gradient_descent")
    assert _says(app, "; 0 of the steps made it larger")
    app.select_slider(key="gradient_descent_rate").set_value(0.3).run()
    assert _says(app, "steps made it larger") and not _says(app, "; 0 of the steps made it larger")
    assert _says(app, "The path has left the picture.")


@pytest.mark.parametrize("start", ["nan,0", "3,0", "x,y"])
def test_a_start_in_the_address_that_is_not_in_the_picture_is_left_out(start: str) -> None:
    app = open_screen(screen="gradient_descent", start=start)
    assert app.slider(key="surface_x").value == 1.35


def test_adams_first_step_is_equally_long_at_both_starts_and_sgds_is_not_as_the_question_has_it() -> None:
    app = open_screen(screen="optimizers")
    lengths = {}
    for name, start in (("steep", (-0.4, 1.4)), ("flat", (0.05, 0.1))):
        app.button(key=f"optimizers_{name}").click().run()
        assert not app.exception
        assert (app.slider(key="surface_x").value, app.slider(key="surface_y").value) == start
        table = _columns(app)
        lengths[name] = dict(zip(table["Optimizer"], map(float, table["First step"]), strict=True))
        assert lengths[name]["SGD"] == pytest.approx(0.02 * np.hypot(*_plane_gradient(*start)), rel=1e-2)
        assert lengths[name]["Adam"] == pytest.approx(0.05 * np.sqrt(2), abs=1e-4)
    assert lengths["steep"]["SGD"] > 10 * lengths["flat"]["SGD"]
    assert lengths["steep"]["Momentum"] > 10 * lengths["flat"]["Momentum"]
    app.select_slider(key="optimizers_rate_adam").set_value(0.1).run()
    assert float(_columns(app)["First step"][3]) == pytest.approx(0.1 * np.sqrt(2), abs=1e-4)


def test_optimizers_can_be_left_out_but_not_all_of_them() -> None:
    app = open_screen(screen="optimizers")
    app.get("button_group")[0].set_value(["adam"]).run()
    assert _columns(app)["Optimizer"] == ["Adam"]
    assert len(app.latex) == 1
    app.get("button_group")[0].set_value([]).run()
    assert not app.exception
    assert _columns(app)["Optimizer"] == ["Adam"]


def test_a_path_that_runs_away_says_after_how_many_of_the_steps_its_loss_is() -> None:
    app = open_screen(screen="optimizers", start="-0.4,1.4")
    app.select_slider(key="optimizers_rate_sgd").set_value(10.0).run()
    assert not app.exception
    ends = dict(zip(_columns(app)["Optimizer"], map(str, _columns(app)["Loss after 30 steps"]), strict=True))
    assert re.fullmatch(r"\S+ \(far outside after [1-9]\)", ends["SGD"])
    assert float(ends["Adam"]) < _plane_loss((-0.4, 1.4))
    app.get("button_group")[0].set_value(["sgd"]).run()
    assert _columns(app)["Loss after 30 steps"] == [ends["SGD"]]


# Batch and epoch --------------------------------------------------------------------------------------------------


def test_steps_are_counted_and_the_noise_falls_to_a_half_as_the_question_has_it() -> None:
    app = open_screen(screen="batch_and_epoch")
    app.select_slider(key="batch_size").set_value(128).run()
    app.slider(key="batch_epochs").set_value(12).run()
    assert _says(app, "**469 steps an epoch**") and _says(app, "**5,628 steps**")
    assert _says(app, "the 96 images that are left")
    run_until_computed(app)
    # Three epochs of 3,000 images, but at least 60 steps; batches of 256 make twelve steps an epoch.
    trainings = (("batches of 1", 9_000, 9_000), ("batches of 32", 282, 9_000), ("batches of 256", 60, 15_000))
    for name, steps, images in (*trainings, ("all 3,000", 60, 180_000)):
        assert any(
            re.search(rf"{name}: \d\.\d{{3}} after {steps:,} steps, {images:,} images", each.value)
            for each in app.markdown
        )
    noise = []
    for size in (16, 64):
        app.select_slider(key="batch_size").set_value(size).run()
        (sentence,) = [each.value for each in app.markdown if "root mean square" in each.value]
        noise.append(float(sentence.split("lies **")[1].split("**")[0]))
    assert noise[1] / noise[0] == pytest.approx(0.5, abs=0.06)
    assert len(app.get("plotly_chart")) == 3
