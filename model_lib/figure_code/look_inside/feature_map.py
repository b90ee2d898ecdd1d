"""One feature map, one pixel of it framed."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "conv2d_1"
FILTER = 0
IMAGE = 0
ROW, COLUMN = 10, 10

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
part = keras.Model(network.inputs, network.get_layer(LAYER).output)
values = np.asarray(part(images[IMAGE : IMAGE + 1] / 255))[0, :, :, FILTER]
print(f"row {ROW}, column {COLUMN}: {values[ROW, COLUMN]:.4f}")
figure = px.imshow(values)
figure.add_shape(x0=COLUMN - 0.5, x1=COLUMN + 0.5, y0=ROW - 0.5, y1=ROW + 0.5, line_color="orange")
figure.show()
