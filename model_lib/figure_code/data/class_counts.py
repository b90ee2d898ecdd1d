"""How many images have each label."""

import numpy as np
import plotly.express as px

data = np.load("data/mnist.npz")
images = data["x_train"]
labels = data["y_train"]

print(images.shape, images.dtype, labels.shape, labels.dtype)
counts = np.bincount(labels, minlength=10)
figure = px.bar(x=counts, y=np.arange(10), orientation="h", labels={"x": "images", "y": "label"})
figure.show()
