"""Activation maximization: gradient ascent on the pixels until the sum of a filter is large."""

import keras
import numpy as np
import plotly.express as px
import tensorflow as tf

RUN = "model_lib/pretrained"
LAYER = "activation_1"
FILTER = 0
STEPS = 200

network = keras.models.load_model(f"{RUN}/network.keras")
layer = network.get_layer(LAYER)
layer.activation = keras.activations.linear  # the sum before the activation: ReLU has no gradient below zero
part = keras.Model(network.inputs, layer.output)
is_convolution = len(part.output.shape) == 4
middle = tuple(side // 2 for side in part.output.shape[1:-1])
rng = np.random.default_rng(0)
noise = image = rng.uniform(0.4, 0.6, (28, 28)).astype(np.float32)
for _ in range(STEPS):
    shift = rng.integers(0, 1, 2) if is_convolution else rng.integers(-2, 3, 2)
    pixels = tf.constant(np.roll(image, shift, (0, 1)))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        activation = part(pixels[np.newaxis])[(0, *middle, FILTER)]
    gradient = np.roll(tape.gradient(activation, pixels), -shift, (0, 1))
    image = np.clip(image + 0.05 * gradient / (np.abs(gradient).max() + 1e-12), 0, 1)
rows, columns = np.nonzero(image != noise)  # the receptive field: the other pixels stay noise
figure = px.imshow(image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], color_continuous_scale="gray")
figure.show()
