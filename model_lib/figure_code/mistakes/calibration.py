"""Calibration: the accuracy of the images whose confidence lies in each of 15 bins."""

import numpy as np
import plotly.express as px

FILE = "model_lib/pretrained/evaluation.npz"
BINS = 15

saved = np.load(FILE)
labels, probabilities = saved["labels"], saved["probabilities"].astype(float)
confidences, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
edges = np.linspace(0, 1, BINS + 1)
places = np.clip(np.searchsorted(edges, confidences) - 1, 0, BINS - 1)
counts = np.bincount(places, minlength=BINS)
filled = np.flatnonzero(counts)  # a bin without images has no accuracy
accuracies = np.bincount(places, is_right)[filled] / counts[filled]
means = np.bincount(places, confidences)[filled] / counts[filled]
error = (counts[filled] * abs(means - accuracies)).sum() / counts.sum()
print(f"expected calibration error {error:.4f}")
middles = (edges[:-1] + edges[1:])[filled] / 2
figure = px.bar(x=100 * middles, y=100 * accuracies, labels={"x": "confidence, %", "y": "accuracy, %"})
figure.add_scatter(x=[0, 100], y=[0, 100], name="perfectly calibrated")
figure.show()
