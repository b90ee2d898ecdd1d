"""The nine test images with the strongest activation of a filter."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "activation_1"
FILTER = 0

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
outputs = network.get_layer(LAYER).output
if len(outputs.shape) == 4:  # of each feature map its largest number
    outputs = keras.ops.max(outputs, axis=(1, 2))
values = keras.Model(network.inputs, outputs).predict(images / 255)[:, FILTER]
strongest = np.argsort(-values, kind="stable")[:9]
names = [f"{values[index]:.2f}: image {index}" for index in strongest]
figure = px.imshow(images[strongest], facet_col=0, facet_col_wrap=3, color_continuous_scale="gray")
figure.for_each_annotation(lambda note: note.update(text=names[int(note.text[10:])]))
figure.show()
