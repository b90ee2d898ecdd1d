"""The training images whose outputs of the last hidden layer are nearest to those of a test image."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
IMAGE = 0
TRAINED = 60000  # the network has learnt from so many of the training images

data = np.load("data/mnist.npz")
images = data["x_train"]
labels = data["y_train"]

train_images, labels = images[:TRAINED], labels[:TRAINED]

data = np.load("data/mnist.npz")
images = data["x_test"]

network = keras.models.load_model(f"{RUN}/network.keras")
features = keras.Model(network.inputs, keras.layers.Flatten()(network.layers[-1].input))
if features.output.shape[1] > 256:  # a random projection: fewer numbers, nearly the same distances
    shape = (features.output.shape[1], 256)
    projection = np.random.default_rng(1).normal(0, 256**-0.5, shape).astype(np.float32)
    features = keras.Model(network.inputs, keras.ops.matmul(features.output, projection))
train = np.concatenate([features(train_images[at : at + 500] / 255) for at in range(0, TRAINED, 500)])
one = np.asarray(features(images[IMAGE : IMAGE + 1] / 255))
distances = np.sqrt(((train - one) ** 2).sum(axis=1))
nearest = np.argsort(distances, kind="stable")[:10]
print(nearest, labels[nearest], distances[nearest])
figure = px.imshow(train_images[nearest], facet_col=0, facet_col_wrap=5, color_continuous_scale="gray")
figure.for_each_annotation(lambda note: note.update(text=str(labels[nearest[int(note.text[10:])]])))
figure.show()
