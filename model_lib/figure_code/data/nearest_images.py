"""The images whose pixels differ least from those of one image."""

import numpy as np
import plotly.express as px

IMAGE = 0
COUNT = 5

data = np.load("data/mnist.npz")
images = data["x_train"]
labels = data["y_train"]

squares = (images.astype(np.int32) - images[IMAGE]) ** 2
distances = np.sqrt(squares.sum(axis=(1, 2)))
distances[IMAGE] = np.inf  # not the image itself
nearest = np.argsort(distances, kind="stable")[:COUNT]
print(nearest, labels[nearest], distances[nearest])
figure = px.imshow(images[nearest], facet_col=0, color_continuous_scale="gray")
figure.for_each_annotation(lambda note: note.update(text=str(labels[nearest[int(note.text[10:])]])))
figure.show()
