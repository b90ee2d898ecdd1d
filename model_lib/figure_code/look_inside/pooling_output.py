"""One output of a pooling layer: the largest, or the mean, of a block of numbers."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "max_pooling2d_1"
FILTER = 0
IMAGE = 0
ROW, COLUMN = 5, 5

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
layer = network.get_layer(LAYER)
before = keras.Model(network.inputs, layer.input)(images[IMAGE : IMAGE + 1] / 255)
before = np.asarray(before)[..., FILTER : FILTER + 1]
values, is_inside = [
    keras.ops.image.extract_patches(each, layer.pool_size, layer.strides, padding=layer.padding)
    for each in (before, np.ones_like(before))
]
block = np.where(is_inside, values, np.nan)[0, ROW, COLUMN].reshape(layer.pool_size)
print(f"largest {np.nanmax(block):.4f}, mean {np.nanmean(block):.4f}")
figure = px.imshow(block, text_auto=".2f")
figure.show()
