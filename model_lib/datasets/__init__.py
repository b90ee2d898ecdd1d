"""MNIST, Fashion-MNIST and the user's own digits; augmentation; disputed labels."""

from model_lib.datasets.loading import load_dataset

__all__ = ["load_dataset"]
