"""Temperature scaling: makes the bundled network's softmax probabilities as high as it is right.

Label smoothing leaves a network that is never more than some 90 % sure. One number, by which all logits are multiplied,
mends that without changing any answer.

Source: C. Guo et al., "On Calibration of Modern Neural Networks", 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import softmax

if TYPE_CHECKING:
    import keras

# Of the bundled network: fitted to the answers of networks that have not learnt from them to what 20 people drew. The
# test writers are left out. `python -m benchmarks.drawing.strangers` prints it.
LOGIT_FACTOR: Final = 2.551
# Probabilities of 0 have no logarithm.
_LEAST: Final = 1e-30
_BOUNDS: Final = (0.2, 5.0)


def scale_logits(network: keras.Model, factor: float) -> None:
    """Multiplies kernel and bias of the output layer, in place; the network ends in Dense with softmax."""
    output = network.layers[-1]
    output.set_weights([factor * weight for weight in output.get_weights()])


def scale_answers(answers: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Returns the softmax probabilities, (n, classes), of logits that are multiplied by a factor."""
    scaled: NDArray[np.float32] = softmax(factor * np.log(np.maximum(answers, _LEAST)), axis=1)
    return scaled


def best_factor(answers: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
    """Returns the factor of the logits at which the cross-entropy is least.

    Args:
        answers: (n, classes) softmax probabilities.
        labels: (n,).
    """
    logits = np.log(np.maximum(answers, _LEAST)).astype(np.float64)
    rows = np.arange(len(labels))

    def cross_entropy(factor: float) -> float:
        scaled = factor * logits
        scaled -= scaled.max(axis=1, keepdims=True)
        return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, labels]).mean())

    return float(minimize_scalar(cross_entropy, bounds=_BOUNDS, method="bounded").x)
