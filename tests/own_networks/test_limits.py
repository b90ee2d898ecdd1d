"""A network that would keep the server busy for an hour is refused; every one of the app's own passes."""

from __future__ import annotations

import numpy as np
import pytest

from model_lib.config.network import LayerSpec, NetworkError
from model_lib.config.presets import PRESETS
from model_lib.own_networks.limits import check_cost
from model_lib.own_networks.reading import _checked
from model_lib.own_networks.run_texts import read_spec
from model_lib.own_networks.zip_members import RunZipError

_LAYERS = [{"kind": "Conv2D", "filters": 512, "kernel_size": 3, "padding": "same"}] * 3 + [
    {"kind": "GlobalAveragePooling2D"}
]


def test_three_wide_convolutions_on_the_whole_image_are_refused_however_they_come() -> None:
    words = "up to 200,000,000 multiplications for an image. Received: 3,7"
    with pytest.raises(RunZipError, match=words):
        read_spec({"format": 1, "name": "own", "layers": _LAYERS})
    shapes = [(3, 3, 1, 512), (512,), (3, 3, 512, 512), (512,), (3, 3, 512, 512), (512,), (512, 10), (10,)]
    weights = tuple(np.zeros(shape, np.float32) for shape in shapes)
    with pytest.raises(NetworkError, match=words):
        _checked({"layers": _LAYERS, "scale": 1.0, "notes": []}, weights)


@pytest.mark.parametrize("name", PRESETS)
def test_every_network_of_the_app_may_be_brought(name: str) -> None:
    check_cost(PRESETS[name])


def test_a_deep_network_as_they_are_trained_on_graphics_cards_may_be_brought() -> None:
    def layers(*filters: int) -> list[LayerSpec]:
        return [LayerSpec.from_dict(_LAYERS[0] | {"filters": each}) for each in filters]

    pool = LayerSpec.from_dict({"kind": "MaxPooling2D"})
    flat = LayerSpec.from_dict({"kind": "GlobalAveragePooling2D"})
    stack = [*layers(64, 64), pool, *layers(128, 128), pool, *layers(256, 256, 256), flat]
    check_cost(type(PRESETS["mlp"])("own", tuple(stack)))
