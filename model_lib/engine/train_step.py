"""Optimizer steps, many in one call: the arithmetic of training, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import CLASSES
from model_lib.engine.forward import ForwardPass, computes_in_16_bits
from model_lib.engine.optimizers import Updates
from model_lib.engine.sharded_weights import WeightParts
from model_lib.engine.threads import shards_per_batch

if TYPE_CHECKING:
    import keras

_EVALUATION_BATCH: Final = 500


class TrainingSteps:
    """Runs many optimizer steps per call inside TensorFlow, with the meaning of Keras's own `fit`.

    Why not `fit`: at the sizes of MNIST it spends more time between the steps than in them.

    Args:
        network: from `build_network`; its weights are changed in place and stay float32.
        config: optimizer, learning rate, schedule, batch size, epochs, label smoothing, precision and seed count here.
        learnt_images: images per epoch.
        shares: into how many shares a batch is cut, one for each core; None means what suits this process.
    """

    def __init__(
        self, network: keras.Model, config: TrainingConfig, learnt_images: int, shares: int | None = None
    ) -> None:
        self.steps_per_epoch = -(-learnt_images // config.batch_size)
        self._config = config
        if shares is None:
            shares = shards_per_batch(config.batch_size)
        self._weights = WeightParts(network, shares)
        self._forward_pass = ForwardPass(network, computes_in_16_bits(config.precision), shares, self._weights)
        self._updates = Updates(self._weights, config, config.epochs * self.steps_per_epoch)
        self._seed = tf.Variable(config.seed, trainable=False, dtype=tf.int64)
        self._steps_before_epoch = 0
        self._steps_done = 0
        self._source: NDArray[np.uint8] | None = None
        self._images: Any = None
        self._labels: Any = None
        self._order: Any = None
        # XLA is about 20 times slower than oneDNN at convolutions on a CPU, so it is ruled out by name.
        self._loop = tf.function(
            self._many_steps,
            autograph=False,
            jit_compile=False,
            input_signature=[
                tf.TensorSpec([None, 28, 28], tf.uint8),
                tf.TensorSpec([None], tf.int32),
                tf.TensorSpec([None], tf.int32),
                tf.TensorSpec([], tf.int32),
                tf.TensorSpec([], tf.int64),
                tf.TensorSpec([None, 3], tf.float32),
            ],
        )

    def begin_epoch(self, images: NDArray[np.uint8], labels: NDArray[np.uint8], order: NDArray[np.integer]) -> None:
        """Takes the images of the epoch that comes next.

        Args:
            images: (n, 28, 28). The very same array as in the last epoch is not copied again.
            labels: (n,), 0 to 9.
            order: (n,), the numbers 0 to n - 1 in the order in which the images are to be seen.
        """
        if images is not self._source:
            self._images = tf.constant(images)
            self._source = images
        self._weights.take()  # the network may have been given others since
        self._labels = tf.constant(labels.astype(np.int32))
        self._order = tf.constant(order.astype(np.int32))
        # Not simply the steps done: a run that was paused goes on in the middle of an epoch.
        self._steps_before_epoch = self._steps_done // self.steps_per_epoch * self.steps_per_epoch

    def run(self, first_step: int, count: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Runs some steps of this epoch, each changing the network's weights.

        Args:
            first_step: from 0 in each epoch.
            count: how many steps; 1 to what is left of the epoch.

        Returns:
            Mean loss of each step's batch (count,), and how many of its images were right (count,), both from before
            the step changed the weights.
        """
        done = self._steps_before_epoch + first_step
        losses, right = self._loop(
            self._images,
            self._labels,
            self._order,
            tf.constant(first_step, tf.int32),
            tf.constant(done, tf.int64),
            tf.constant(self._updates.numbers(done, count)),
        )
        self._steps_done = done + count
        self._weights.give()
        return losses.numpy(), right.numpy()

    def restart(self, seed: int) -> None:
        """Forgets all steps, for another training with the same settings and this seed. The weights are not touched."""
        self._seed.assign(seed)
        self._steps_before_epoch = self._steps_done = 0
        self._updates.restart()

    def go_to(self, step: int) -> None:
        """Goes on at a step of the whole training, from 0: the schedule and the order of chance are those of it."""
        self._steps_done = step

    def state(self) -> dict[str, NDArray[Any]]:
        """Returns what resuming needs besides the network's weights."""
        in_16_bits = np.array(self._forward_pass.in_16_bits)
        return {"steps_done": np.array(self._steps_done), "in_16_bits": in_16_bits, **self._updates.state()}

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Puts back what `state` returned; what follows is then the same, bit for bit."""
        self._steps_done = int(state["steps_done"])
        self._updates.load_state(state)

    def _many_steps(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        order: tf.Tensor,
        first_step: tf.Tensor,
        done: tf.Tensor,
        numbers: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        count = tf.shape(numbers)[0]
        batch_size = self._config.batch_size

        def one_step(step: tf.Tensor, losses: Any, right: Any) -> tuple[tf.Tensor, Any, Any]:
            start = (first_step + step) * batch_size
            rows = order[start : start + batch_size]
            loss, hits = self._one_step(
                tf.gather(images, rows), tf.gather(labels, rows), done + tf.cast(step, tf.int64), numbers[step]
            )
            return step + 1, losses.write(step, loss), right.write(step, hits)

        _, losses, right = tf.while_loop(
            lambda step, *_: step < count,
            one_step,
            (tf.constant(0), tf.TensorArray(tf.float32, count), tf.TensorArray(tf.int32, count)),
            parallel_iterations=1,
        )
        return losses.stack(), right.stack()

    def _one_step(
        self, images: tf.Tensor, labels: tf.Tensor, step: tf.Tensor, numbers: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        variables = self._weights.variables
        # The chance of a step depends on the seed and on the step's number alone, so that a resumed run repeats it.
        dropout_key = tf.cast(tf.stack([self._seed, step]), tf.uint64)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            logits, changes = self._forward_pass.logits(images, dropout_key)
            loss = tf.reduce_mean(_losses(logits, labels, self._config.label_smoothing))
        gradients = tape.gradient(loss, variables)
        self._updates.apply(gradients, numbers)
        for variable, value in changes:
            variable.assign(value)
        hits = tf.math.count_nonzero(tf.math.in_top_k(labels, logits, 1), dtype=tf.int32)
        return loss, hits


def probabilities(network: keras.Model, images: NDArray[Any], batch: int = _EVALUATION_BATCH) -> NDArray[np.float32]:
    """Computes a network's answers to many images, in float32, as any machine would that opens the saved network.

    Args:
        network: from `build_network`.
        images: (n, 28, 28), uint8 0 to 255 or float32 0 to 1.
        batch: images at a time.

    Returns:
        Probabilities (n, 10), rows add up to 1.
    """
    answer = _answers(network)
    whole = np.empty((len(images), CLASSES), np.float32)
    for start in range(0, len(images), batch):
        whole[start : start + batch] = answer(tf.constant(images[start : start + batch])).numpy()
    return whole


def mean_loss(answers: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
    """Returns the mean cross-entropy of probabilities (n, 10) with labels (n,), as Keras reports it."""
    smallest = 1e-7  # Keras cuts probabilities off here, so that no logarithm is infinite
    right = answers[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(right, smallest, 1.0 - smallest)).mean())


def accuracy(answers: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
    """Returns the share of probabilities (n, 10) whose highest one is at the label, 0 to 1."""
    return float((answers.argmax(axis=1) == labels).mean())


def _answers(network: keras.Model) -> Any:
    """Returns the network's compiled answer, made once for each network and kept with it."""
    if "_answers" not in network.__dict__:
        forward_pass = ForwardPass(network, in_16_bits=False, shares=shards_per_batch(_EVALUATION_BATCH))

        def answer(images: tf.Tensor) -> tf.Tensor:
            return tf.nn.softmax(forward_pass.logits(images)[0])

        object.__setattr__(
            network, "_answers", tf.function(answer, autograph=False, jit_compile=False, reduce_retracing=True)
        )
    return network.__dict__["_answers"]


def _losses(logits: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
    """Returns the cross-entropy of each image, (n,)."""
    if smoothing == 0.0:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    wanted = tf.one_hot(labels, CLASSES, 1.0 - smoothing + smoothing / CLASSES, smoothing / CLASSES)
    return tf.nn.softmax_cross_entropy_with_logits(wanted, logits)
