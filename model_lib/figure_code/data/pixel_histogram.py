"""How many pixels of all images have each value from 0 to 255."""

import numpy as np
import plotly.express as px

data = np.load("data/mnist.npz")
images = data["x_train"]

counts = np.bincount(images.ravel(), minlength=256)
values = np.flatnonzero(counts)
names = {"x": "value of a pixel", "y": "pixels"}
figure = px.bar(x=values, y=counts[values], log_y=True, labels=names)
figure.show()
