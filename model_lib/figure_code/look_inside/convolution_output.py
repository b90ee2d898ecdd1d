"""One output of a convolution: a patch times the filter, added up, plus the bias, through the activation."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "conv2d_1"
FILTER = 0
IMAGE = 0
ROW, COLUMN = 10, 10
CHANNEL = 0  # the map before it whose products are drawn

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
layer = network.get_layer(LAYER)
before = keras.Model(network.inputs, layer.input)(images[IMAGE : IMAGE + 1] / 255)
kernel = layer.get_weights()[0][..., FILTER]
patches = keras.ops.image.extract_patches(before, layer.kernel_size, layer.strides, padding=layer.padding)
patch = np.asarray(patches)[0, ROW, COLUMN].reshape(kernel.shape)
bias = layer.get_weights()[1][FILTER] if layer.use_bias else 0.0
total = (patch * kernel).sum() + bias
print(f"sum + bias {total:.4f}, after {layer.activation.__name__} {layer.activation(np.array([total]))}")
tables = np.stack([patch, kernel, patch * kernel])[..., CHANNEL]
figure = px.imshow(tables, facet_col=0, text_auto=".2f", title="patch x filter = products")
figure.show()
