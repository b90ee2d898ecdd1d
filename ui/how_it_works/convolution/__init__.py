"""Screens of what lies between the image and the dense layers: convolution, padding, pooling, and their parameters."""
