"""Saliency: how strongly the score of a class depends on each pixel, by the gradient."""

import keras
import numpy as np
import plotly.express as px
import tensorflow as tf

RUN = "model_lib/pretrained"
IMAGE = 0
CLASS = 7

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
network.layers[-1].activation = keras.activations.linear  # the score: the sum before softmax
image = tf.constant(images[IMAGE : IMAGE + 1] / 255, tf.float32)
with tf.GradientTape() as tape:
    tape.watch(image)
    score = network(image)[0, CLASS]

gradient = np.abs(tape.gradient(score, image)[0])
figure = px.imshow(gradient)
figure.show()
