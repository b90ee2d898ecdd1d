"""The architecture diagram."""

from __future__ import annotations

import numpy as np

from model_lib.datasets.loading import load_dataset
from model_lib.figures.architecture import layers_figure
from model_lib.layers.layer_reader import LayerReader
from tests.figures.decode import pixels_of
from tests.support.sample_networks import AVERAGED, network_with_random_weights

_READER = LayerReader(AVERAGED, network_with_random_weights(AVERAGED).get_weights())
_OUTPUTS = _READER.read(load_dataset("mnist").test.images[0].astype(np.float32) / 255)


def test_every_layer_is_named_and_clicked_by_name() -> None:
    layers = [(view, _OUTPUTS[view.name]) for view in _READER.views[:4]]
    figure = layers_figure(layers, _READER.views[1].name)
    captions, targets = figure.data[-2:]
    assert list(targets.customdata) == [view.name for view in _READER.views[:4]]
    for view, caption in zip(_READER.views, captions.text, strict=False):
        assert view.title in caption
        assert " x ".join(map(str, view.shape)) in caption
    assert len(figure.layout.shapes) == 3


def test_each_layer_has_its_own_tile_between_transparent_gaps() -> None:
    layers = [(view, _OUTPUTS[view.name]) for view in _READER.views[:2]]
    pixels = pixels_of(layers_figure(layers, None))
    has_ink = (pixels[..., 3] > 0).any(axis=0)
    starts = np.flatnonzero(np.diff(np.concatenate([[0], has_ink.astype(int)])) == 1)
    assert {0, 104} <= set(starts.tolist())
    assert not has_ink[194:].any()
