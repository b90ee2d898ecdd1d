"""From canvas JSON, strokes or a photo to a 28 x 28 image framed as MNIST's are."""

from model_lib.drawing.strokes import strokes_to_image

__all__ = ["strokes_to_image"]
