"""The ten probabilities that a network computes for one image."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
IMAGE = 0

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
probabilities = np.asarray(network(images[IMAGE : IMAGE + 1] / 255))[0]
names = {"x": "probability, %", "y": "class"}
figure = px.bar(x=100 * probabilities, y=np.arange(10), orientation="h", labels=names)
figure.show()
