"""One output of global average pooling: the mean of a whole feature map."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "global_average_pooling2d_1"
FILTER = 0
IMAGE = 0

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
before = keras.Model(network.inputs, network.get_layer(LAYER).input)(images[IMAGE : IMAGE + 1] / 255)
values = np.asarray(before)[0, :, :, FILTER]
print(f"mean {values.mean():.4f}")
figure = px.imshow(values)
figure.show()
