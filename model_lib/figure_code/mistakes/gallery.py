"""Test images with their predictions, in the chosen order."""

import numpy as np
import plotly.express as px

FILE = "model_lib/pretrained/evaluation.npz"
MISTAKES_ONLY = True
LABEL = None  # 0 to 9: only images with this label
PREDICTION = None  # 0 to 9: only images with this prediction
WRITER = None  # only images of this person
BETWEEN = None  # only images with a confidence between these two, from 0 to 1
SORT = "confidence"  # "doubt", "loss", "index"
FIRST, COUNT = 0, 25

data = np.load("data/mnist.npz")
images = data["x_test"]

saved = np.load(FILE)
labels, probabilities = saved["labels"], saved["probabilities"]
predictions, confidences = probabilities.argmax(axis=1), probabilities.max(axis=1)
is_shown = np.ones(len(labels), bool)
if MISTAKES_ONLY:
    is_shown &= predictions != labels
if LABEL is not None:
    is_shown &= labels == LABEL
if PREDICTION is not None:
    is_shown &= predictions == PREDICTION
if WRITER is not None:
    is_shown &= saved["writers"] == WRITER
if BETWEEN is not None:
    is_shown &= (confidences >= BETWEEN[0]) & (confidences <= BETWEEN[1])

of_labels = np.clip(probabilities[range(len(labels)), labels], 1.2e-7, 1 - 1.2e-7)  # loss: -log of them
keys = {"confidence": -confidences, "doubt": confidences, "loss": of_labels, "index": predictions * 0}
indices = np.flatnonzero(is_shown)
indices = indices[np.argsort(keys[SORT][indices], kind="stable")][FIRST : FIRST + COUNT]
names = [f"{predictions[index]} ({confidences[index]:.1f}), {index}" for index in indices]
figure = px.imshow(images[indices], facet_col=0, facet_col_wrap=5, color_continuous_scale="gray")
figure.for_each_annotation(lambda note: note.update(text=names[int(note.text[10:])]))
figure.show()
