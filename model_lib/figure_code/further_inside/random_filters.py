"""Sixteen random filters moved over an image, and their feature maps after max pooling."""

import numpy as np
import plotly.express as px

IMAGE = 0
SEED = 1
FILTERS = 16
POOLED = True  # False: the feature maps before max pooling

data = np.load("data/mnist.npz")
images = data["x_test"]

kernels = np.random.default_rng(SEED).normal(size=(16, 5, 5))[:FILTERS]
windows = np.lib.stride_tricks.sliding_window_view(np.pad(images[IMAGE] / 255, 2), (5, 5))
maps = np.einsum("rcij,kij->krc", windows, kernels)
if POOLED:
    maps = maps.reshape(FILTERS, 14, 2, 14, 2).max(axis=(2, 4))

scale = {"color_continuous_scale": "RdBu", "color_continuous_midpoint": 0}
figure = px.imshow(maps, facet_col=0, facet_col_wrap=4, **scale)
figure.show()
