"""One convolution of 3 x 3; stops once it is good enough."""

import keras
from keras import layers

# %% settings: digits, or articles: fashion_mnist
DATASET = keras.datasets.mnist
EPOCHS = 10
BATCH_SIZE = 32
TARGET = 0.995

# %% load: images, and which of ten classes each is
(x_train, y_train), (x_test, y_test) = DATASET.load_data()

# %% scale: a channel axis, and pixels from 0 to 1
x_train = x_train.reshape(-1, 28, 28, 1) / 255
x_test = x_test.reshape(-1, 28, 28, 1) / 255

# %% network: layers in a row, from image to answer
network = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
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


# %% callback: is called after each epoch
class StopAtTarget(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["accuracy"] > TARGET:
            print(f"{TARGET:.1%} exceeded: training ends")
            self.model.stop_training = True


# %% fit: at most so many epochs
network.fit(
    x_train,
    y_train,
    batch_size=BATCH_SIZE,
    epochs=EPOCHS,
    callbacks=[StopAtTarget()],
)

# %% evaluate: images that it was not trained on
network.evaluate(x_test, y_test)
