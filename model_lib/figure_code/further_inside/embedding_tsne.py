"""Map of images: the outputs of the last hidden layer, laid out by t-SNE so that neighbours stay together."""

import keras
import numpy as np
import plotly.express as px
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

RUN = "model_lib/pretrained"
COUNT = 2000

data = np.load("data/mnist.npz")
images = data["x_test"]
labels = data["y_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
part = keras.Model(network.inputs, network.layers[-1].input)
features = part.predict(images[:COUNT] / 255).reshape(COUNT, -1).astype(float)
reduced = PCA(min(50, *features.shape), random_state=0).fit_transform(features)
points = (reduced[:, :2] / reduced[:, 0].std() * 1e-4).astype(np.float32)
for exaggeration in (12, 1, 1, 1):  # four rounds of 250 iterations, each from where the one before ended
    settings = {"early_exaggeration": exaggeration, "learning_rate": max(COUNT / 12, 50), "max_iter": 250}
    points = TSNE(init=points, random_state=0, **settings).fit_transform(reduced)
figure = px.scatter(x=points[:, 0], y=points[:, 1], color=labels[:COUNT].astype(str))
figure.show()
