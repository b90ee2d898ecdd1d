"""The accuracy on the images that are left when the least confident ones are rejected."""

import numpy as np
import plotly.express as px

FILE = "model_lib/pretrained/evaluation.npz"
CHOSEN = 0.01  # share of the images that is rejected

saved = np.load(FILE)
labels, probabilities = saved["labels"], saved["probabilities"]
confidences, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
is_right = is_right[np.argsort(confidences, kind="stable")]  # the least confident first
rejected = [round(rate * len(is_right)) for rate in [*np.linspace(0, 0.2, 201), CHOSEN]]
x = 100 * np.array(rejected) / len(is_right)
y = 100 * np.array([is_right[count:].mean() for count in rejected])
figure = px.line(x=x[:-1], y=y[:-1], labels={"x": "images rejected, %", "y": "accuracy on the others, %"})
figure.add_scatter(x=x[-1:], y=y[-1:], name="chosen")
figure.show()
