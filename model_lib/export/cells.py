"""The parts of a program that trains a run's network again with TensorFlow alone: for the script and the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from model_lib.config.layer_kinds import KINDS
from model_lib.config.network import IMAGE_SHAPE, LayerSpec, NetworkSpec
from model_lib.config.summary import summarise
from model_lib.config.training import OPTIMIZERS, TrainingConfig, learnt_images
from model_lib.datasets.loading import CLASSES

# The variable that names a file of the images, for rooms without the internet.
IMAGES_VARIABLE: Final = "IMAGES_FILE"
# The data sets that Keras fetches by itself, by their names here and there.
KERAS_DATASETS: Final[Mapping[str, str]] = {"mnist": "mnist", "fashion_mnist": "fashion_mnist"}

_CLASSES_OF_OPTIMIZERS: Final = {
    "adam": "Adam",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adadelta": "Adadelta",
    "adagrad": "Adagrad",
}
# Arguments that everybody writes without their name, in Keras's order.
_POSITIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "Conv2D": ("filters", "kernel_size"),
    "MaxPooling2D": ("pool_size",),
    "AveragePooling2D": ("pool_size",),
    "Dropout": ("rate",),
    "Activation": ("activation",),
    "Dense": ("units",),
}
_KERAS_DEFAULTS: Final[Mapping[str, Any]] = {
    "strides": None,
    "padding": "valid",
    "activation": "linear",
    "use_bias": True,
}


@dataclass(frozen=True)
class Cell:
    """One part of the program.

    Args:
        name: of the part, one word.
        title: what it does, in a few words.
        explanation: two or three sentences for somebody who reads it for the first time; Markdown.
        code: Python; nothing that a visitor typed stands in it but as a quoted text.
    """

    name: str
    title: str
    explanation: str
    code: str


def literal(value: object) -> str:
    """Returns a number, a word or any text as Python reads it, in double quotes where that is possible."""
    text = repr(value)
    return f'"{text[1:-1]}"' if isinstance(value, str) and "'" not in value and '"' not in value else text


def training_cells(spec: NetworkSpec, config: TrainingConfig, is_notebook: bool = False) -> list[Cell]:
    """Returns the program that trains this network with these settings, from the imports to the saved network.

    Args:
        spec: the network.
        config: the settings. What the program does not repeat is told by `not_repeated`.
        is_notebook: whether the images' file is named by the variable alone: a kernel has arguments of its own.

    Raises:
        NetworkError: if the stack cannot be built.
    """
    summarise(spec)
    return [
        _imports(config, is_notebook),
        _settings(spec, config),
        _load(config, is_notebook),
        _split(config),
        *([_one_hot(config)] if config.label_smoothing else []),
        _network(spec),
        _compile(config),
        *_callbacks(config),
        _fit(config),
        _evaluate(config),
        _mistakes(),
        _save(),
    ]


def _imports(config: TrainingConfig, is_notebook: bool) -> Cell:
    modules = ["os"] + ([] if is_notebook else ["sys"]) + (["time"] if config.time_limit_seconds is not None else [])
    lines = [f"import {name}" for name in modules] + ["from pathlib import Path", "", "import keras"]
    lines += ["import numpy as np", "from keras import layers"]
    return Cell(
        "imports",
        "what the program needs",
        "TensorFlow brings everything that is imported here: `pip install tensorflow` is enough.",
        "\n".join(lines),
    )


def _settings(spec: NetworkSpec, config: TrainingConfig) -> Cell:
    lines = [
        f"TITLE = {literal(spec.title or spec.name)}",
        f"EPOCHS = {config.epochs}",
        f"BATCH_SIZE = {config.batch_size}",
        f"LEARNING_RATE = {literal(float(config.rate))}",
        f"TRAINING_IMAGES = {learnt_images(config)}",
    ]
    if config.validation == "last":
        lines.append(f"VALIDATION_IMAGES = {config.training_images - learnt_images(config)}")
    lines += [f"SEED = {config.seed}", "", "keras.utils.set_random_seed(SEED)"]
    return Cell(
        "settings",
        "what one may change",
        "An *epoch* is one look at all training images, a *batch* is how many are looked at before each step, and the "
        "*learning rate* is how far a step goes. The *seed* sets the first weights and the order of the images: the "
        "same seed gives the same result on the same computer.",
        "\n".join(lines),
    )


def _load(config: TrainingConfig, is_notebook: bool) -> Cell:
    known = KERAS_DATASETS.get(config.dataset)
    if is_notebook:
        lines = [f'file = os.environ.get("{IMAGES_VARIABLE}")']
    else:
        lines = [f'file = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("{IMAGES_VARIABLE}")']
    if known is None:
        lines += [
            "if not file:",
            '    raise SystemExit("These images do not come with Keras. Name their .npz file.")',
            "with np.load(file) as arrays:",
            '    x_train, y_train = arrays["x_train"], arrays["y_train"]',
            '    x_test, y_test = arrays["x_test"], arrays["y_test"]',
        ]
        where = "These images do not come with Keras: take their file from the page where this program comes from, and "
        where += f"name it in the variable `{IMAGES_VARIABLE}`."
    else:
        lines += [
            "if file:  # without the internet",
            "    with np.load(file) as arrays:",
            '        x_train, y_train = arrays["x_train"], arrays["y_train"]',
            '        x_test, y_test = arrays["x_test"], arrays["y_test"]',
            "else:",
            f"    (x_train, y_train), (x_test, y_test) = keras.datasets.{known}.load_data()",
        ]
        where = f"Keras fetches the images once. Without the internet, the variable `{IMAGES_VARIABLE}` names a file "
        where += "`mnist.npz` with the same four arrays."
    lines.append("print(x_train.shape, x_test.shape)")
    return Cell(
        "load",
        "images, and which of ten classes each is",
        f"`x` are images of 28 x 28 pixels from 0 to 255, `y` their labels from 0 to 9. {where}",
        "\n".join(lines),
    )


def _split(config: TrainingConfig) -> Cell:
    lines = ["x_train = x_train[..., np.newaxis].astype(np.float32) / 255"]
    lines.append("x_test = x_test[..., np.newaxis].astype(np.float32) / 255")
    explanation = "Pixels from 0 to 1, and an axis for the channel, as a convolution expects it. "
    if config.validation == "last":
        lines += [
            "last = TRAINING_IMAGES + VALIDATION_IMAGES",
            "x_validation, y_validation = x_train[TRAINING_IMAGES:last], y_train[TRAINING_IMAGES:last]",
        ]
        explanation += "The last training images are held out for *validation*: the network is measured on them after "
        explanation += "every epoch, and never trained on them."
    elif config.validation == "test":
        lines.append("x_validation, y_validation = x_test, y_test")
        explanation += "As in the run, the test images are looked at after every epoch."
    else:
        explanation += "As in the run, no images are held out for validation."
    lines.append("x_train, y_train = x_train[:TRAINING_IMAGES], y_train[:TRAINING_IMAGES]")
    return Cell("split", "pixels from 0 to 1, and which images are for what", explanation, "\n".join(lines))


def _one_hot(config: TrainingConfig) -> Cell:
    lines = [f"y_train_one_hot = keras.utils.to_categorical(y_train, {CLASSES})"]
    if config.validation != "none":
        lines.append(f"y_validation_one_hot = keras.utils.to_categorical(y_validation, {CLASSES})")
    lines.append(f"y_test_one_hot = keras.utils.to_categorical(y_test, {CLASSES})")
    return Cell(
        "one_hot",
        "ten numbers for each label",
        "A 3 becomes ten numbers: 1 at its place and 0 elsewhere (one-hot vector). *Label smoothing*, below, takes a "
        "little of that 1 and gives it to the others, so that the network does not become too sure.",
        "\n".join(lines),
    )


def _network(spec: NetworkSpec) -> Cell:
    lines = ["network = keras.Sequential(", "    [", f"        keras.Input({IMAGE_SHAPE}),"]
    if spec.pixel_scale != 1.0:
        lines.append(f"        layers.Rescaling({literal(float(spec.pixel_scale))}),")
    lines += [f"        {_layer(layer)}," for layer in spec.layers]
    lines += [f'        layers.Dense({CLASSES}, activation="softmax"),', "    ]", ")", "network.summary()"]
    return Cell(
        "network",
        "layers in a row, from image to answer",
        "Each layer is given what the one before puts out. The last one gives ten *probabilities* that add up to 1 "
        "(softmax). The table shows the shape of each output and how many weights are learnt.",
        "\n".join(lines),
    )


def _layer(layer: LayerSpec) -> str:
    assert layer.kind in KINDS, "`summarise` has refused any other"
    options = layer.options()
    positional = _POSITIONAL.get(layer.kind, ())
    arguments = [literal(options[name]) for name in positional]
    arguments += [
        f"{name}={literal(value)}"
        for name, value in options.items()
        if name not in positional and value != _KERAS_DEFAULTS[name]
    ]
    return f"layers.{layer.kind}({', '.join(arguments)})"


def _compile(config: TrainingConfig) -> Cell:
    assert config.optimizer in OPTIMIZERS, "its settings have refused any other"
    arguments = ["learning_rate=LEARNING_RATE"]
    if config.optimizer == "sgd":
        arguments.append(f"momentum={literal(config.momentum)}")
    if config.optimizer == "adam":
        arguments += [
            f"{name}={literal(value)}"
            for name, value, usual in (("beta_1", config.beta_1, 0.9), ("beta_2", config.beta_2, 0.999))
            if value != usual
        ]
    if config.weight_decay:
        arguments.append(f"weight_decay={literal(config.weight_decay)}")
    loss, metrics = '"sparse_categorical_crossentropy"', '["accuracy"]'
    if config.label_smoothing:
        loss = f"keras.losses.CategoricalCrossentropy(label_smoothing={literal(config.label_smoothing)})"
        metrics = '["accuracy", keras.metrics.CategoricalCrossentropy(name="cross_entropy")]'
    lines = [
        "network.compile(",
        f"    optimizer=keras.optimizers.{_CLASSES_OF_OPTIMIZERS[config.optimizer]}({', '.join(arguments)}),",
        f"    loss={loss},",
        f"    metrics={metrics},",
        ")",
    ]
    return Cell(
        "compile",
        "how it is trained and measured",
        "The *loss* (cross-entropy) is small where the label has a high probability. The *optimizer* is the rule that "
        "turns its gradient into a change of all weights. *Accuracy* is the share of correct predictions.",
        "\n".join(lines),
    )


_ONE_CYCLE: Final = '''class OneCycle(keras.callbacks.Callback):
    """The learning rate rises for 30 % of the steps, then falls to almost nothing."""

    def on_train_begin(self, logs=None):
        self.step, self.steps = 0, -(-TRAINING_IMAGES // BATCH_SIZE) * EPOCHS

    def on_train_batch_begin(self, batch, logs=None):
        share = self.step / max(1, self.steps - 1)
        factor = np.interp(share, [0, 0.3, 1], [1 / 25, 1, 1 / 250_000])
        self.model.optimizer.learning_rate = LEARNING_RATE * factor
        self.step += 1'''
_STOP_AT_TARGET: Final = '''class StopAtTarget(keras.callbacks.Callback):
    """Training ends as soon as an epoch exceeds the wanted accuracy."""

    def on_epoch_end(self, epoch, logs=None):
        if logs[{measure}] > {target}:
            self.model.stop_training = True'''
_TIME_LIMIT: Final = '''class TimeLimit(keras.callbacks.Callback):
    """Training ends after so many seconds, whatever has been reached."""

    def on_train_begin(self, logs=None):
        self.start = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() - self.start >= {seconds}:
            self.model.stop_training = True'''


def _callbacks(config: TrainingConfig) -> list[Cell]:
    """Returns the part that changes the learning rate or ends the training early; none if nothing does."""
    parts, used = [], []
    if config.schedule == "one_cycle":
        parts.append(_ONE_CYCLE)
        used.append("OneCycle()")
    if config.target_accuracy is not None:
        measure = "accuracy" if config.target_measure == "training" else "val_accuracy"
        parts.append(_STOP_AT_TARGET.format(measure=literal(measure), target=literal(float(config.target_accuracy))))
        used.append("StopAtTarget()")
    if config.time_limit_seconds is not None:
        parts.append(_TIME_LIMIT.format(seconds=literal(float(config.time_limit_seconds))))
        used.append("TimeLimit()")
    if config.patience is not None:
        monitor = "val_cross_entropy" if config.label_smoothing else "val_loss"
        used.append(f'keras.callbacks.EarlyStopping({literal(monitor)}, mode="min", patience={config.patience})')
    if not used:
        return []
    parts.append(f"callbacks = [{', '.join(used)}]")
    return [
        Cell(
            "callbacks",
            "called while it is trained",
            "Keras calls these after every batch or epoch. They change the learning rate, or end the training early.",
            "\n\n\n".join(parts),
        )
    ]


def _fit(config: TrainingConfig) -> Cell:
    suffix = "_one_hot" if config.label_smoothing else ""
    lines = [
        "history = network.fit(",
        "    x_train,",
        f"    y_train{suffix},",
        "    batch_size=BATCH_SIZE,",
        "    epochs=EPOCHS,",
    ]
    if config.validation != "none":
        lines.append(f"    validation_data=(x_validation, y_validation{suffix}),")
    if _callbacks(config):
        lines.append("    callbacks=callbacks,")
    lines += ["    verbose=2,", ")"]
    return Cell(
        "fit",
        "training",
        "In each step the network predicts a batch, and every weight is moved a little so that the loss falls.",
        "\n".join(lines),
    )


def _evaluate(config: TrainingConfig) -> Cell:
    labels = "y_test_one_hot" if config.label_smoothing else "y_test"
    lines = [
        f"results = network.evaluate(x_test, {labels}, verbose=0, return_dict=True)",
        'accuracy = results["accuracy"]',
        'print(f"{TITLE}: test accuracy {accuracy:.4f}")',
    ]
    return Cell(
        "evaluate",
        "images that it was not trained on",
        "The test images are for the last look, not for choosing settings.",
        "\n".join(lines),
    )


def _mistakes() -> Cell:
    lines = [
        "predictions = network.predict(x_test, verbose=0).argmax(axis=1)",
        f"table = np.zeros(({CLASSES}, {CLASSES}), int)",
        "np.add.at(table, (y_test, predictions), 1)",
        "print(table)",
        "mistakes = np.flatnonzero(predictions != y_test)",
        'print(len(mistakes), "mistakes, the first ones:", mistakes[:20])',
    ]
    return Cell(
        "mistakes",
        "rows are labels, columns predictions",
        "The *confusion matrix*: what lies off its diagonal are mistakes.",
        "\n".join(lines),
    )


def _save() -> Cell:
    lines = [
        'network.save("network.keras")',
        'Path("network.json").write_text(network.to_json(), encoding="utf-8")',
        'network.save_weights("network.weights.h5")',
    ]
    return Cell(
        "save",
        "the whole network, its architecture as text, its weights",
        "`network.keras` holds everything: `keras.models.load_model` opens it. The other two files hold the layers "
        "alone and the weights alone.",
        "\n".join(lines),
    )
