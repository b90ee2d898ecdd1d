"""`python -m benchmarks.drawing.pen_width` measures how wide the pen of MNIST's training images is, in two ways.

1. Twice the area of a line divided by the length of its outline is its width. The area is the sum of the ink, the
   length of the outline is the sum of the slopes: whatever its blur, an edge rises by 1 across itself.
2. The middle line of a stroke is as far from its edge as half the pen is wide: images are enlarged eightfold, cut at
   half of full white, and the distances to the edge are read where they are largest (SciPy's exact transform).

To see what the first one makes of a known pen, the same lines are drawn with pens of known width.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model_lib.datasets.loading import load_dataset
from model_lib.drawing.strokes import PEN_WIDTH, draw_strokes


def width_by_outline(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the width of each image's pen in pixels, (n,), from (n, height, width), 0 to 1."""
    slopes = np.gradient(np.pad(images, ((0, 0), (1, 1), (1, 1))), axis=(1, 2))
    outline = np.hypot(*slopes).sum(axis=(1, 2))
    return np.asarray(2 * images.sum(axis=(1, 2)) / outline)


def width_by_distance(image: NDArray[np.float32], times: int = 8) -> float:
    """Returns the width of one image's pen in pixels."""
    large = ndimage.zoom(image, times, order=1, mode="grid-constant", grid_mode=True) > 0.5
    distance = ndimage.distance_transform_edt(large)
    is_middle = large & (distance == ndimage.maximum_filter(distance, size=9))
    return 2 * float(np.median(distance[is_middle])) / times


def main() -> None:
    """Prints the widths."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2_000, help="how many images the slower second way looks at")
    options = parser.parse_args()
    images = load_dataset("mnist").train.images.astype(np.float32) / 255
    for title, widths in (
        (f"by outline, {len(images):,} training images", width_by_outline(images)),
        (
            f"by distance, {options.images:,} training images",
            np.array([width_by_distance(image) for image in images[: options.images]]),
        ),
    ):
        low, middle, high = np.percentile(widths, [10, 50, 90])
        print(f"{title}: median {middle:.2f} px, mean {widths.mean():.2f}, a tenth below {low:.2f} or above {high:.2f}")
    angles = np.linspace(0, 2 * np.pi, 100)
    circle = np.stack([14 + 7 * np.cos(angles), 14 + 8.5 * np.sin(angles)], axis=1)
    for pen in (2.0, 2.5, 3.0):
        drawn = draw_strokes([circle], 1.0, np.zeros(2), 28, pen)
        print(f"a ring drawn {pen} px wide: by outline {width_by_outline(drawn[None])[0]:.2f}, ", end="")
        print(f"by distance {width_by_distance(drawn):.2f}")
    print(f"the project draws with {PEN_WIDTH} px")


if __name__ == "__main__":
    main()
