"""A training in the address of Train: it fills in the form, and nonsense in it is said and replaced."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.config.address import read_address, to_address
from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.training import TrainingConfig
from tests.support.train_page import open_train

pytestmark = pytest.mark.usefixtures("no_workers")


def _number(app: AppTest, label: str) -> float | None:
    return next(box for box in app.number_input if box.label == label).value


def test_an_address_fills_in_the_form() -> None:
    app = open_train(
        network="mlp", epochs="3", learning_rate="0.02", optimizer="sgd", validation="last", validation_share="0.25"
    )
    assert next(box for box in app.selectbox if box.key == "chosen_preset").value == "mlp"
    assert (_number(app, "Epochs"), _number(app, "Learning rate")) == (3, 0.02)
    assert next(box for box in app.selectbox if box.label == "Optimizer").value == "sgd"
    assert _number(app, "Validation share, per cent") == 25


def test_each_wrong_parameter_is_named_and_the_usual_value_stands_in_its_place() -> None:
    app = open_train(network="mlb", epochs="9999", batch_size="12; rm", learning_rat="1", seed="nan")
    (text,) = [str(each.value) for each in app.warning]
    for name in ("network", "epochs", "batch_size", "seed", "learning_rat"):
        assert f"`{name}`" in text
    assert next(box for box in app.selectbox if box.key == "chosen_preset").value == "first"
    assert _number(app, "Epochs") == 3


@pytest.mark.parametrize("name", list(PRESETS))
def test_what_a_link_says_is_what_was_shared(name: str) -> None:
    usual = PRESET_CONFIGS[name]
    assert to_address(name, usual, usual) == {"network": name}
    config = TrainingConfig(epochs=7, optimizer="adagrad", learning_rate=0.125, validation_share=1 / 3, patience=3)
    shared = read_address(to_address(name, usual, config), tuple(PRESETS))
    assert shared.network == name and not shared.wrong
    changed = {each: getattr(config, each) for each in shared.settings}
    assert shared.settings == changed and {"epochs", "learning_rate"} <= set(changed)
