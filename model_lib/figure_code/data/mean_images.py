"""The mean image of each label: the mean of every pixel by itself."""

import numpy as np
import plotly.express as px

data = np.load("data/mnist.npz")
images = data["x_train"]
labels = data["y_train"]

means = np.array([images[labels == label].mean(axis=0) for label in range(10)])
names = {"facet_col": "label"}
figure = px.imshow(means, facet_col=0, facet_col_wrap=5, labels=names, color_continuous_scale="gray")
figure.show()
