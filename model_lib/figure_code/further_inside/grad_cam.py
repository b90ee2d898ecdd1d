"""Grad-CAM: feature maps added up, each weighted by the mean gradient of the score of a class."""

import keras
import numpy as np
import plotly.express as px
import tensorflow as tf

RUN = "model_lib/pretrained"
LAYER = "activation_4"
IMAGE = 0
CLASS = 7

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
network.layers[-1].activation = keras.activations.linear  # the score: the sum before softmax
both = keras.Model(network.inputs, [network.get_layer(LAYER).output, network.output])
with tf.GradientTape() as tape:
    maps, scores = both(images[IMAGE : IMAGE + 1] / 255)
    score = scores[0, CLASS]

weights = np.mean(tape.gradient(score, maps)[0], axis=(0, 1))
heat = np.maximum(np.asarray(maps)[0] @ weights, 0)  # only what raises the score
figure = px.imshow(heat)
figure.show()
