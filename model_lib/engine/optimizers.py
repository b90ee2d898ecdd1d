"""Optimizers: five update rules, one fused TensorFlow operation per variable, with Keras 3's equations and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.config.training import Optimizer, TrainingConfig
from model_lib.engine.sharded_weights import ShardedWeights

# Keras 3's defaults.
_EPSILON: Final = 1e-7
_RHO: Final[Mapping[str, float]] = {"rmsprop": 0.9, "adadelta": 0.95}
_ADAGRAD_START: Final = 0.1

# Slot variables of each rule with their initial values. Keras adds Adagrad's epsilon to the accumulator in every step;
# as part of the initial value it has the same effect.
_SLOTS: Final[Mapping[Optimizer, Mapping[str, float]]] = {
    "adam": {"mean": 0.0, "square": 0.0},
    "sgd": {"velocity": 0.0},
    "rmsprop": {"square": 0.0, "velocity": 0.0},
    "adadelta": {"square": 0.0, "update": 0.0},
    "adagrad": {"square": _ADAGRAD_START + _EPSILON},
}

# One-cycle: from 1/25 of the maximum up to it over 30 % of the steps, then down to 1/10,000 of the start.
_CYCLE_START: Final = 1 / 25
_CYCLE_PEAK: Final = 0.3
_CYCLE_END: Final = 1e-4


class Updates:
    """Applies gradients to the trainable variables.

    Args:
        weights: the trainable variables.
        config: optimizer, learning rate, momentum, betas and schedule apply here.
        total_steps: steps of the whole training, over which the one-cycle schedule extends.
    """

    def __init__(self, weights: ShardedWeights, config: TrainingConfig, total_steps: int) -> None:
        self._weights = weights
        self._variables = weights.variables
        self._config = config
        self._total_steps = total_steps
        self._slots = {
            name: [tf.Variable(tf.fill(variable.shape, start), trainable=False) for variable in self._variables]
            for name, start in _SLOTS[config.optimizer].items()
        }

    def step_hyperparameters(self, first_step: int, count: int) -> NDArray[np.float32]:
        """Returns the hyperparameters that change from step to step.

        Args:
            first_step: step of the whole training, from 0.
            count: number of steps.

        Returns:
            (count, 3): the learning rate and, for Adam's bias correction, the powers of beta_1 and beta_2.
        """
        steps = np.arange(first_step, first_step + count)
        rates = np.full(count, self._config.rate)
        if self._config.schedule == "one_cycle":
            rates *= one_cycle(steps, self._total_steps)
        powers = [np.power(beta, steps + 1.0) for beta in (self._config.beta_1, self._config.beta_2)]
        return np.stack([rates, *powers], axis=1).astype(np.float32)

    def apply(self, gradients: list[tf.Tensor], hyperparameters: tf.Tensor) -> None:
        """Adds the update of one step to the graph.

        Args:
            gradients: one per variable.
            hyperparameters: (3,), a row of `step_hyperparameters`.
        """
        rate, power_1, power_2 = tf.unstack(hyperparameters, 3)
        for index, (variable, gradient) in enumerate(zip(self._variables, gradients, strict=True)):
            if self._config.weight_decay:
                variable.assign_sub(variable * (rate * self._config.weight_decay))  # before the update, as in Keras
            slots = [slot[index].handle for slot in self._slots.values()]
            common = {"var": variable.handle, "lr": rate, "grad": gradient}
            match self._config.optimizer:
                case "adam":
                    tf.raw_ops.ResourceApplyAdam(
                        **common,
                        m=slots[0],
                        v=slots[1],
                        beta1_power=power_1,
                        beta2_power=power_2,
                        beta1=self._config.beta_1,
                        beta2=self._config.beta_2,
                        epsilon=_EPSILON,
                    )
                case "sgd":
                    tf.raw_ops.ResourceApplyKerasMomentum(**common, accum=slots[0], momentum=self._config.momentum)
                case "rmsprop":
                    tf.raw_ops.ResourceApplyRMSProp(
                        **common, ms=slots[0], mom=slots[1], rho=_RHO["rmsprop"], momentum=0.0, epsilon=_EPSILON
                    )
                case "adadelta":
                    tf.raw_ops.ResourceApplyAdadelta(
                        **common, accum=slots[0], accum_update=slots[1], rho=_RHO["adadelta"], epsilon=_EPSILON
                    )
                case "adagrad":
                    tf.raw_ops.ResourceApplyAdagrad(**common, accum=slots[0])

    def restart(self) -> None:
        """Resets the slot variables to their initial values."""
        for name, start in _SLOTS[self._config.optimizer].items():
            for slot in self._slots[name]:
                slot.assign(tf.fill(slot.shape, start))

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Returns the slot variables: one array per slot and variable of the network."""
        return {
            f"{name}_{index}": whole
            for name, slots in self._slots.items()
            for index, whole in enumerate(self._weights.concat([slot.numpy() for slot in slots]))
        }

    def load_state(self, state: Mapping[str, NDArray[np.float32]]) -> None:
        """Restores what `state` returned."""
        for name, slots in self._slots.items():
            wholes = [state[f"{name}_{index}"] for index in range(self._weights.count)]
            for slot, rows in zip(slots, self._weights.split(wholes), strict=True):
                slot.assign(rows)


def one_cycle(steps: NDArray[np.int64], total_steps: int) -> NDArray[np.float64]:
    """Computes the one-cycle schedule with linear warm-up and linear decay.

    Args:
        steps: (n,) steps, from 0.
        total_steps: steps of the whole training.

    Returns:
        (n,) factors of the maximum learning rate, above 0 and at most 1.

    Source: L. Smith, N. Topin, "Super-Convergence", 2018.
    """
    last = max(1, total_steps - 1)
    return np.interp(steps / last, [0.0, _CYCLE_PEAK, 1.0], [_CYCLE_START, 1.0, _CYCLE_START * _CYCLE_END])
