"""Decodes the PNG of an image trace with Pillow, and Plotly's own grey scale as the oracle of its shades."""

from __future__ import annotations

import base64
import io

import numpy as np
import plotly.colors
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image


def pixels_of(figure: go.Figure) -> NDArray[np.uint8]:
    """Returns (height, width, 4), red, green, blue and opacity of a figure's only image trace."""
    (trace,) = [trace for trace in figure.data if trace.type == "image"]
    return np.array(Image.open(io.BytesIO(base64.b64decode(trace.source.split(",", 1)[1]))).convert("RGBA"))


def greys(fractions: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Returns the red of Plotly's grey scale at fractions from 0 to 1, rounded to 256 steps."""
    steps = (np.asarray(fractions, np.float64) * 255).round() / 255
    sampled = plotly.colors.sample_colorscale("gray", steps.ravel().tolist(), colortype="tuple")
    return (np.array(sampled)[:, 0] * 255).round().astype(np.uint8).reshape(steps.shape)
