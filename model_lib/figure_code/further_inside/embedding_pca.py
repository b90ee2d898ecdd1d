"""Map of images: the outputs of the last hidden layer, projected onto the two directions of largest variance."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
COUNT = 2000

data = np.load("data/mnist.npz")
images = data["x_test"]
labels = data["y_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
part = keras.Model(network.inputs, network.layers[-1].input)
features = part.predict(images[:COUNT] / 255).reshape(COUNT, -1).astype(float)
centred = features - features.mean(axis=0)
_, spreads, directions = np.linalg.svd(centred, full_matrices=False)
points = centred @ directions[:2].T
print("share of the variance", spreads[:2] ** 2 / (spreads**2).sum())
figure = px.scatter(x=points[:, 0], y=points[:, 1], color=labels[:COUNT].astype(str))
figure.show()
