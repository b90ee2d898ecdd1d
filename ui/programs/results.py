"""What a part of a program gives: shapes, a table, a batch; what needs no training."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Final

import numpy as np
import streamlit as st

from model_lib.config.presets import PRESET_CONFIGS, PRESETS
from model_lib.config.summary import summarise
from model_lib.config.training import planned_steps
from model_lib.datasets.browsing import one_hot, shape_line
from model_lib.datasets.loading import CLASSES
from model_lib.figures.data.statistics import sheet_figure
from model_lib.programs.source import Part, Program, parameter_arithmetic
from ui.shared.charts import show_chart
from ui.shared.loaders import dataset

_DATASET: Final = "mnist"
_FIRST: Final = 10
_MOST_OF_A_BATCH: Final = 100


def show_result(program: Program, part: Part) -> bool:
    """Shows what a part gives without any training; returns whether there is such a result."""
    if part.layer is not None:
        _show_layer(part)
        return True
    show = _RESULTS.get(part.kind)
    if show is not None:
        show(program)
    return show is not None


def printed(*lines: object) -> None:
    """Shows lines as a terminal would."""
    st.code("\n".join(str(line) for line in lines), language=None, wrap_lines=True)


def _show_imports(program: Program) -> None:
    st.markdown("Installed here:")
    printed(*(f"{name} {version(name)}" for name in ("keras", "tensorflow", "numpy")))


def _show_settings(program: Program) -> None:
    config = PRESET_CONFIGS[program.name]
    steps = planned_steps(config)
    st.markdown(
        f"{steps // config.epochs:,} steps an epoch, {steps:,} steps in {config.epochs} epochs; each looks at "
        f"{config.batch_size} images."
    )


def _show_arrays(program: Program) -> None:
    data = dataset(_DATASET)
    arrays = {"train": data.train, "test": data.test}
    for part, split in arrays.items():
        printed(shape_line(f"x_{part}", split.images), shape_line(f"y_{part}", split.labels))
    _show_images(f"first-{_FIRST}", _FIRST, f"The first {_FIRST} training images, each with its label.")


def _show_scaled(program: Program) -> None:
    before = dataset(_DATASET).train.images
    row = before[0, 14, 10:15]
    printed("x_train[0, 14, 10:15]", row, np.array2string(row / 255, precision=3, suppress_small=True))
    printed("smallest and largest", f"{before.min()} {before.max()}", f"{before.min() / 255} {before.max() / 255}")
    if "reshape" in program.text or "newaxis" in program.text:
        printed("shape", before.shape, before[..., np.newaxis].shape)


def _show_raw(program: Program) -> None:
    images = dataset(_DATASET).train.images
    printed(f"{images.min()} {images.max()}")


def _show_channels(program: Program) -> None:
    images = dataset(_DATASET).train.images
    printed(
        f"loaded          {images.shape}",
        f"channels last   {images[..., np.newaxis].shape}",
        f"channels first  {images[:, np.newaxis].shape}",
    )


def _show_one_hot(program: Program) -> None:
    labels = dataset(_DATASET).train.labels[:5].tolist()
    printed(*(f"{label}  ->  {one_hot(label)}" for label in labels))


def _show_input(program: Program) -> None:
    printed(shape_line("x_train[0]", dataset(_DATASET).train.images[0]))


def _show_reshape(program: Program) -> None:
    image = dataset(_DATASET).train.images[0]
    printed(f"{image.shape}  ->  {image[..., np.newaxis].shape}")


def _show_table(program: Program) -> None:
    rows = [row for row in summarise(PRESETS[program.name]) if row.kind != "Rescaling"]
    st.table(
        {
            "layer": [f"**{row.kind}** {row.detail}" for row in rows],
            "output shape": [" x ".join(map(str, row.output_shape)) for row in rows],
            "parameters": [f"{row.parameters:,}" for row in rows],
        },
        border="horizontal",
        hide_index=True,
    )
    total, trained = sum(row.parameters for row in rows), sum(row.trainable for row in rows)
    st.markdown(f"**{total:,} parameters**" + (f", {total - trained:,} of them not trained" * (total != trained)))


def _show_layer(part: Part) -> None:
    assert part.layer is not None
    st.table(
        {
            "": ["input", "output", "parameters"],
            part.layer.kind: [
                " x ".join(map(str, part.inputs)),
                " x ".join(map(str, part.layer.output_shape)),
                parameter_arithmetic(part),
            ],
        },
        border="horizontal",
        hide_index=True,
    )


def _show_compiled(program: Program) -> None:
    config = PRESET_CONFIGS[program.name]
    printed(
        f"optimizer        {config.optimizer}",
        f"learning rate    {config.rate:g}",
        f"loss of guessing -log(1/{CLASSES}) = {math.log(CLASSES):.4f}",
    )


def show_batch(program: Program) -> None:
    """Shows the images of a batch with their labels, at most a hundred."""
    size = PRESET_CONFIGS[program.name].batch_size
    count = min(size, _MOST_OF_A_BATCH)
    which = f"A batch of {size} images" + (f", the first {count} of them" * (count < size))
    _show_images(f"batch-{count}", count, f"{which}, with their labels. Every epoch has another order.")


def _show_images(key: str, count: int, words: str) -> None:
    train = dataset(_DATASET).train
    labels = train.labels[:count].tolist()
    figure = sheet_figure(train.images[:count], list(range(count)), labels, -1, "Images with their labels")
    show_chart(figure, f"program-{key}", f"{words} The labels of the first ones: {labels[:5]}.")
    st.caption(words)


# By the kind of a part.
_RESULTS: Final[Mapping[str, Callable[[Program], None]]] = {
    "imports": _show_imports,
    "settings": _show_settings,
    "load": _show_arrays,
    "scale": _show_scaled,
    "raw": _show_raw,
    "channels": _show_channels,
    "one_hot": _show_one_hot,
    "network": _show_table,
    "summary": _show_table,
    "input": _show_input,
    "reshape": _show_reshape,
    "compile": _show_compiled,
    "fit": show_batch,
}
