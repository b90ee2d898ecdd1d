"""The ten probabilities of one test image."""

import numpy as np
import plotly.express as px

FILE = "model_lib/pretrained/evaluation.npz"
IMAGE = 0

saved = np.load(FILE)
probabilities = saved["probabilities"][IMAGE]
names = {"x": "probability, %", "y": "class"}
figure = px.bar(x=100 * probabilities, y=np.arange(10), orientation="h", labels=names)
figure.update_layout(title=f"Label {saved['labels'][IMAGE]}")
figure.show()
