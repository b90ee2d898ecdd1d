"""Images in rows of ten, each with its label."""

import numpy as np
import plotly.express as px

FIRST, COUNT = 0, 100
LABEL = None  # 0 to 9: only images with this label

data = np.load("data/mnist.npz")
images = data["x_train"]
labels = data["y_train"]

indices = np.arange(len(images))
if LABEL is not None:
    indices = np.flatnonzero(labels == LABEL)

indices = indices[FIRST : FIRST + COUNT]
figure = px.imshow(images[indices], facet_col=0, facet_col_wrap=10, color_continuous_scale="gray")
figure.for_each_annotation(lambda note: note.update(text=str(labels[indices[int(note.text[10:])]])))
figure.show()
