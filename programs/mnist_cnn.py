"""Two convolutions of 3 x 3, trained with Adadelta."""

import keras
from keras import layers
from keras.datasets import mnist

# %% settings: what one may change
EPOCHS = 12
BATCH_SIZE = 128

# %% load: images of digits, and which digit each is
(x_train, y_train), (x_test, y_test) = mnist.load_data()

# %% channels: where the shape has its channel
SHAPE = (28, 28, 1)
if keras.config.image_data_format() == "channels_first":
    SHAPE = (1, 28, 28)
x_train = x_train.reshape(-1, *SHAPE) / 255
x_test = x_test.reshape(-1, *SHAPE) / 255

# %% one_hot: ten numbers for each label
t_train = keras.utils.to_categorical(y_train, 10)
t_test = keras.utils.to_categorical(y_test, 10)

# %% network: layers in a row, from image to answer
network = keras.Sequential(
    [
        keras.Input(SHAPE),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)

# %% compile: Adadelta at the rate of its paper
network.compile(
    optimizer=keras.optimizers.Adadelta(learning_rate=1.0),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

# %% fit: the test images after each epoch
network.fit(
    x_train,
    t_train,
    batch_size=BATCH_SIZE,
    epochs=EPOCHS,
    validation_data=(x_test, t_test),
)

# %% evaluate: test loss and test accuracy
loss, accuracy = network.evaluate(x_test, t_test)
print(f"test loss {loss:.4f}, accuracy {accuracy:.2%}")
