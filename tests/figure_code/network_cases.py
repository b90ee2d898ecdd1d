"""The programs that open a network, with the numbers of the app's figures: see `cases`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from model_lib.datasets.loading import Split
from model_lib.diagnostics.log import append_statistics
from model_lib.diagnostics.statistics import LayerStatistics, NetworkStatistics
from model_lib.figure_code.image_source import dataset_source, single_image
from model_lib.interpretability.ablation import ablate
from model_lib.interpretability.attribution import grad_cam, occlusion, saliency
from model_lib.interpretability.feature_visualization import (
    center_receptive_field,
    maximize_activation,
    top_activating_images,
)
from model_lib.interpretability.layer_outputs import FeatureReader
from model_lib.interpretability.nearest_neighbors import neighbor_index
from model_lib.interpretability.penultimate import penultimate_features
from model_lib.layers.convolution_demo import convolve_same, max_pool, random_filters
from model_lib.layers.kernel_images import kernel_images, kernel_norms, one_channel
from model_lib.layers.layer_info import activated_block, activation_layer, block_of
from model_lib.layers.layer_reader import LayerReader
from model_lib.layers.output_trace import ConvTrace, DenseTrace, MaxPoolTrace, MeanTrace, explain_output
from model_lib.layers.receptive_field import receptive_field
from model_lib.predictions import load_pretrained_keras
from model_lib.storage.checkpoints import load_checkpoint
from model_lib.storage.events import EpochEnd, Started, Steps, append_event
from model_lib.storage.history import History
from model_lib.storage.run import Run
from tests.figure_code.cases import MNIST, PENS, PRETRAINED, Arrays, Case

# A three that no file holds: of test images, half of one over half of another, rounded as a drawing is.
_DRAWN: Final = np.rint(MNIST.test.images[[18, 30]].mean(axis=0)).astype(np.float32) / 255


def network_cases(all_kinds: Run, averaged: Run, trained: Run) -> list[Case]:
    """Returns those of Look inside and its further pages, and of the nearest training images.

    Args:
        all_kinds: of `sample_networks.ALL_KINDS`, with its network's file and checkpoints.
        averaged: of `sample_networks.AVERAGED`, alike.
        trained: a dense network that was trained on 6,000 images.
    """
    return [
        *_layer_cases(all_kinds),
        *_arithmetic_cases(all_kinds, averaged, trained),
        *_filter_cases(all_kinds, trained),
        *_attribution_cases(),
        *_dataset_cases(all_kinds, trained),
        *_demo_cases(),
    ]


def _reader(run: Run) -> LayerReader:
    return LayerReader(run.spec, _network(run).get_weights())


def _network(run: Run) -> keras.Model:
    return keras.models.load_model(run.folder / "network.keras")


def _pixels(index: int) -> NDArray[np.float32]:
    return MNIST.test.images[index].astype(np.float32) / 255


def _tiles(maps: NDArray[Any]) -> Arrays:
    return list(np.moveaxis(maps, 2, 0))


def _layer_cases(all_kinds: Run) -> list[Case]:
    run, outputs = str(all_kinds.folder), _reader(all_kinds).read(_pixels(18))
    drawn = _reader(all_kinds).read(_DRAWN)
    own = single_image(_DRAWN)
    pens = _reader(all_kinds).read(PENS.test.images[3].astype(np.float32) / 255)
    choice = {"RUN": run, "IMAGE": 18}
    before = outputs["conv2d_2"].pre_activation
    return [
        Case("look_inside/probabilities", "x", lambda: [100 * outputs["output"].activation], choice),
        Case(
            "look_inside/probabilities",
            "x",
            lambda: [100 * drawn["output"].activation],
            {"RUN": run, "IMAGE": 0},
            (own,),
        ),
        *(
            Case(
                "look_inside/feature_maps",
                "z",
                lambda layer=layer: _tiles(outputs[layer].activation),
                choice | {"LAYER": layer},
            )
            for layer in ("conv2d_1", "batch_normalization_1", "activation_1", "max_pooling2d_1", "conv2d_3")
        ),
        Case(
            "look_inside/feature_maps",
            "z",
            lambda: _tiles(pens["conv2d_2"].activation),
            {"RUN": run, "IMAGE": 3, "LAYER": "conv2d_2"},
            (dataset_source("pen_digits"),),
        ),
        Case(
            "look_inside/feature_maps",
            "z",
            lambda: _tiles(before[..., 2:5]),
            choice | {"LAYER": "conv2d_2", "BEFORE_ACTIVATION": True, "FIRST": 2, "COUNT": 3},
        ),
        Case(
            "look_inside/unit_outputs",
            "y",
            lambda: [outputs["dense_1"].activation],
            choice | {"LAYER": "dense_1"},
        ),
        Case(
            "look_inside/unit_outputs",
            "y",
            lambda: [outputs["dense_1"].pre_activation],
            choice | {"LAYER": "dense_1", "BEFORE_ACTIVATION": True},
        ),
        Case(
            "look_inside/feature_map",
            "z",
            lambda: [outputs["conv2d_3"].activation[..., 3]],
            choice | {"LAYER": "conv2d_3", "FILTER": 3, "ROW": 1, "COLUMN": 2},
        ),
    ]


def _arithmetic_cases(all_kinds: Run, averaged: Run, trained: Run) -> list[Case]:
    def trace(run: Run, layer: str, position: tuple[int, ...], index: int = 18) -> Any:
        reader = _reader(run)
        return explain_output(reader, reader.read(_pixels(index)), layer, position)

    def convolution(layer: str, position: tuple[int, int, int], channel: int) -> Case:
        found = trace(all_kinds, layer, position)
        assert isinstance(found, ConvTrace)
        row, column, unit = position
        values = {"LAYER": layer, "FILTER": unit, "ROW": row, "COLUMN": column, "CHANNEL": channel}
        return Case(
            "look_inside/convolution_output",
            "z",
            lambda: [each[..., channel] for each in (found.patch, found.kernel, found.products)],
            {"RUN": str(all_kinds.folder), "IMAGE": 18} | values,
        )

    dense, pooled, mean = (
        trace(trained, "dense_1", (5,)),
        trace(all_kinds, "max_pooling2d_1", (6, 3, 2)),
        trace(averaged, "global_average_pooling2d_1", (2,)),
    )
    assert isinstance(dense, DenseTrace) and isinstance(pooled, MaxPoolTrace) and isinstance(mean, MeanTrace)
    largest = np.concatenate(dense.largest(10))

    def seen(layer: str, row: int, column: int) -> Case:
        box = receptive_field(_reader(all_kinds).views, layer, (row, column, 0))
        sides = np.array([box.left, box.right, box.top, box.bottom]) - 0.5
        values = {"LAYER": layer, "IMAGE": 18, "ROW": row, "COLUMN": column}
        run = {"RUN": str(all_kinds.folder)}
        return Case("look_inside/receptive_field", "frame", lambda: [sides], run | values)

    return [
        convolution("conv2d_1", (0, 5, 4), 0),  # at the border, where the layer pads
        convolution("conv2d_2", (2, 3, 5), 3),
        convolution("conv2d_3", (4, 4, 1), 2),
        seen("conv2d_1", 0, 5),
        seen("max_pooling2d_1", 6, 3),
        seen("conv2d_3", 1, 4),
        Case(
            "look_inside/dense_output",
            "x",
            lambda: [dense.products[largest]],
            {"RUN": str(trained.folder), "LAYER": "dense_1", "IMAGE": 18, "POSITION": (5,)},
        ),
        Case(
            "look_inside/pooling_output",
            "z",
            lambda: [pooled.block],
            {"RUN": str(all_kinds.folder), "LAYER": "max_pooling2d_1", "IMAGE": 18, "FILTER": 2, "ROW": 6, "COLUMN": 3},
        ),
        Case(
            "look_inside/mean_output",
            "z",
            lambda: [mean.values],
            {"RUN": str(averaged.folder), "LAYER": "global_average_pooling2d_1", "IMAGE": 18, "FILTER": 2},
        ),
    ]


def _filter_cases(all_kinds: Run, trained: Run) -> list[Case]:
    convolution = kernel_images(_reader(all_kinds).weights("conv2d_2"))
    order = np.argsort(-kernel_norms(convolution), kind="stable")
    start, end = ((load_checkpoint(all_kinds.folder, epoch) or [])[5] for epoch in (0, 1))
    assert start.shape == convolution.shape
    dense = kernel_images(_reader(trained).weights("dense_1"))
    run = {"RUN": str(all_kinds.folder), "LAYER": "conv2d_2"}
    return [
        Case(
            "look_inside/filters",
            "z",
            lambda: list(one_channel(convolution, None)[order]),
            run | {"CHANNEL": None, "IS_SORTED": True},
        ),
        Case("look_inside/filters", "z", lambda: list(one_channel(start, 3)), run | {"CHANNEL": 3, "EPOCH": 0}),
        Case(
            "look_inside/filters",
            "z",
            lambda: list(one_channel(end - start, 1)),
            run | {"CHANNEL": 1, "EPOCH": 1, "CHANGED_SINCE": 0},
        ),
        Case(
            "look_inside/filters",
            "z",
            lambda: list(one_channel(dense, 0)[64:128]),
            {"RUN": str(trained.folder), "LAYER": "dense_1", "CHANNEL": 0, "FIRST": 64, "COUNT": 64},
        ),
    ]


def _attribution_cases() -> list[Case]:
    reader = FeatureReader(load_pretrained_keras())
    choice = {"RUN": PRETRAINED, "IMAGE": 18, "CLASS": 3}
    end = reader.views[activated_block(reader.views, "conv2d_3").stop - 1]

    def maximized(layer: str, unit: int) -> Arrays:
        *_, (_, image) = maximize_activation(reader, layer, unit, 20)
        box = center_receptive_field(reader, layer)
        return [image[box.top : box.bottom, box.left : box.right]]

    return [
        Case("further_inside/saliency", "z", lambda: [saliency(reader, _pixels(18), 3)], choice, tolerance=1e-4),
        Case(
            "further_inside/grad_cam",
            "z",
            lambda: [grad_cam(reader, _pixels(18), 3, "conv2d_3")],
            choice | {"LAYER": end.name},
            tolerance=1e-4,
        ),
        Case(
            "further_inside/occlusion",
            "z",
            lambda: [100 * occlusion(reader, _pixels(18), 3, 7)],
            choice | {"SIDE": 7},
            tolerance=1e-4,
        ),
        Case(
            "further_inside/maximization",
            "z",
            lambda: maximized("conv2d_2", 5),
            {"RUN": PRETRAINED, "LAYER": activation_layer(reader.views, "conv2d_2").name, "FILTER": 5, "STEPS": 20},
            tolerance=1e-3,
        ),
        Case(
            "further_inside/maximization",
            "z",
            lambda: maximized("output", 8),
            {"RUN": PRETRAINED, "LAYER": "output", "FILTER": 8, "STEPS": 20},
            tolerance=1e-3,
        ),
    ]


def _dataset_cases(all_kinds: Run, trained: Run) -> list[Case]:
    """Returns those that read hundreds of images or all."""
    reader, dense = FeatureReader(_network(all_kinds)), FeatureReader(_network(trained))
    run, name = str(all_kinds.folder), str(trained.folder)
    end = reader.views[block_of(reader.views, "conv2d_2").stop - 1].name
    test, pens = MNIST.test, (dataset_source("pen_digits"),)  # fewer than MNIST's test images
    values = penultimate_features(dense, test.images[:200]).values

    def ablated() -> Arrays:
        return [100 * ablate(reader, "conv2d_2", filters, PENS.test).by_class for filters in ((), (1, 4))]

    def strongest() -> Arrays:
        found = top_activating_images(reader, "conv2d_2", PENS.test.images).images[3]
        return list(PENS.test.images[found].astype(int))

    def points(count: int) -> NDArray[Any]:
        return PCA(2, random_state=0).fit_transform(values[:count].astype(np.float64))

    def neighbours() -> Arrays:
        data = replace(MNIST, test=Split(test.images[:20], test.labels[:20]))
        found, _ = neighbor_index(dense, data, 2000).nearest_to_test_image(18)
        return list(MNIST.train.images[found].astype(int))

    return [
        Case("further_inside/ablation", "y", ablated, {"RUN": run, "LAYER": end, "SWITCHED_OFF": [1, 4]}, pens),
        Case(
            "further_inside/top_images",
            "z",
            strongest,
            {"RUN": run, "LAYER": end, "FILTER": 3},
            pens,
        ),
        Case(
            "further_inside/embedding_pca",
            "x",
            lambda: [points(200)[:, 0]],
            {"RUN": name, "COUNT": 200},
            # A trace for each label; a component's sign is arbitrary.
            compared=lambda arrays: [np.sort(np.abs(np.concatenate(arrays)))],
        ),
        Case(
            "further_inside/embedding_tsne",
            "x",
            lambda: np.bincount(test.labels[:100]),
            {"RUN": name, "COUNT": 100},
            # A trace for each label, of so many points. Where they lie follows from the last bit of the features.
            compared=lambda arrays: [np.sort([np.size(each) if np.ndim(each) else each for each in arrays])],
        ),
        Case(
            "mistakes/nearest_training_images",
            "z",
            neighbours,
            {"RUN": name, "IMAGE": 18, "TRAINED": 2000},
        ),
    ]


def _demo_cases() -> list[Case]:
    kernels = random_filters(16, 5, 3)
    kernel = [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]
    maps = np.array([convolve_same(_pixels(18), each) for each in kernels])
    return [
        Case(
            "further_inside/convolution",
            "z",
            lambda: [convolve_same(_DRAWN, np.array(kernel))],
            {"IMAGE": 0, "KERNEL": kernel},
            (single_image(_DRAWN),),
        ),
        Case("further_inside/random_filters", "z", lambda: list(max_pool(maps)), {"IMAGE": 18, "SEED": 3}),
        Case(
            "further_inside/random_filters",
            "z",
            lambda: list(maps[:1]),
            {"IMAGE": 18, "SEED": 3, "FILTERS": 1, "POOLED": False},
        ),
    ]


def curve_cases(folder: Path) -> list[Case]:
    """Returns those of a training of 4 epochs of 3 steps that was paused in its second epoch and resumed."""
    rng = np.random.default_rng(0)
    settings = {"steps_per_epoch": 3, "epochs": 4, "images": 90, "parameters": 10}
    append_event(folder, Started(**settings, epoch=0, step=0))
    for epoch, step in ((0, 0), (1, 0), (1, 1), (2, 0), (3, 0)):
        if (epoch, step) == (1, 1):
            append_event(folder, Started(**settings, epoch=1, step=1))  # the two steps after it are done again
        losses, accuracies = (tuple(each) for each in rng.uniform(0, 1, (2, 3 - step)).tolist())
        append_event(folder, Steps(epoch=epoch, step=step, loss=losses, accuracy=accuracies, seconds=1.0))
        if (epoch, step) != (1, 0):
            metrics = {"loss": 0.5, "accuracy": 0.5, "validation_loss": rng.uniform(), "validation_accuracy": 0.9}
            append_event(folder, EpochEnd(epoch=epoch + 1, **metrics, images_per_second=1.0, seconds=1.0))
    history = History(folder).update()

    def curves(measure: str) -> list[Arrays]:
        (steps, values), (epochs, validated) = history.curve(measure), history.epoch_curve(f"validation_{measure}")
        return [(steps / 3, epochs), (values, validated)]

    quantiles = np.sort(rng.normal(size=(3, 9)))
    for step, numbers in zip((0, 4, 9), quantiles, strict=True):
        layer = LayerStatistics(name="dense_1", kind="Dense", units=4, weights=tuple(numbers.tolist()))
        append_statistics(folder, [NetworkStatistics(step=step, images=90, loss=1.0, layers=(layer,))])
    values = {"RUN": str(folder), "LAYER": "dense_1", "NUMBERS": "weights"}
    inside = Case("train/inside", "y", lambda: list(quantiles.T), values)
    return [inside] + [
        Case("train/curves", key, lambda place=place, measure=measure: curves(measure)[place], values)
        for measure in ("loss", "accuracy")
        for values in [{"RUN": str(folder), "MEASURE": measure}]
        for place, key in enumerate("xy")
    ]
