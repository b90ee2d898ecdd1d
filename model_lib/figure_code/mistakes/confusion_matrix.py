"""The confusion matrix: how often an image of each label is predicted as each class."""

import numpy as np
import plotly.express as px

FILE = "model_lib/pretrained/evaluation.npz"
PER_CENT = False  # True: of all images with the same label

saved = np.load(FILE)
labels, predictions = saved["labels"], saved["probabilities"].argmax(axis=1)
counts = np.zeros((10, 10), int)
np.add.at(counts, (labels, predictions), 1)
if PER_CENT:
    counts = 100 * counts / counts.sum(axis=1, keepdims=True)

figure = px.imshow(counts, text_auto=".3~f", labels={"x": "prediction", "y": "label"})
figure.update_xaxes(dtick=1).update_yaxes(dtick=1)
figure.show()
