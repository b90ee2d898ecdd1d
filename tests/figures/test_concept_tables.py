"""Tables and pictures of How it works: what they show of numbers that a window leaves empty."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from model_lib.figures.concepts.tables import number_table, window_picture
from model_lib.layers.receptive_field import Box


def test_a_picture_shows_its_numbers_beside_empty_places() -> None:
    numbers = np.full((3, 4), np.nan)
    numbers[:2, :2] = [[0.0, 1.0], [2.0, 4.0]]
    figure = window_picture(numbers, "title", Box(0, 0, 1, 1)).to_dict()
    (image,) = [trace for trace in figure["data"] if trace["type"] == "image"]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(image["source"].split(",")[1]))).convert("RGBA"))
    assert pixels.shape == (3, 4, 4)
    assert (pixels[:2, :2, 3] == 255).all() and (pixels[2:, :, 3] == 0).all() and (pixels[:, 2:, 3] == 0).all()
    np.testing.assert_array_equal(pixels[0, 0, :3], 0)
    assert pixels[1, 1, :3].min() > 250


def test_a_cell_of_a_table_answers_to_a_click_with_its_row_and_column() -> None:
    figure = number_table(np.arange(6.0).reshape(2, 3), "title").to_dict()
    (targets,) = [trace for trace in figure["data"] if "customdata" in trace]
    assert targets["customdata"] == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
