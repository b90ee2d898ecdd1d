"""Images that one person drew, each with its label."""

import numpy as np
import plotly.express as px

WRITER = 1
FIRST, COUNT = 0, 100
LABEL = None  # 0 to 9: only images with this label

data = np.load("data/pen_digits.npz")
part = data["writers"] % 3 != 0
images = data["images"][part]
labels = data["labels"][part]
writers = data["writers"][part]

is_shown = writers == WRITER
if LABEL is not None:
    is_shown &= labels == LABEL

indices = np.flatnonzero(is_shown)[FIRST : FIRST + COUNT]
figure = px.imshow(images[indices], facet_col=0, facet_col_wrap=10, color_continuous_scale="gray")
figure.for_each_annotation(lambda note: note.update(text=str(labels[indices[int(note.text[10:])]])))
figure.show()
