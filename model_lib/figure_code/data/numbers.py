"""A window of an image as the numbers that it consists of."""

import numpy as np
import plotly.express as px

IMAGE = 0
TOP, LEFT, SIDE = 10, 10, 9
LARGEST = 255  # 1 for numbers from 0 to 1

data = np.load("data/mnist.npz")
images = data["x_train"]

rows, columns = np.arange(TOP, TOP + SIDE), np.arange(LEFT, LEFT + SIDE)
window = images[IMAGE][TOP : TOP + SIDE, LEFT : LEFT + SIDE] / 255 * LARGEST
figure = px.imshow(window, x=columns, y=rows, text_auto=".3g", color_continuous_scale="gray")
figure.show()
