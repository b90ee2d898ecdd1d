"""Screens of How it works from pixels to accuracy: their controls move, and their numbers are NumPy's and Keras's."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest
import scipy.special
from sklearn.metrics import log_loss
from streamlit.testing.v1 import AppTest

from model_lib.concepts.three_models import MODELS
from model_lib.datasets.loading import load_dataset
from model_lib.predictions import load_pretrained, predict
from tests.pages.test_how_it_works import open_screen, settle
from ui.how_it_works.screens import SCREENS
from ui.how_it_works.texts import screen_text
from ui.how_it_works.trained import small_dense_network, softmax_regression

_DATA = load_dataset("mnist")
_WITH_HELP = ("selectbox", "number_input", "slider", "select_slider")


def _text(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def _cells(app: AppTest, name: str) -> list[str]:
    """Returns the cells of a Markdown table's row, without its name."""
    row = re.search(rf"^\| {re.escape(name)} \| (.+) \|$", _text(app), re.MULTILINE)
    assert row is not None, name
    return row[1].split(" | ")


def _pixels(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float64) / 255


@pytest.mark.parametrize("name", SCREENS)
def test_each_control_has_its_help_and_each_chart_says_in_words_what_it_shows(name: str) -> None:
    app = open_screen(screen=name)
    controls = [each for kind in _WITH_HELP for each in app.get(kind)]
    assert {each.proto.label for each in controls if not each.proto.help} == set()
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))


def test_raw_pixels_jump_at_a_rate_at_which_scaled_ones_are_trained_and_are_trained_at_a_smaller_one() -> None:
    app = open_screen(screen="pixels")
    slider = app.select_slider(key="pixels_rate")
    assert slider.value == 0.1
    raw, scaled = (float(cell.replace(",", "")) for cell in _cells(app, "loss, mean of the last 20 steps"))
    assert raw > 10 * np.log(10) and scaled < 1
    slider.set_value(1e-5)
    app.run()
    found = [float(cell) for cell in _cells(app, "loss, mean of the last 20 steps")]
    expected = [_keras_loss(1e-5, scale) for scale in (1.0, 255.0)]
    np.testing.assert_allclose(found, expected, atol=6e-4)
    assert found[0] < 0.5 and found[1] > 2


def _keras_loss(rate: float, divisor: float) -> float:
    """Trains the same with Keras: 200 steps of 50 images; the mean loss of the last 20."""
    network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, kernel_initializer="zeros")])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=keras.optimizers.SGD(rate), loss=loss, jit_compile=False)
    images = (_DATA.train.images[:4000].reshape(4000, -1) / divisor).astype(np.float32)
    generator = np.random.default_rng(0)
    losses = []
    for _ in range(200):
        batch = generator.integers(0, 4000, 50)
        losses.append(float(loss(_DATA.train.labels[batch], network(images[batch]))))
        network.train_on_batch(images[batch], _DATA.train.labels[batch])
    return float(np.mean(losses[-20:]))


def test_the_distance_of_two_one_hot_vectors_is_2_whatever_the_digits_are() -> None:
    app = open_screen(screen="one_hot", example="2")  # a 1
    for other, number in ((9, 64), (0, 1), (7, 36)):
        app.slider(key="one_hot_other").set_value(other)
        app.run()
        assert f"(1 - {other})² = **{number}**" in _text(app)
        assert re.search(r"\+ \(\d - \d\)² = \*\*2\*\*", _text(app))
    app.slider(key="one_hot_other").set_value(1)
    app.run()
    assert screen_text("one_hot").words["same"] in _text(app)


def test_a_moved_weight_changes_the_sum_by_pixel_times_change_and_a_black_pixel_changes_nothing() -> None:
    app = open_screen(screen="neuron")
    layer = softmax_regression().layers[0]
    image = _pixels(_DATA.test.images[:1])[0]
    products = image * layer.kernel[:, 7]
    assert f"= **{products.sum() + layer.bias[7]:.3f}**" in _text(app)
    row, column = divmod(int(products.argmax()), 28)
    app.slider(key=f"neuron_weight_7_{row}_{column}").set_value(-1.5)
    app.run()
    place = 28 * row + column
    changed = products.sum() + image[place] * (-1.5 - layer.kernel[place, 7])
    assert f"All 784 products added up: **{changed:.3f}**" in _text(app)
    app.number_input(key="neuron_row").set_value(0)
    app.run()
    app.slider(key=f"neuron_weight_7_0_{column}").set_value(2.0)
    app.run()
    assert f"All 784 products added up: **{products.sum():.3f}**" in _text(app)
    app.slider(key="neuron_bias_7").set_value(-3.0)
    app.run()
    assert f"+ -3.000 = **{products.sum() - 3:.3f}**" in _text(app)


