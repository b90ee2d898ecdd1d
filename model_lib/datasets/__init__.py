"""MNIST, Fashion-MNIST and the user's digits; augmentation; label errors."""

from model_lib.datasets.loading import load_dataset

__all__ = ["load_dataset"]
