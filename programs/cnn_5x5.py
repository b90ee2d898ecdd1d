"""One convolution of 5 x 5 before a dense layer."""

import keras
from keras import layers
from keras.datasets import mnist

# %% settings: what one may change
EPOCHS = 5
BATCH_SIZE = 32

# %% load: images of digits, and which digit each is
(x_train, y_train), (x_test, y_test) = mnist.load_data()

# %% scale: pixels from 0..255 to 0..1
x_train, x_test = x_train / 255, x_test / 255

# %% network: layers in a row, from image to logits
network = keras.Sequential(
    [
        keras.Input((28, 28)),
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(32, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10),
    ]
)

# %% summary: its layers as a table
network.summary()

# %% compile: the softmax is a part of the loss
network.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(
        from_logits=True
    ),
    metrics=["accuracy"],
)

# %% fit: all training images, once an epoch
network.fit(
    x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS
)

# %% evaluate: images that it was not trained on
network.evaluate(x_test, y_test)

# %% predict: from logits to probabilities
logits = network.predict(x_test)
probabilities = keras.ops.softmax(logits)
predictions = logits.argmax(axis=1)
print(probabilities[0], predictions[0])

# %% captions: 25 images in five rows of five
for i in range(25):
    print(f"label={y_test[i]}, predict={predictions[i]}")
