"""Training step: forward pass, backward pass and update, many steps per call of TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import CLASSES
from model_lib.engine.forward import ForwardPass, computes_in_bfloat16
from model_lib.engine.optimizers import Updates
from model_lib.engine.sharded_weights import ShardedWeights
from model_lib.engine.threads import require_tensorflow_backend, shards_per_batch

if TYPE_CHECKING:
    import keras


class TrainingSteps:
    """Runs many optimizer steps per call inside TensorFlow, with the semantics of Keras's `fit`.

    At the sizes of MNIST, `fit` spends more time between the steps than in them. Layers that the engine's own
    operations do not cover are computed by their Keras `call`; see `ForwardPass`.

    Args:
        network: takes images (n, 28, 28, 1) and ends in Dense with softmax; its weights are updated in place and stay
            float32.
        config: optimizer, learning rate, schedule, batch size, epochs, label smoothing, precision and seed apply here.
        images_per_epoch: training images per epoch.
        shards: number of shards per batch; None means one per core of a training process, see `shards_per_batch`.

    Raises:
        BackendError: if Keras does not run on TensorFlow.
        ValueError: if the network ends in anything but Dense with softmax.
    """

    def __init__(
        self, network: keras.Model, config: TrainingConfig, images_per_epoch: int, shards: int | None = None
    ) -> None:
        require_tensorflow_backend()
        self.steps_per_epoch = -(-images_per_epoch // config.batch_size)
        self._network = network
        self._config = config
        if shards is None:
            shards = shards_per_batch(config.batch_size)
        self._weights = ShardedWeights(network, shards)
        self._forward_pass = ForwardPass(network, computes_in_bfloat16(config.precision), shards, self._weights)
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
            self._run_steps,
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
        """Sets the images of the next epoch, and loads the network's weights.

        Args:
            images: (n, 28, 28). The same array object as in the last epoch is not copied to TensorFlow again.
            labels: (n,), 0 to 9.
            order: (n,), a permutation of 0 to n - 1: the order in which the images are used.
        """
        if images is not self._source:
            self._images = tf.constant(images)
            self._source = images
        self._weights.load()  # the network's weights may have been set since
        self._labels = tf.constant(labels.astype(np.int32))
        self._order = tf.constant(order.astype(np.int32))
        # Not simply the steps done: a paused run resumes in the middle of an epoch.
        self._steps_before_epoch = self._steps_done // self.steps_per_epoch * self.steps_per_epoch

    def run(self, first_step: int, count: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Runs some steps of this epoch, each of which updates the network's weights.

        Args:
            first_step: step within the epoch, from 0.
            count: number of steps, 1 to what is left of the epoch.

        Returns:
            Mean loss of each step's batch (count,), and number of its images classified correctly (count,), both
            computed before the step's update.
        """
        done = self._steps_before_epoch + first_step
        losses, correct = self._loop(
            self._images,
            self._labels,
            self._order,
            tf.constant(first_step, tf.int32),
            tf.constant(done, tf.int64),
            tf.constant(self._updates.step_hyperparameters(done, count)),
        )
        self._steps_done = done + count
        self._weights.store()
        return losses.numpy(), correct.numpy()

    @property
    def steps_done(self) -> int:
        """Steps of the whole training so far."""
        return self._steps_done

    def restart(self, seed: int) -> None:
        """Resets step counter and optimizer state for another training with this seed, keeping the traced graph.

        The network's weights are not changed.
        """
        self._seed.assign(seed)
        self._steps_before_epoch = self._steps_done = 0
        self._updates.restart()

    def go_to(self, step: int) -> None:
        """Sets the step of the whole training, from 0, on which schedule and dropout keys depend."""
        self._steps_done = step

    def state(self) -> dict[str, NDArray[Any]]:
        """Returns what resuming needs besides the network's weights."""
        # The key's name is part of the format of saved progress.
        in_bfloat16 = np.array(self._forward_pass.in_bfloat16)
        return {"steps_done": np.array(self._steps_done), "in_16_bits": in_bfloat16, **self._updates.state()}

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restores what `state` returned; the following steps are then the same, bit for bit."""
        self._steps_done = int(state["steps_done"])
        self._updates.load_state(state)

    def rewind(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes back to a step of the epoch under way: `load_state` after the network's weights were set back."""
        self.load_state(state)
        self._weights.load()

    def _run_steps(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        order: tf.Tensor,
        first_step: tf.Tensor,
        done: tf.Tensor,
        hyperparameters: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        count = tf.shape(hyperparameters)[0]
        batch_size = self._config.batch_size

        def body(step: tf.Tensor, losses: Any, correct: Any) -> tuple[tf.Tensor, Any, Any]:
            start = (first_step + step) * batch_size
            rows = order[start : start + batch_size]
            loss, hits = self._run_step(
                tf.gather(images, rows), tf.gather(labels, rows), done + tf.cast(step, tf.int64), hyperparameters[step]
            )
            return step + 1, losses.write(step, loss), correct.write(step, hits)

        _, losses, correct = tf.while_loop(
            lambda step, *_: step < count,
            body,
            (tf.constant(0), tf.TensorArray(tf.float32, count), tf.TensorArray(tf.int32, count)),
            parallel_iterations=1,
        )
        return losses.stack(), correct.stack()

    def _run_step(
        self, images: tf.Tensor, labels: tf.Tensor, step: tf.Tensor, hyperparameters: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        variables = self._weights.variables
        # The key depends on seed and step number alone, so that a resumed run draws the same masks.
        dropout_key = tf.cast(tf.stack([self._seed, step]), tf.uint64)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            logits, moving_statistics = self._forward_pass.logits(images, dropout_key)
            loss = tf.reduce_mean(_cross_entropies(logits, labels, self._config.label_smoothing))
            for penalty in self._network.losses:  # of regularizers and layers; no layer of the editor has any
                loss += penalty
        gradients = tape.gradient(loss, variables)
        self._updates.apply(gradients, hyperparameters)
        for variable, value in moving_statistics:
            variable.assign(value)
        hits = tf.math.count_nonzero(tf.math.in_top_k(labels, logits, 1), dtype=tf.int32)
        return loss, hits


def _cross_entropies(logits: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
    """Returns the cross-entropy of each image, (n,), in nats."""
    if smoothing == 0.0:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    targets = tf.one_hot(labels, CLASSES, 1.0 - smoothing + smoothing / CLASSES, smoothing / CLASSES)
    return tf.nn.softmax_cross_entropy_with_logits(targets, logits)
