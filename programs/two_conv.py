"""Two convolutions of 5 x 5, and all mistakes."""

import keras
import numpy as np
from keras import layers
from keras.datasets import mnist

# %% settings: what one may change
EPOCHS = 20
BATCH_SIZE = 300

# %% load: images of digits, and which digit each is
(x_train, y_train), (x_test, y_test) = mnist.load_data()

# %% scale: a channel axis, and pixels from 0 to 1
x_train = x_train[..., np.newaxis] / 255
x_test = x_test[..., np.newaxis] / 255

# %% network: layers in a row, from image to answer
network = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(36, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% compile: how it is trained and measured
network.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

# %% fit: the last fifth is held out for validation
history = network.fit(
    x_train,
    y_train,
    batch_size=BATCH_SIZE,
    epochs=EPOCHS,
    validation_split=0.2,
)

# %% curve: accuracy after each epoch
print(history.history["accuracy"])
print(history.history["val_accuracy"])

# %% evaluate: images that it was not trained on
network.evaluate(x_test, y_test)

# %% confusion: rows are labels, columns predictions
predictions = network.predict(x_test).argmax(axis=1)
table = np.zeros((10, 10), int)
np.add.at(table, (y_test, predictions), 1)
print(table)

# %% chosen: each 5 that was predicted as 3
print(np.flatnonzero((y_test == 5) & (predictions == 3)))

# %% gallery: every mistake
print(np.flatnonzero(predictions != y_test))
