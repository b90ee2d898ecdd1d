"""A dense network of 128 units, five epochs."""

import keras
from keras import layers
from keras.datasets import mnist

# %% settings: what one may change
EPOCHS = 5
BATCH_SIZE = 32

# %% load: images of digits, and which digit each is
(x_train, y_train), (x_test, y_test) = mnist.load_data()
print(x_train.shape, y_train.shape)

# %% scale: pixels from 0..255 to 0..1
x_train, x_test = x_train / 255, x_test / 255

# %% network: layers in a row, from image to answer
network = keras.Sequential(
    [
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% summary: its layers as a table
network.summary()

# %% compile: how it is trained and measured
network.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

# %% fit: all training images, once an epoch
network.fit(
    x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS
)

# %% evaluate: images that it was not trained on
network.evaluate(x_test, y_test)

# %% predict: the most probable of ten digits
predictions = network.predict(x_test).argmax(axis=1)
print(predictions[:10], y_test[:10])

# %% grid: a hundred predictions in ten rows
print(predictions[:100].reshape(10, 10))
