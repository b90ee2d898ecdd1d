"""Occlusion: how far the probability of a class falls when a black square hides each part of the image."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
IMAGE = 0
CLASS = 7
SIDE = 5

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
image = images[IMAGE] / 255
hidden = np.repeat(image[np.newaxis], 28 * 28, axis=0)
for place, (row, column) in enumerate(np.ndindex(28, 28)):
    rows = slice(max(0, row - SIDE // 2), row + SIDE // 2 + 1)
    hidden[place, rows, max(0, column - SIDE // 2) : column + SIDE // 2 + 1] = 0
before, after = (network.predict(each)[:, CLASS] for each in (image[np.newaxis], hidden))
drops = 100 * (before - after).reshape(28, 28)
figure = px.imshow(drops, color_continuous_scale="RdBu", color_continuous_midpoint=0)
figure.show()
