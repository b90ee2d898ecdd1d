"""One output of a dense layer: each input times its weight, added up, plus the bias."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "output"
IMAGE = 0
POSITION = (0,)  # of the output: the number of the unit

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
layer = network.get_layer(LAYER)
before = keras.Model(network.inputs, layer.input)(images[IMAGE : IMAGE + 1] / 255)
inputs, weights = np.asarray(before)[0][POSITION[:-1]], layer.get_weights()[0][:, POSITION[-1]]
products = inputs * weights
bias = layer.get_weights()[1][POSITION[-1]] if layer.use_bias else 0.0
print(f"sum {products.sum():.4f} + bias {bias:.4f} = {products.sum() + bias:.4f}")
order = np.argsort(products, kind="stable")
largest = [at for at in order[::-1][:10] if products[at] > 0] + [at for at in order[:10] if products[at] < 0]
names = [f"input {at}: {inputs[at]:.2f} x {weights[at]:.2f}" for at in largest]
figure = px.bar(x=products[largest], y=names, orientation="h", labels={"x": "input x weight", "y": ""})
figure.show()
