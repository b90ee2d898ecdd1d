"""Segments a picture of several digits side by side by clustering its connected components.

Apart from the segmentation of drawings, which the server needs before anybody has come: SciPy takes a while to load.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model_lib.drawing.segmentation import MOST_STROKES, cluster_strokes


def split_ink(ink: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Segments the ink of a picture into digits side by side; digits that touch each other stay one.

    Args:
        ink: (height, width), 0 (page) to 1 (ink).

    Returns:
        The ink of each digit, from left to right, in pictures of the same size; none for an empty page. The ink as it
        is where it has more than `MOST_STROKES` components.
    """
    components, count = ndimage.label(ink > 0.5, structure=np.ones((3, 3)))
    if count == 0:
        return ()
    if count == 1 or count > MOST_STROKES:
        return (ink,)
    parts = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(components), start=1):
        y, x = np.nonzero(components[rows, columns] == number)
        parts.append(np.column_stack([x + columns.start, y + rows.start]).astype(np.float64))
    # Soft edges belong to the nearest component.
    _, nearest = ndimage.distance_transform_edt(components == 0, return_indices=True)
    owner = components[tuple(nearest)]
    digits = []
    for group in cluster_strokes(parts):
        is_of_group = np.zeros(count + 1, bool)
        is_of_group[np.array(group) + 1] = True
        digits.append(np.where(is_of_group[owner], ink, 0).astype(np.float32))
    return tuple(digits)
