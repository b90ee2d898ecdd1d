"""The outputs of all units of one layer for one image."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "output"
IMAGE = 0
BEFORE_ACTIVATION = False

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
layer = network.get_layer(LAYER)
if BEFORE_ACTIVATION:
    layer.activation = keras.activations.linear

part = keras.Model(network.inputs, layer.output)
outputs = np.asarray(part(images[IMAGE : IMAGE + 1] / 255))[0]
figure = px.bar(x=np.arange(len(outputs)), y=outputs, labels={"x": "unit", "y": "output"})
figure.show()
