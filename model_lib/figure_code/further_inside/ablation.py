"""Ablation: the accuracy for each label with all filters, and with some of them switched off."""

import keras
import numpy as np
import plotly.graph_objects as go

RUN = "model_lib/pretrained"
LAYER = "activation_1"
SWITCHED_OFF = [0]

data = np.load("data/mnist.npz")
images = data["x_test"]
labels = data["y_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
values = network.get_layer(LAYER).output
mask = np.ones(values.shape[-1], np.float32)
mask[SWITCHED_OFF] = 0
ablated = keras.Model(network.inputs, keras.Model(values, network.output)(values * mask))
figure = go.Figure()
for name, each in (("all filters on", network), ("switched off", ablated)):
    is_right = each.predict(images / 255).argmax(axis=1) == labels
    shares = np.bincount(labels, is_right, minlength=10) / np.bincount(labels, minlength=10)
    figure.add_bar(x=np.arange(10), y=100 * shares, name=f"{name}: {is_right.mean():.2%}")
figure.show()
