"""Test images on which all good networks agree against the label, the most confident first."""

from pathlib import Path

import numpy as np
import plotly.express as px

RUNS = "runs"
TEST_SET = "mnist"

data = np.load("data/mnist.npz")
images = data["x_test"]

files = [*Path("model_lib/pretrained").glob("evaluation*.npz"), *Path(RUNS).glob("*/evaluation*.npz")]
saved = [each for each in map(np.load, files) if each["dataset"] == TEST_SET]
labels = saved[0]["labels"]
probabilities = np.array([each["probabilities"] for each in saved])
accuracies = (probabilities.argmax(axis=2) == labels).mean(axis=1)
probabilities = probabilities[accuracies >= accuracies.max() - 0.02]  # the good networks
predictions, confidences = probabilities.argmax(axis=2), probabilities.max(axis=2).mean(axis=0)
indices = np.flatnonzero((predictions == predictions[0]).all(axis=0) & (predictions[0] != labels))
indices = indices[np.argsort(-confidences[indices], kind="stable")][:100]
names = [f"{labels[index]}: {predictions[0][index]}? {index}" for index in indices]
figure = px.imshow(images[indices], facet_col=0, facet_col_wrap=5, color_continuous_scale="gray")
figure.for_each_annotation(lambda note: note.update(text=names[int(note.text[10:])]))
figure.show()