def test_the_sum_of_a_unit_goes_through_four_activations_and_a_shift_kills_units() -> None:
    app = open_screen(screen="activation")
    hidden = small_dense_network().layers[0]
    real = (_pixels(_DATA.test.images[:1]) @ hidden.kernel + hidden.bias)[0, 0]
    assert f"the real sum is **{real:.3f}**" in _text(app)
    app.slider(key="activation_sum_0_0").set_value(-4.0)
    app.run()
    for name, function in (("ReLU", keras.activations.relu), ("sigmoid", keras.activations.sigmoid)):
        assert _cells(app, name)[0] == f"{float(function(np.array([-4.0]))[0]):.4f}"
    assert _cells(app, "tanh") == [f"{np.tanh(-4):.4f}", f"{1 - np.tanh(-4) ** 2:.4f}"]
    app.slider(key="activation_shift").set_value(-5.0)
    app.run()
    outputs = keras.activations.relu(_pixels(_DATA.train.images[55_000:55_500]) @ hidden.kernel + hidden.bias - 5)
    dead = int((np.asarray(outputs) == 0).all(axis=0).sum())
    assert 0 < dead < 32
    assert f"**{dead} of 32** units are 0" in _text(app)


def test_a_temperature_makes_the_probabilities_that_scipy_makes() -> None:
    app = open_screen(screen="softmax", example="0")
    app.select_slider(key="softmax_temperature").set_value(10.0)
    app.run()
    logs = np.log(predict(load_pretrained(), _DATA.test.images[:1])[0].astype(np.float64))
    expected = scipy.special.softmax(logs / 10)  # logits but for a constant, which softmax takes away
    found = [float(_cells(app, str(digit))[-1]) for digit in range(10)]
    np.testing.assert_allclose(found, expected, atol=6e-5)


def test_the_loss_is_that_of_the_chosen_probability_and_its_ten_numbers_stand_in_the_formula() -> None:
    app = open_screen(screen="cross_entropy")
    app.select_slider(key="cross_entropy_probability_0").set_value(0.01)
    app.run()
    assert f"-log 0.01 = **{-np.log(0.01):.4f}**" in _text(app)
    assert "Its gradient: **-0.9900**" in _text(app)
    given = predict(load_pretrained(), _DATA.test.images[:1])[0].astype(np.float64)
    others = np.delete(given, 7)
    formula = app.latex[-1].value
    found = re.findall(r"(\d) \\cdot \\log ([\d.]+)", formula)
    assert [one_hot for one_hot, _ in found] == list("0000000100")
    expected = np.insert(0.99 * others / others.sum(), 7, 0.01)
    np.testing.assert_allclose([float(probability) for _, probability in found], expected, atol=6e-5)
    assert f"{-np.log(0.01):.4f}" in formula


def test_three_models_have_the_accuracies_of_their_kept_predictions_at_each_number_of_images() -> None:
    app = open_screen(screen="three_models")
    words = screen_text("three_models").words
    few = {name: float(_cells(app, words[name])[0].rstrip(" %")) for name in MODELS}
    app.select_slider(key="three_models_count").set_value(30_000)
    settle(app)
    many = {name: float(_cells(app, words[name])[0].rstrip(" %")) for name in MODELS}
    gains = {name: many[name] - few[name] for name in MODELS}
    assert max(gains, key=gains.__getitem__) == "dense", "the right answer to the question"
    for name in MODELS:
        mistakes = int(_cells(app, words[name])[1].replace(",", ""))
        assert mistakes == round(50 * (100 - many[name]))
    app.number_input(key="three_models_disagreement_30000").set_value(2)
    settle(app)
    said = re.search(r"Training image (\d+), label \*\*(\d)\*\*", _text(app))
    assert said is not None and _DATA.train.labels[int(said[1])] == int(said[2])
    answers = re.findall(r": \*\*(\d)\*\*, (right|wrong)", _text(app))
    assert len(answers) == 3 and len({digit for digit, _ in answers}) > 1
    assert all((digit == said[2]) == (word == "right") for digit, word in answers)


def test_one_weight_moves_the_loss_at_each_step_and_the_accuracy_in_jumps() -> None:
    app = open_screen(screen="loss_and_accuracy")
    app.slider(key="loss_and_accuracy_weight_4").set_value(2.5)
    app.run()
    layer = softmax_regression().layers[0]
    kernel = layer.kernel.astype(np.float64)
    kernel[14 * 28 + 14, 4] = 2.5
    labels = _DATA.train.labels[55_000:55_200]
    logits = _pixels(_DATA.train.images[55_000:55_200]) @ kernel + layer.bias
    expected = log_loss(labels, scipy.special.softmax(logits, axis=1), labels=range(10))
    assert f"Loss: **{expected:.4f}**" in _text(app)
    assert f"{int((logits.argmax(axis=1) == labels).sum())} of 200 images" in _text(app)
    said = re.search(r"changes at (\d+) of 120 steps", _text(app))
    assert said is not None and 0 < int(said[1]) < 60


def test_the_frame_counts_the_questions_that_are_answered_rightly() -> None:
    app = open_screen(screen="one_hot")
    assert f"0 of {len(SCREENS)}" in app.caption[-1].value
    right = [answer.is_right for answer in screen_text("one_hot").answers].index(True)
    app.radio(key="how_it_works_answer_one_hot").set_value(right).run()
    assert f"of the ideas {SCREENS.index('one_hot') + 1}; 1 of {len(SCREENS)}" in app.caption[-1].value
    app.radio(key="how_it_works_answer_one_hot").set_value((right + 1) % 3).run()
    assert f"0 of {len(SCREENS)}" in app.caption[-1].value
