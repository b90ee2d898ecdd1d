"""A dense network that scales the raw pixels itself."""

from pathlib import Path

import keras
from keras import layers
from keras.datasets import mnist

# %% settings: what one may change
EPOCHS = 10
BATCH_SIZE = 32

# %% load: images of digits, and which digit each is
(x_train, y_train), (x_test, y_test) = mnist.load_data()

# %% raw: the pixels stay 0..255
print(x_train.min(), x_train.max())

# %% network: each layer is called with the one before
image = keras.Input((28, 28))
values = layers.Flatten()(image)
values = layers.BatchNormalization()(values)
values = layers.Dense(128, activation="relu")(values)
answer = layers.Dense(10, activation="softmax")(values)
network = keras.Model(image, answer)

# %% summary: its layers as a table
network.summary()

# %% compile: how it is trained and measured
network.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

# %% fit: the test images after each epoch
history = network.fit(
    x_train,
    y_train,
    batch_size=BATCH_SIZE,
    epochs=EPOCHS,
    validation_data=(x_test, y_test),
)

# %% curve: the loss after each epoch
for name in ("loss", "val_loss"):
    print(name, history.history[name])

# %% evaluate: images that it was not trained on
network.evaluate(x_test, y_test)

# %% architecture: the layers as text, without weights
Path("network.json").write_text(network.to_json())

# %% weights: the numbers that training has found
network.save_weights("network.weights.h5")
