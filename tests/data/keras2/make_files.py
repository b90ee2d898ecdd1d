"""Makes the files of this folder: two networks as Keras 2 saves them, each with its answers to three images.

In an environment of its own, for example with Python 3.10:

    pip install tensorflow-cpu==2.15.1
    python make_files.py OUT

The second of them is written once more as Keras writes it on Windows, where the names of groups are joined by a
backslash. The files bear the version of the Keras that wrote them.
"""

from __future__ import annotations

import ntpath
import os
import pathlib
import sys
from importlib import metadata
from unittest import mock

import numpy as np
import tensorflow as tf
from tensorflow import keras

K = keras.layers


def _sequential():
    layers = [
        K.Rescaling(1 / 255, input_shape=(28, 28, 1)),
        K.Conv2D(4, 3, strides=2, activation="relu", name="edges"),
        K.BatchNormalization(),
        K.MaxPooling2D(2),
        K.Conv2D(3, (3, 3), padding="same", use_bias=False),
        K.BatchNormalization(scale=False),
        K.ReLU(),
        K.Dropout(0.25),
        K.Flatten(),
        K.Dense(5, activation=tf.nn.tanh, name="dense_1"),
        K.Dense(10, activation="softmax", name="digit"),
    ]
    network = keras.Sequential(layers, name="my_network")
    network.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    return network


def _functional():
    image = keras.Input((28, 28), name="image")
    row = K.Dropout(0.1)(K.Dense(6, activation="elu")(K.Flatten()(image)))
    network = keras.Model(image, K.Dense(10)(K.BatchNormalization()(K.Dense(5, use_bias=False)(row))))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(0.01), loss, metrics=[keras.metrics.SparseCategoricalAccuracy()])
    return network


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    version = "_".join(metadata.version("keras").split(".")[:2])
    # In 2.12 the name's ending is not enough.
    options = {"save_format": "keras_v3"} if version == "2_12" else {}
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (3, 28, 28), np.uint8)
    for name in ("sequential", "functional"):
        network = _sequential() if name == "sequential" else _functional()
        network.set_weights([_weights(random, each.shape) for each in network.get_weights()])
        if name == "sequential":  # it divides by 255 itself
            answers = network(images[..., None].astype(np.float32), training=False)
        else:
            answers = tf.nn.softmax(network(images.astype(np.float32) / 255, training=False))
        names = [name] if name == "sequential" else [name, "windows"]
        for each in names:
            file = folder / f"{each}_{version}.keras"
            join = _join_as_windows(tf.io.gfile.join) if each == "windows" else tf.io.gfile.join
            with mock.patch.object(tf.compat.v2.io.gfile, "join", join):
                network.save(str(file), **options)
            np.savez_compressed(file.with_suffix(".npz"), images=images, answers=answers.numpy())


def _weights(random, shape):
    """Returns weights with which different images get different answers."""
    if len(shape) == 1:
        return random.uniform(0.1, 0.9, shape)
    return random.normal(0, 2 / np.sqrt(np.prod(shape[:-1])), shape)


def _join_as_windows(join):
    """Returns a function that joins names of groups by a backslash, and leaves paths of files alone."""
    return lambda first, *more: join(first, *more) if os.sep in first else ntpath.join(first, *more)


if __name__ == "__main__":
    main()
