"""A convolution without a network: a filter moved over an image, its products added up at each place."""

import numpy as np
import plotly.express as px

IMAGE = 0
KERNEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]

data = np.load("data/mnist.npz")
images = data["x_test"]

kernel = np.array(KERNEL, float)
padded = np.pad(images[IMAGE] / 255, len(kernel) // 2)  # zeros around it: the result has the same size
windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
result = (windows * kernel).sum(axis=(2, 3))
figure = px.imshow(result, color_continuous_scale="RdBu", color_continuous_midpoint=0)
figure.show()
