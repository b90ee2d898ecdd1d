"""One image: 28 x 28 numbers, each drawn as a shade of grey."""

import numpy as np
import plotly.express as px

IMAGE = 0

data = np.load("data/mnist.npz")
images = data["x_test"]

figure = px.imshow(images[IMAGE], color_continuous_scale="gray", title=f"Image {IMAGE}")
figure.show()
