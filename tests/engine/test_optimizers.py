"""The schedule of the learning rate. The update rules are compared with Keras's in test_train_step."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.engine.optimizers import one_cycle


def test_one_cycle_rises_to_the_learning_rate_and_falls_to_almost_nothing() -> None:
    factors = one_cycle(np.arange(101), 101)
    assert factors.argmax() == 30
    assert factors.max() == 1.0
    assert factors[0] == pytest.approx(0.04)
    assert 0.0 < factors[-1] < 1e-4
