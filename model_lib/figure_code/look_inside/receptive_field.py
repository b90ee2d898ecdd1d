"""The part of the image that one output of a layer depends on: its receptive field."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "conv2d_1"
IMAGE = 0
ROW, COLUMN = 10, 10

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
names = [layer.name for layer in network.layers]
box = np.array([[ROW, ROW + 1], [COLUMN, COLUMN + 1]])  # first and end, of rows and of columns
for layer in network.layers[names.index(LAYER) :: -1]:
    side = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if side is not None:  # what a window reads, from the last layer back to the image
        inputs, outputs = np.array(layer.input.shape[1:3]), np.array(layer.output.shape[1:3])
        padded = (outputs - 1) * layer.strides + side - inputs if layer.padding == "same" else inputs * 0
        first = box[:, 0] * layer.strides - np.maximum(padded, 0) // 2
        end = first + (box[:, 1] - box[:, 0] - 1) * layer.strides + side
        box = np.clip(np.stack([first, end], axis=1), 0, inputs[:, np.newaxis])
(top, bottom), (left, right) = box
figure = px.imshow(images[IMAGE], color_continuous_scale="gray")
figure.add_shape(x0=left - 0.5, x1=right - 0.5, y0=top - 0.5, y1=bottom - 0.5, line_color="orange")
figure.show()
