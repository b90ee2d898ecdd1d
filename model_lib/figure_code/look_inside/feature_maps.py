"""The feature maps of one layer for one image."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "conv2d_1"
IMAGE = 0
BEFORE_ACTIVATION = False
FIRST, COUNT = 0, 64

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
layer = network.get_layer(LAYER)
if BEFORE_ACTIVATION:
    layer.activation = keras.activations.linear

part = keras.Model(network.inputs, layer.output)
maps = np.asarray(part(images[IMAGE : IMAGE + 1] / 255))[0, :, :, FIRST : FIRST + COUNT]
names = {"facet_col": "map"}
figure = px.imshow(np.moveaxis(maps, 2, 0), facet_col=0, facet_col_wrap=8, labels=names)
figure.show()
